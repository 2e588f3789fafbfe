"""A queue of any length behind the screen's own calls, which changes between them as a test wants."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from store_agent.tui.calls import Calls
from store_agent.tui.window import Ask, SalePage


class LongQueue:
    """Answers `/v1/outbox` as the agent does, for sales that match a filter; it looks at `scan` of all at a time."""

    def __init__(self, matching: Iterable[int] = (), scan: int = 10_000) -> None:
        self.all: list[int] = sorted(matching)
        self._scan = scan
        agent: Any = self
        self._calls = Calls(agent, agent, "Ada")

    def shown(self, *, newest_first: bool) -> list[int]:
        """Give what there is in the order of a list."""
        return self.all[::-1] if newest_first else list(self.all)

    def add(self, sequences: Iterable[int]) -> None:
        """Have sales match."""
        self.all = sorted({*self.all, *sequences})

    def remove(self, sequences: Iterable[int]) -> None:
        """Have sales match no more."""
        self.all = sorted(set(self.all) - set(sequences))

    def page(self, asked: Ask) -> SalePage:
        """Give the page that the screen would get now."""
        try:
            self._calls.page(asked, {}).send(None)
        except StopIteration as answered:
            page: SalePage = answered.value
            return page
        raise AssertionError("There is nothing to wait for.")

    async def call(self, method: str, path: str) -> dict[str, Any]:
        """Answer a request."""
        asked = {name: int(values[0]) for name, values in parse_qs(urlsplit(path).query).items()}
        assert (method, urlsplit(path).path) == ("GET", "/v1/outbox")
        limit = asked["limit"]
        if "after" in asked:
            after = asked["after"]
            most = after + self._scan
            found = self.all[bisect_right(self.all, after) : bisect_right(self.all, most)][:limit]
            more = bool(self.all) and self.all[-1] > most
        else:
            before = min(asked["before"], (self.all[-1] if self.all else 0) + 1)
            most = before - self._scan
            found = self.all[bisect_left(self.all, most) : bisect_left(self.all, before)][::-1][:limit]
            more = most > 1
        following = found[-1] if len(found) == limit else most if more else None
        rising = "after" in asked
        return {
            "revisions": [{"sequence": sequence} for sequence in found],
            "next_after": following if rising else None,
            "next_before": None if rising else following,
        }
