"""Lets the disk fail under the sales of one life of an agent: once, or for a while."""

from collections.abc import Iterable
from itertools import count
from pathlib import Path

from store_agent.sandbox.server import SandboxServer
from tests.power.findings import Tried
from tests.power.till import Till
from tests.power.traced import TracedAgent
from tests.support.sales import sale

RETRY = (503, "retry")
TRIES_MAX = 5
"""Times a till sends the same sale again before the agent counts as not recovered; the disk fails once."""

SALES = 3


class DiskErrors:
    """Makes `calls` (such as fsync,fdatasync) of a running agent fail at their first time, their second, and so on.

    The agent is the same process all along, so that each point shows that it recovered from the one before. In the end
    it is killed, and what it left is looked at.
    """

    def __init__(self, traced: TracedAgent, platform: SandboxServer, calls: str, files: tuple[Path, ...] = ()) -> None:
        self._traced = traced
        self._till = Till(traced.agent, platform)
        self._calls = calls
        self._files = files
        self._tried = Tried()
        self._names = count(1)
        traced.start()

    def once(self, numbers: Iterable[int] | None = None) -> Tried:
        """Fail at one call of a sale: at each of `numbers`, or at all until a sale goes through without a failure."""
        for number in numbers or count(1):
            with self._traced.fault(f"{self._calls}:error=EIO:when={number}", self._files):
                self._sell_until_taken(number)
                if not self._traced.failed_calls():
                    break
            self._tried.points += 1
        return self._end()

    def for_a_while(self, numbers: Iterable[int]) -> Tried:
        """Fail at one call and at all that follow for some sales: none of those can be durable, so none is a 200."""
        for number in numbers:
            with self._traced.fault(f"{self._calls}:error=EIO:when={number}+", self._files):
                for _ in range(SALES):
                    failing = self._traced.failed_calls() > 0
                    if self._till.sell(self._sale()) and failing:
                        self._say(number, "a sale was answered with 200 while no sync worked")
                assert self._traced.failed_calls()
            self._tried.points += 1
        return self._end()

    def _sell_until_taken(self, number: int) -> None:
        """Send a sale until it is answered with 200, and see it arrive."""
        chosen = self._sale()
        if not any(self._till.sell(chosen) for _ in range(TRIES_MAX)):
            self._say(number, f"not taken in {TRIES_MAX} tries, the last answer was {self._till.refusals[-1]}")
        self._traced.agent.wait_for_outbox(waiting=0, frozen=0)

    def _end(self) -> Tried:
        """Look what became of all sales, in this process and in the next."""
        for refusal in set(self._till.refusals) - {RETRY}:
            self._say("some", f"answered {refusal} on an error of the disk")
        self._tried.add(self._till.look(), "the same process", points=0)
        self._tried.acknowledged = 0
        self._traced.start_whole()
        self._tried.add(self._till.look(), "the next process", points=0)
        return self._tried

    def _say(self, number: object, words: str) -> None:
        self._tried.words.append(f"{self._calls} failing at {number}: {words}")

    def _sale(self) -> dict[str, object]:
        return sale(f"T-{next(self._names)}")
