"""Whether the platform takes this store: a question that changes nothing, with the store's own credentials."""

import asyncio
from collections.abc import Iterator

from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.agent.ways import Ways
from store_agent.clock import SystemClock
from store_agent.domain.outcome import Delivered, Halted, Outcome, Refused, Transport
from store_agent.errors import ConfigurationError

_NAME = "credentials"
_WAITING = "Sales are taken and wait on this machine until this is mended."


def check(subject: Subject) -> Iterator[Finding]:
    """Ask, and say what the answer means."""
    try:
        outcome = asyncio.run(_ask(subject))
    except ConfigurationError as error:
        yield not_checked(_NAME, str(error))
    else:
        yield describe(outcome)


async def _ask(subject: Subject) -> Outcome:
    ways = Ways(subject.settings, SystemClock())
    try:
        return await ways.platform.ask()
    finally:
        await ways.close()


def describe(outcome: Outcome) -> Finding:
    """Say what an answer to the question means. That nobody is found is the answer that is hoped for."""
    if isinstance(outcome, Delivered | Refused):
        return ok(_NAME, "The platform takes this store's credentials.")
    if isinstance(outcome, Halted):
        return problem(_NAME, outcome.words, _WAITING, outcome.cure)
    if isinstance(outcome, Transport):
        return problem(_NAME, outcome.words, _WAITING, "Mend what is said of dns, tcp and tls first.")
    meaning = "Sales are taken and wait; the agent keeps trying by itself."
    return warning(_NAME, outcome.words, meaning, "Nothing, unless it lasts; then ask the platform.")
