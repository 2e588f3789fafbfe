"""The business day: `/v1/day`, and closing it for the manager."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.asked import Asked
from store_agent.api.outbox import show_row
from store_agent.api.roles import managers_only
from store_agent.api.seams import Days, Outbox
from store_agent.api.shapes import queue as shapes
from store_agent.api.shapes.container import answered
from store_agent.domain import money
from store_agent.domain.day import KEEPS_OPEN, DayBooks, Tally
from store_agent.domain.events import Event, Tell
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action
from store_agent.domain.summary import count
from store_agent.storage.days import ClosedDay
from store_agent.storage.revisions import Filter, Row

OPEN_SHOWN_MAX = 100
"""Sales listed that keep a day open: more than anybody looks at one by one."""

CLOSED_SHOWN_MAX = 10
"""Closed days listed: the last week and a bit."""


def day_routes(days: Days, outbox: Outbox, tell: Tell) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["day"])

    @router.get(
        "/v1/day",
        summary="The books of the open day, what keeps it open, and the last closed days",
        responses=answered(shapes.Day),
    )
    async def show() -> Response:
        """Give what came in (carried, accepted) and where it is now; `unfinished` is what keeps the day open."""
        books = await days.books()
        rows = [show_row(row) for row in await _keeps_open(outbox)]
        closed = [show_closed(day) for day in await days.closed(CLOSED_SHOWN_MAX)]
        return answers.ok({**show_books(books), "keeps_open": rows, "closed": closed})

    @router.post(
        "/v1/day/close",
        summary="Close the day; needs a reason while sales are unfinished",
        dependencies=[Depends(managers_only)],
        responses=answered(shapes.DayClosed)
        | {409: {"description": "`day_open`: sales are unfinished and no reason is given"}},
    )
    async def close(asked: Asked) -> Response:
        """Unfinished sales are carried into the next day; nothing stops being sent."""
        books, done = await days.close(asked.deed(Action.DAY_CLOSE))
        if not done:
            return answers.error(HTTPStatus.CONFLICT, "day_open", _still_open(books))
        tell(_closed_event(books, asked.by))
        return answers.ok({"closed": books.number, **show_books(books)})

    return router


def show_books(books: DayBooks) -> dict[str, Any]:
    """Give the books as JSON; `since` is seconds since 1970, null for the first day, amounts are strings."""
    return {
        "number": books.number,
        "since": None if books.since is None else books.since / 1000,
        "carried": show_tally(books.carried),
        "accepted": show_tally(books.accepted),
        **{state.value: show_tally(tally) for state, tally in books.by_state.items()},
        "balanced": books.balanced,
        "unfinished": show_tally(books.unfinished),
    }


def show_tally(tally: Tally) -> dict[str, Any]:
    """Give a count of sales and their amount together."""
    return {"sales": tally.revisions, "amount": str(money.from_units(tally.amount))}


def show_closed(day: ClosedDay) -> dict[str, Any]:
    """Give a closed day as JSON; `closed_at` is seconds since 1970."""
    return {
        "number": day.number,
        "closed_at": day.closed_at / 1000,
        "closed_by": day.closed_by,
        "reason": day.reason,
    }


async def _keeps_open(outbox: Outbox) -> list[Row]:
    """Give the oldest sales that keep the day open; one that moves meanwhile is listed once."""
    found: dict[int, Row] = {}
    for state in KEEPS_OPEN:
        page = await outbox.page(0, OPEN_SHOWN_MAX, Filter(state))
        found |= {row.sequence: row for row in page.rows}
    return [found[sequence] for sequence in sorted(found)][:OPEN_SHOWN_MAX]


def _still_open(books: DayBooks) -> str:
    unfinished = books.unfinished
    sending = books.by_state[State.WAITING].revisions + books.by_state[State.FROZEN].revisions
    held, parked = (books.by_state[state].revisions for state in (State.HELD, State.PARKED))
    parts = [
        count(sending, "waits to be sent", "wait to be sent") if sending else "",
        count(held, "is held back", "are held back") if held else "",
        count(parked, "was refused by the platform", "were refused by the platform") if parked else "",
    ]
    cures = [
        "wait until they are sent" if sending else "",
        "release what is held" if held else "",
        "retry or discard what was refused" if parked else "",
        "close the day with a reason: they are then carried into the next day",
    ]
    return (
        f"The day is not closed: {count(unfinished.revisions, 'sale is', 'sales are')} unfinished "
        f"({money.from_units(unfinished.amount):,}): {_listed(parts, 'and')}. They are safe on this machine. "
        f"What to do: {_listed(cures, 'or')}."
    )


def _listed(parts: list[str], joined_by: str) -> str:
    *first, last = [part for part in parts if part]
    return f"{', '.join(first)} {joined_by} {last}" if first else last


def _closed_event(books: DayBooks, who: str) -> Event:
    carried = books.unfinished.revisions
    words = f"Day {books.number} was closed by {who}."
    if carried:
        words += f" {count(carried, 'unfinished sale is', 'unfinished sales are')} carried into the next."
    return Event("day.closed", words, {"number": books.number, "who": who, "carried": carried})
