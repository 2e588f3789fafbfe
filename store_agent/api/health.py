"""How the store is, in one small document for tools that watch many machines: `/v1/health`."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

from fastapi import APIRouter
from starlette.responses import Response

from store_agent import __version__
from store_agent.api import answers
from store_agent.api.shapes import status as shapes
from store_agent.api.shapes.container import answered
from store_agent.api.spool import Spool, Standing
from store_agent.api.status import StoreStatus
from store_agent.api.watch_seams import Health
from store_agent.clock import Clock
from store_agent.domain.health import Vitals, judge
from store_agent.domain.lifecycle import OPEN, State
from store_agent.domain.link import LinkState
from store_agent.domain.space import Room


class Watched(Protocol):
    """What is looked at beside the status."""

    @property
    def health(self) -> Health:
        """Whether the agent makes progress."""
        ...

    @property
    def spool(self) -> Spool:
        """The printers."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...


def health_routes(store: StoreStatus, watched: Watched, backup_every: float) -> APIRouter:
    """Make the route; `backup_every` is how many seconds apart backups are to be."""
    router = APIRouter(tags=["status"])

    @router.get(
        "/v1/health",
        summary="A verdict with its reasons, for tools that watch many machines; without amounts and names",
        responses=answered(shapes.StoreHealth),
    )
    async def health() -> Response:
        status, printers = await store.read(), await watched.spool.standings()
        stuck = bool(watched.health.problems())
        vitals = vitals_of(status, printers, stuck=stuck, now=watched.clock.wall(), backup_every=backup_every)
        judged = judge(vitals)
        return answers.ok(
            {
                "verdict": judged.verdict.value,
                "words": judged.words,
                "findings": [asdict(finding) for finding in judged.findings],
                "waiting": vitals.waiting,
                "oldest_waiting_seconds": vitals.oldest,
                "link": vitals.link.value,
                "version": __version__,
            }
        )

    return router


def vitals_of(
    status: Mapping[str, Any], printers: Iterable[Standing], *, stuck: bool, now: float, backup_every: float
) -> Vitals:
    """Take from the status what the verdict looks at. `now` is wall time in seconds."""
    outbox, made_at = status["outbox"], status["backup"]["made_at"]
    failing = [name for name, chore in status["chores"].items() if chore["problem"]]
    return Vitals(
        link=LinkState(status["link"]["state"]),
        waiting=sum(outbox[state.value] for state in OPEN),
        calls=sum(outbox["calls"][state.value] for state in OPEN),
        held=outbox[State.HELD.value],
        oldest=outbox["oldest_waiting_seconds"],
        parked=outbox["parked"],
        balanced=outbox["balanced"],
        room=Room(status["space"]["room"]),
        stuck=stuck,
        incidents=len(status["incidents"]),
        chores=sum(not name.startswith("print.") for name in failing),
        printers=sum(bool(one.waiting and one.trouble) for one in printers),
        clock_ahead=status["clock"]["ahead_seconds"],
        backup_age=None if made_at is None else now - made_at,
        backup_every=backup_every,
    )
