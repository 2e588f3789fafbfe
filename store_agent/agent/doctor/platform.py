"""Whether the platform takes this store: a question that changes nothing, with the store's own credentials."""

import asyncio
import re
from collections.abc import Iterator

from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.agent.ways import Ways
from store_agent.clock import SystemClock
from store_agent.config.settings import Settings
from store_agent.domain.outcome import Delivered, Halted, Outcome, Refused, Transport
from store_agent.errors import ConfigurationError

_NAME = "credentials"
_STORE = re.compile(r"\bdoes not know (store|client)\b|\b(store|client)_id\b")
"""What the words of a refusal say where it is this store that the platform does not know (cloud.sessionm.refusals)."""

_WAITING = "Sales are taken and wait on this machine until this is mended."


def check(subject: Subject) -> Iterator[Finding]:
    """Ask, and say what the answer means."""
    try:
        outcome = asyncio.run(ask(subject.settings))
    except ConfigurationError as error:
        yield not_checked(_NAME, str(error))
    else:
        yield describe(outcome)


async def ask(settings: Settings) -> Outcome:
    """Ask the platform for a guest that nobody is, as this store. Raises ConfigurationError."""
    ways = Ways(settings, SystemClock())
    try:
        return await ways.platform.ask()
    finally:
        await ways.close()


def describe(outcome: Outcome) -> Finding:
    """Say what an answer to the question means. That nobody is found is the answer that is hoped for."""
    if isinstance(outcome, Refused) and _STORE.search(" ".join((outcome.words, *outcome.fields))):
        cure = "Correct store.store_id and store.client_id, or ask the platform to enable them; then restart the agent."
        return problem(_NAME, outcome.words, _WAITING, cure)
    if isinstance(outcome, Delivered | Refused):
        return ok(_NAME, "The platform takes this store's credentials.")
    if isinstance(outcome, Halted):
        return problem(_NAME, outcome.words, _WAITING, outcome.cure)
    if isinstance(outcome, Transport):
        return problem(_NAME, outcome.words, _WAITING, "Mend what is said of dns, tcp and tls first.")
    meaning = "Sales are taken and wait; the agent keeps trying by itself."
    return warning(_NAME, outcome.words, meaning, "Nothing, unless it lasts; then ask the platform.")
