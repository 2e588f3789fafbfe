"""What happens, as it happens: `/v1/events`, server-sent events for plugins and screens.

The response is the framework's, the loop is not: its own one raises an error, which would be logged as a bug, when a
listener goes away while it has not read everything.
"""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.responses import StreamingResponse

from store_agent.api.connections import CONNECTION
from store_agent.api.hub import Hub, Told
from store_agent.errors import Busy

QUIET_SECONDS = 15.0
"""After so long without an event a comment shows that the line lives; proxies give up on a silent one after 30 s."""

NUMBER_MAX = 2**63 - 1

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""No proxy keeps events back."""


def event_routes(hub: Hub) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["events"])

    async def room() -> None:
        if hub.full:
            raise Busy("Too many listen to the agent's events already; close a screen and try again.")

    @router.get(
        "/v1/events",
        summary="Server-sent events: changes of line, queue, configuration and day",
        # Named here, the response that is given below would start the framework's own loop.
        response_class=StreamingResponse,
        dependencies=[Depends(room)],
        responses={
            200: {
                "description": "A stream without end",
                "content": {EventSourceResponse.media_type: {"schema": {"type": "string"}}},
            },
            503: {"description": "`busy`: too many listeners"},
        },
    )
    async def events(
        request: Request,
        after: Annotated[int | None, Query(ge=0, le=NUMBER_MAX)] = None,
        last_event_id: Annotated[int | None, Header(ge=0, le=NUMBER_MAX)] = None,
    ) -> EventSourceResponse:
        """`event` is the name, `id` its number, `data` JSON: `at` (seconds since 1970), `name`, `words`, `details`.

        Whoever gives `Last-Event-ID` (or `after`) first gets what was missed, as far as it is kept: 256 events of this
        run of the agent. A listener that falls too far behind is sent away and may come back. A comment comes every 15
        seconds in which nothing happens.
        """
        request.scope["extensions"][CONNECTION].take_time()
        known = after if last_event_id is None else last_event_id
        return EventSourceResponse(_stream(hub, known), headers=_HEADERS)

    return router


async def _stream(hub: Hub, after: int | None) -> AsyncIterator[bytes]:
    async with aclosing(hub.listen(after, QUIET_SECONDS)) as heard:
        async for told in heard:
            yield KEEPALIVE_COMMENT if told is None else written(told)


def written(told: Told) -> bytes:
    """Give an event as it goes out."""
    event = told.event
    data = {"at": told.at, "name": event.name, "words": event.words, "details": event.details}
    return format_sse_event(data_str=json.dumps(data), event=event.name, id=str(told.number))
