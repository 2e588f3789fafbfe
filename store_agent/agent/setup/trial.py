"""Trying the credentials: a question to the platform that changes nothing, and what its answer means."""

import asyncio
import re
from enum import StrEnum
from typing import NamedTuple

from store_agent.agent.doctor.finding import State
from store_agent.agent.doctor.platform import ask, describe
from store_agent.config.settings import Settings
from store_agent.domain.outcome import Halted, Outcome, Refused


class Result(StrEnum):
    """What came of it. What is `refused` does not work before somebody mends it; the rest may pass by itself."""

    WORKS = "works"
    REFUSED = "refused"
    NOT_REACHABLE = "not_reachable"
    NOT_TESTED = "not_tested"


class Verdict(NamedTuple):
    """The result, in words, and what mends it, empty if nothing needs to be."""

    result: Result
    words: str
    cure: str = ""


_THEN = re.compile(r"; then:? [^.;]*(?=\.)")
"""What a cure says of an agent that runs; here none runs with this configuration yet."""

NOT_TESTED = Verdict(Result.NOT_TESTED, "The credentials were not tried.")


def try_out(settings: Settings) -> Verdict:
    """Ask the platform as this store, within cloud.call_timeout_seconds. Raises ConfigurationError."""
    return judge(asyncio.run(ask(settings)))


def judge(outcome: Outcome) -> Verdict:
    """Say what an answer to the question means for a store that is being set up."""
    finding = describe(outcome)
    if finding.state is State.OK:
        return Verdict(Result.WORKS, finding.words)
    if isinstance(outcome, Halted | Refused):
        return Verdict(Result.REFUSED, finding.words, _THEN.sub("", finding.cure))
    return Verdict(Result.NOT_REACHABLE, finding.words)
