"""Repairing the queue: retry, hold, release, discard and drain, for the manager (DESIGN, sections 6 and 8)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.asked import REASON_MAX, Asked
from store_agent.api.filters import SaleFilter, Sequence
from store_agent.api.mender import Account, Mender
from store_agent.api.roles import managers_only
from store_agent.api.seams import Line
from store_agent.api.shapes import queue as shapes
from store_agent.api.shapes.container import answered
from store_agent.clock import Clock
from store_agent.domain.link import Link, LinkState
from store_agent.domain.repair import FROM_STATE, Action
from store_agent.domain.summary import count
from store_agent.errors import BadInput, FieldError
from store_agent.storage.repair import REPAIR_MAX, Repaired

Sequences = Annotated[list[Sequence], Field(min_length=1, max_length=REPAIR_MAX)]


class Discarding(Asked):
    """Sales to give up; each is named, and there is a reason."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REASON_MAX)]
    sequences: Sequences


class Choosing(Asked):
    """Sales to do something to: either named, or all that match (`{"all": {}}`: all in the state for the action)."""

    sequences: Sequences | None = None
    matching: SaleFilter | None = Field(None, alias="all")


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"description": "`unknown_sequence`: the one sale that was named does not exist"},
    409: {"description": "`not_possible`: none of the named sales is in the state for this; `fields` say why"},
    503: {"description": "`unfinished`: some were done, then the database failed; ask for the same again"},
}


def repair_routes(mender: Mender, line: Line, clock: Clock) -> APIRouter:
    """Make the routes."""
    router = APIRouter(prefix="/v1/outbox", tags=["repair"], dependencies=[Depends(managers_only)])

    async def choose(action: Action, asked: Choosing) -> Response:
        deed = asked.deed(action)
        sequences, matching = _chosen(asked)
        if matching is None:
            return _show_named(sequences, await mender.mend(deed, sequences))
        return _show_all(await mender.mend_all(deed, matching.among(FROM_STATE[action], clock.wall())))

    @router.post("/retry", summary="Send refused sales again", responses=answered(shapes.Repairs) | _PROBLEMS)
    async def retry(asked: Choosing) -> Response:
        """Parked sales wait again. One whose sale has a newer state on its way or delivered is superseded instead."""
        return await choose(Action.RETRY, asked)

    @router.post("/hold", summary="Keep waiting sales back", responses=answered(shapes.Repairs) | _PROBLEMS)
    async def hold(asked: Choosing) -> Response:
        """Later states of a held sale wait with it."""
        return await choose(Action.HOLD, asked)

    @router.post("/release", summary="Let held sales go", responses=answered(shapes.Repairs) | _PROBLEMS)
    async def release(asked: Choosing) -> Response:
        """Held sales wait to be sent again."""
        return await choose(Action.RELEASE, asked)

    @router.post(
        "/discard", summary="Give up refused sales; needs a reason", responses=answered(shapes.Repairs) | _PROBLEMS
    )
    async def discard(asked: Discarding) -> Response:
        """Parked sales never reach the platform; they stay in the database, with the person and the reason."""
        return _show_named(asked.sequences, await mender.mend(asked.deed(Action.DISCARD), asked.sequences))

    @router.post("/drain", summary="Try to send now, whatever the line was", responses=answered(shapes.Drained))
    async def drain(asked: Asked) -> Response:
        """Refused sales that were parked as part of a fault of the configuration go again."""
        again = await mender.drain(asked.deed(Action.DRAIN))
        return answers.ok({"refused_sent_again": again, "words": _drain_words(line.link, again)})

    return router


def show_repaired(repaired: Repaired) -> dict[str, Any]:
    """Give what became of a sale as JSON; `state` is null if there is no such sale, `problem` null if it was done."""
    state = None if repaired.state is None else repaired.state.value
    return {"sequence": repaired.sequence, "state": state, "problem": repaired.problem or None}


def _chosen(asked: Choosing) -> tuple[list[int], SaleFilter | None]:
    """Return what was chosen. Raises BadInput unless it is exactly one of the two ways."""
    if (asked.sequences is None) == (asked.matching is None):
        message = "give either the sequences of sales, or all with filters ({} for no filter)"
        fields = (FieldError("sequences", message), FieldError("all", message))
        raise BadInput("invalid_field", f"sequences: {message}.", fields=fields)
    return asked.sequences or [], asked.matching


def _show_named(asked: list[int], account: Account) -> Response:
    if account.done:
        return _show(account)
    problems = account.results
    if len(problems) == 1 and problems[0].state is None:
        message = f"There is no sale with sequence {problems[0].sequence}."
        return answers.error(HTTPStatus.NOT_FOUND, "unknown_sequence", message)
    fields = tuple(FieldError(f"sequences.{asked.index(one.sequence)}", one.problem) for one in problems)
    return answers.error(HTTPStatus.CONFLICT, "not_possible", _refusal(problems), fields)


def _refusal(problems: list[Repaired]) -> str:
    first = problems[0]
    words = f"Nothing was done. Sale {first.sequence}: {first.problem}"
    if len(problems) == 1:
        return words
    return f"{words} {count(len(problems) - 1, 'other sale', 'other sales')}: see fields."


def _show_all(account: Account) -> Response:
    if account.failure is None:
        return _show(account)
    message = (
        f"{count(account.done, 'sale was', 'sales were')} done, then the database did not answer as it must; the rest "
        f"is as it was. Ask for the same again in a moment. {account.failure}"
    )
    return answers.error(HTTPStatus.SERVICE_UNAVAILABLE, "unfinished", message)


def _show(account: Account) -> Response:
    results = [show_repaired(repaired) for repaired in account.results]
    return answers.ok({"done": account.done, "not_done": account.not_done, "results": results})


def _drain_words(link: Link, again: int) -> str:
    refused = f" {count(again, 'refused sale goes', 'refused sales go')} again." if again else ""
    if link.state is LinkState.ONLINE and link.contacted:
        return f"The line is up; what waits is being sent.{refused}"
    return f"The line is tried now; what waits goes out as soon as the platform answers.{refused}"
