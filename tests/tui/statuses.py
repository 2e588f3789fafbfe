"""What the agent's own status route says of a state of the store that a test makes up."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import FastAPI

from store_agent.agent.overview import Overview
from store_agent.agent.schedule import Done
from store_agent.api.entrance import Entrance
from store_agent.api.status import StoreStatus, status_routes
from store_agent.domain.day import NOTHING, Tally
from store_agent.domain.lifecycle import State
from store_agent.domain.link import Link, LinkState
from store_agent.domain.skew import Skew
from store_agent.domain.space import Outlook, Room, words
from store_agent.storage.books import Books
from store_agent.storage.incidents import Incident
from store_agent.storage.remembered import Nothing

NOW = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""

ONLINE = Link(since=NOW - 3_600, contacted=True)
NOT_CONTACTED = Link(since=NOW - 60)
OFFLINE = Link(since=NOW - 480, state=LinkState.BACKING_OFF, reason="The platform cannot be reached.", contacted=True)
HALTED = Link(
    since=NOW - 7_200,
    state=LinkState.HALTED,
    reason="The platform refuses the credentials.",
    cure="Put the new API key into the configuration.",
    contacted=True,
)


@dataclass
class Store:
    """The state of a store; all is well by default. `oldest` is the age in seconds of what waits longest."""

    link: Link = ONLINE
    tallies: dict[State, Tally] = field(default_factory=dict)
    missing: int = 0
    oldest: float | None = None
    room: Room = Room.PLENTY
    outlook: Outlook | None = field(default_factory=lambda: Outlook(90_000, 180_000.0))
    incidents: tuple[str, ...] = ()
    failing: dict[str, str] = field(default_factory=dict)
    ahead: float | None = 0.0
    calls: dict[State, int] = field(default_factory=dict)

    async def status(self) -> dict[str, Any]:
        """Ask the real route for it."""
        app = FastAPI()
        app.include_router(
            status_routes(self._store(), unknown=_as_any(words=_no_words), health=_as_any(problems=list))
        )
        return await asked(app)

    def _store(self) -> StoreStatus:
        return StoreStatus(
            _Books(self._books()),
            _as_any(link=self.link),
            _Damage(self.incidents),
            space=_as_any(
                room=self.room,
                free=1_500_000_000,
                reserved=0,
                outlook=self.outlook,
                words=words(self.room, 1_500_000_000, 2_000_000_000, self.outlook),
            ),
            overview=self._overview(),
            spool=_as_any(trouble=_no_words),
            clock=_as_any(wall=lambda: NOW),
        )

    def _books(self) -> Books:
        states = {state: self.tallies.get(state, NOTHING) for state in State}
        accepted = sum((tally for tally in states.values()), Tally(self.missing, 0))
        oldest = None if self.oldest is None else int((NOW - self.oldest) * 1_000)
        return Books(accepted, states, oldest, self.calls)

    def _overview(self) -> Overview:
        done = {name: Done(60.0, NOW - 7_200, self.failing.get(name, "")) for name in ("backup", "heartbeat", "space")}
        skew = None if self.ahead is None else Skew(self.ahead, 1.0)
        parts: Any = SimpleNamespace(ways=SimpleNamespace(platform=SimpleNamespace(skew=skew)), done=done)
        return Overview(parts, parts, Nothing(""), _as_any(made_at=NOW - 7_200))


async def starting(said: str | None = None) -> dict[str, Any]:
    """Ask an agent that has not opened its database; `said`: why it takes longer."""
    entrance = Entrance(["agent"])
    if said is not None:
        entrance.wait(said, full=True)
    return await asked(entrance)


async def asked(app: Any) -> dict[str, Any]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent") as client:
        payload: dict[str, Any] = (await client.get("/v1/status")).json()["payload"]
        return payload


class _Books:
    def __init__(self, books: Books) -> None:
        self._books = books

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"The status needs no {name}.")

    async def books(self) -> Books:
        return self._books


class _Damage:
    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words

    async def open(self) -> list[Incident]:
        return [Incident(number, int(NOW * 1_000), said, {}) for number, said in enumerate(self._words, 1)]

    async def acknowledge(self, number: int, who: str, reason: str) -> bool:
        raise AssertionError("The status acknowledges nothing.")


async def _no_words() -> list[str]:
    return []


def _as_any(**members: Any) -> Any:
    return SimpleNamespace(**members)
