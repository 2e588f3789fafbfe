"""The agent's own port: whether it answers there, and makes progress."""

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

from store_agent import __version__
from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.cloud.transport import Answer, NoAnswer, Timeouts, Transport
from store_agent.domain.outcome import Loss
from store_agent.local.address import Address, address_of
from store_agent.storage.control import read_token
from store_agent.storage.terminals import MANAGER

QUICK = Timeouts(connect=2.0, write=2.0, read=5.0, whole=8.0)
"""Seconds; an agent that is well answers in a few thousandths of one."""

_NO_SALES = "No sales can be taken: the tills get no answer."


def check(subject: Subject) -> Iterator[Finding]:
    """Ask the agent for its health, and for its progress."""
    api = subject.settings.api
    token = read_token(subject.settings.storage.directory)
    health, ready = asyncio.run(_ask(address_of(subject.settings), token or ""))
    where = f"port {api.port} on {api.host}"
    if isinstance(health, NoAnswer):
        yield _silent(health, where)
        return
    version = _payload(health).get("version")
    if version is None:
        words = f"Another program answers on {where}."
        cure = "Stop it, or give the agent another api.port and tell it to the POS plugins."
        yield problem("agent", words, _NO_SALES, cure)
        return
    if version == __version__:
        yield ok("agent", f"It answers on {where}.")
    else:
        words = f"Version {version} still runs; {__version__} is installed."
        meaning = "Sales go on; the installed version is not in use."
        yield warning("agent", words, meaning, "systemctl restart store-agent")
    yield _progress(ready) if token else not_checked("agent.progress", "Only the agent's user may ask for that.")


async def _ask(address: Address, token: str) -> tuple[Answer | NoAnswer, Answer | NoAnswer]:
    transport = Transport(address.url, QUICK, trust=address.trust())
    known = {"Authorization": f"Basic {base64.b64encode(f'{MANAGER}:{token}'.encode()).decode('ascii')}"}
    try:
        health = await transport.request("GET", "/healthz", {})
        # The token is for the agent alone, and not for another program on its port.
        ours = isinstance(health, Answer) and "version" in _payload(health)
        return health, await transport.request("GET", "/readyz", known) if ours else health
    finally:
        await transport.close()


def _silent(answer: NoAnswer, where: str) -> Finding:
    if answer.loss is Loss.LINE:
        words = f"It does not run: nothing listens on {where}."
        return problem("agent", words, _NO_SALES, "systemctl start store-agent, and look at its log if it stays down.")
    words = f"What listens on {where} does not answer: {answer.words}."
    cure = "Look at the agent's log; restart it, or stop the program that has its port."
    return problem("agent", words, _NO_SALES, cure)


def _progress(ready: Answer | NoAnswer) -> Finding:
    name = "agent.progress"
    if isinstance(ready, NoAnswer):
        words, cure = f"It does not say whether it is ready: {ready.words}.", "Look at its log."
        return problem(name, words, "Sales may not be stored.", cure)
    if _payload(ready).get("ready"):
        return ok(name, "Sales are stored, and sending moves.")
    errors = _container(ready).get("errors")
    said = errors.get("message") if isinstance(errors, dict) else None
    return problem(name, str(said), "Sales may be refused, or may not be sent.", "Look at the agent's log.")


def _payload(answer: Answer) -> dict[str, Any]:
    payload = _container(answer).get("payload")
    return payload if isinstance(payload, dict) else {}


def _container(answer: Answer) -> dict[str, Any]:
    try:
        value = json.loads(answer.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
