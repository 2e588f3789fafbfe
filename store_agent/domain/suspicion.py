"""Whether a call that fails speaks against the line, or against the one request (G6).

A request that fails again and again while others are answered is the culprit itself: a page of a firewall for one
item's name, a record that the platform always times out on. It must neither hold up the others nor make the line look
down; its bytes stay as they are (G3), and it rests between its tries.
"""

from dataclasses import replace

from store_agent.domain.batch import FrozenBatch
from store_agent.domain.link import Link, blames
from store_agent.domain.outcome import Halted, Outcome, PlatformFailure, Transport
from store_agent.domain.settle import PLATFORM_FAILURES_MAX

TRIES_MAX = 3
"""Tries in a row without an answer, after which another request is tried beside it."""


def answered(outcome: Outcome) -> bool:
    """Tell whether the platform itself answered, in whatever way, and took the credentials."""
    return not isinstance(outcome, Transport | Halted)


def speaks(outcome: Outcome, batch: FrozenBatch) -> bool:
    """Tell whether an outcome says something about the line and the platform, and not only about its batch."""
    if isinstance(outcome, PlatformFailure):
        return len(batch.members) > 1 or batch.platform_failures < PLATFORM_FAILURES_MAX
    return answered(outcome) or not batch.suspect


def in_question(link: Link, outcome: Outcome, batch: FrozenBatch) -> bool:
    """Tell whether it is open if a 5xx speaks against its batch or against the platform, as the line was before it."""
    known = batch.platform_failures >= PLATFORM_FAILURES_MAX or blames(link)
    return isinstance(outcome, PlatformFailure) and not known


def tried(batch: FrozenBatch, outcome: Outcome, answers: int) -> FrozenBatch:
    """Return a batch after a try that did not end it; `answers` counts what the platform has answered so far."""
    batch = replace(batch, tries=batch.tries + 1)
    if answered(outcome):
        return replace(batch, failures=0, suspect=False)
    others_answered = batch.failures > 0 and answers > batch.answers_seen
    failures = batch.failures + 1
    suspect = batch.suspect or (others_answered and failures >= TRIES_MAX)
    return replace(batch, failures=failures, answers_seen=answers, suspect=suspect)
