"""How the store's queue stands: `/v1/status`, `/readyz`, `/healthz`."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from store_agent import __version__
from store_agent.api import answers
from store_agent.api.incidents import show
from store_agent.api.seams import Incidents, Line, Outbox, Space
from store_agent.api.shapes import status as shapes
from store_agent.api.shapes.container import answered
from store_agent.api.spool import Spool
from store_agent.api.unknown import Unknown
from store_agent.api.watch_seams import Health, Overview
from store_agent.clock import Clock
from store_agent.domain import money
from store_agent.domain.lifecycle import OPEN, State
from store_agent.domain.link import Link
from store_agent.domain.space import Outlook
from store_agent.domain.summary import QueueFacts, summarize
from store_agent.storage.books import Books


def status_routes(store: "StoreStatus", unknown: Unknown, health: Health) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["status"])

    @router.get("/healthz", summary="The process answers", responses=answered(shapes.Alive))
    async def healthz() -> Response:
        return answers.ok({"version": __version__})

    @router.get(
        "/readyz", summary="The agent makes progress: sales are stored and sent", responses=answered(shapes.Ready)
    )
    async def readyz() -> Response:
        problems = health.problems()
        if not problems:
            return answers.ok({"ready": True})
        return answers.error(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", " ".join(problems))

    @router.get(
        "/v1/status",
        summary="Line, queue and amounts, also in plain words",
        responses=answered(shapes.Status | shapes.Starting),
    )
    async def status() -> Response:
        found = await store.read()
        found["words"] += [*await unknown.words(), *found["notices"]]
        return answers.ok(found)

    return router


class StoreStatus:
    """Reads how the store stands, once for everybody who tells it: status, health and metrics."""

    def __init__(
        self,
        outbox: Outbox,
        line: Line,
        incidents: Incidents,
        *,
        space: Space,
        overview: Overview,
        spool: Spool,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._line = line
        self._incidents = incidents
        self._space = space
        self._overview = overview
        self._spool = spool
        self._clock = clock

    async def read(self) -> dict[str, Any]:
        """Give the state of the store as JSON; costs the same however many sales wait. Raises Busy or StorageFailure.

        `words` are without the notices, which stand apart.
        """
        found = describe(self._line.link, await self._outbox.books(), self._space, self._clock.wall())
        damage = [show(incident) for incident in await self._incidents.open()]
        found["words"] += _incident_words(damage)
        notices = [*await self._spool.trouble(), *self._overview.words]
        return {**found, "incidents": damage, "notices": notices, **self._overview.as_json()}


def _outlook(outlook: Outlook | None) -> dict[str, Any]:
    """Give how long the room lasts; null where it is not known."""
    if outlook is None:
        return {"sales_left": None, "seconds_left": None}
    return {"sales_left": outlook.sales, "seconds_left": None if outlook.seconds is None else round(outlook.seconds)}


def _incident_words(damage: list[dict[str, Any]]) -> list[str]:
    then = "Once that is done: store-agent incidents acknowledge"
    return [f"{one['words']} {then} {one['number']} --reason TEXT" for one in damage]


def describe(link: Link, books: Books, space: Space, now: float) -> dict[str, Any]:
    """Give the state of the store as JSON (DESIGN, section 7). `now` is wall time in seconds."""
    tallies = [books.by_state[state] for state in OPEN]
    amount = sum(tally.amount for tally in tallies)
    oldest = None if books.oldest_open_at is None else max(0.0, round(now - books.oldest_open_at / 1000, 3))
    calls = sum(books.calls.get(state, 0) for state in OPEN)
    facts = QueueFacts(
        sum(tally.revisions for tally in tallies) - calls,
        amount,
        oldest,
        books.by_state[State.PARKED].revisions,
        calls,
    )
    return {
        "version": __version__,
        "words": [*summarize(link, facts, now), *filter(None, [space.words])],
        "link": {
            "state": link.state.value,
            "since": round(link.since, 3),
            "reason": link.reason,
            "cure": link.cure,
            "contacted": link.contacted,
        },
        "outbox": {
            **{state.value: tally.revisions for state, tally in books.by_state.items()},
            "accepted": books.accepted.revisions,
            "balanced": books.balanced,
            "calls": {state.value: books.calls.get(state, 0) for state in (*OPEN, State.PARKED)},
            "oldest_waiting_seconds": oldest,
            "waiting_amount": str(money.from_units(amount)),
        },
        "space": {
            "room": space.room.value,
            "free_bytes": space.free,
            "reserved_bytes": space.reserved,
            **_outlook(space.outlook),
        },
    }
