"""Kills an agent at its first sync, its second, and so on, until a story ends without a kill."""

from collections.abc import Callable, Iterable

import httpx

from store_agent.sandbox.server import SandboxServer
from tests.power.findings import Found, Tried
from tests.power.till import Till
from tests.power.traced import SYNCS, TracedAgent

SYNCS_MAX = 200
"""More syncs than any story needs; one that never ends without a kill is a fault of the story."""

Story = Callable[[Till, TracedAgent, SandboxServer], None]
"""Told to an agent that may die at any moment; httpx.TransportError ends it."""


class Kills:
    """Tries the points of a story. `make_till` gives the till of each life, which may know sales of before.

    Sales in `elsewhere` arrived before the story began. `from_start` counts the syncs of the agent's start, too.
    """

    def __init__(
        self,
        traced: TracedAgent,
        platform: SandboxServer,
        story: Story,
        *,
        make_till: Callable[[], Till] | None = None,
        elsewhere: frozenset[str] = frozenset(),
        from_start: bool = False,
    ) -> None:
        self._traced = traced
        self._platform = platform
        self._story = story
        self._make_till = make_till or (lambda: Till(traced.agent, platform))
        self._elsewhere = elsewhere
        self._from_start = from_start

    def every(self) -> Tried:
        """Kill at each sync until the story ends without a kill."""
        tried = Tried()
        for number in range(1, SYNCS_MAX):
            found = self.at(number)
            if found is None:
                syncing = self._traced.syncs()
                assert len(syncing) == 1, f"strace counts by thread, and more than one syncs: {syncing}"
                return tried
            tried.add(found, f"killed at sync {number}")
        raise AssertionError("the story never ended without a kill")

    def some(self, numbers: Iterable[int]) -> Tried:
        """Kill at some syncs, all of which the story has."""
        tried = Tried()
        for number in numbers:
            found = self.at(number)
            assert found is not None, f"the story ended before sync {number}"
            tried.add(found, f"killed at sync {number}")
        return tried

    def at(self, number: int) -> Found | None:
        """Kill at one sync and see what is left; None if the story ended before."""
        self._platform.forget()
        till = self._make_till()
        injection = f"{SYNCS}:signal=KILL:when={number}"
        killed = self._dies_from_start(till, injection) if self._from_start else self._dies(till, injection)
        if not killed:
            return None
        self._traced.start_whole()
        return till.look(self._elsewhere)

    def _dies(self, till: Till, injection: str) -> bool:
        self._traced.start()
        with self._traced.fault(injection):
            return self._lives_through(till)

    def _dies_from_start(self, till: Till, injection: str) -> bool:
        return not self._traced.start_with(injection) or self._lives_through(till)

    def _lives_through(self, till: Till) -> bool:
        """Tell the story; gives whether the agent died in it."""
        try:
            self._story(till, self._traced, self._platform)
        except httpx.TransportError:
            self._traced.wait_for_end()
        return self._traced.killed()
