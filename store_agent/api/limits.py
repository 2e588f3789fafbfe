"""What a caller may send at most (G11), and reading a body within it."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import Receive, Scope

from store_agent.api.connections import CONNECTION
from store_agent.errors import BadInput, Busy


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of bodies and of a head, seconds, connections at a time, and calls of one caller a second and at once.

    Seconds are for a head, a body, an answer that is not taken, the whole request, and an unused connection.
    """

    body_bytes_max: int = 262_144
    batch_body_bytes_max: int = 4_194_304
    upload_body_bytes_max: int = 67_108_864
    header_bytes_max: int = 65_536
    header_timeout: float = 10.0
    body_timeout: float = 20.0
    answer_timeout: float = 20.0
    request_timeout: float = 120.0
    idle_timeout: float = 75.0
    connections_max: int = 256
    connections_per_caller_max: int = 64
    rate_per_second: float = 1_000.0
    rate_burst: int = 10_000


class CallerGone(Exception):
    """The caller closed the connection before its request was complete; there is nobody to answer."""


async def read_body(scope: Scope, receive: Receive, bytes_max: int, timeout: float) -> bytes:  # noqa: ASYNC109 - one deadline
    """Read a request's body.

    Raises BadInput `too_large` (413) or `body_timeout` (408), which end the connection where there is more of the body;
    Busy when the agent stops, or CallerGone.
    """
    try:
        _refuse_announced(scope, bytes_max)
        async with asyncio.timeout(timeout):
            return await _collect(receive, bytes_max)
    except asyncio.CancelledError:
        raise Busy("The agent is stopping; nothing was stored. Send the same again in a moment.") from None
    except (BadInput, TimeoutError) as problem:
        scope["extensions"][CONNECTION].hang_up()
        raise (problem if isinstance(problem, BadInput) else _too_late(timeout)) from None


def _refuse_announced(scope: Scope, bytes_max: int) -> None:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > bytes_max:
            raise _too_large(bytes_max)


async def _collect(receive: Receive, bytes_max: int) -> bytes:
    received = bytearray()  # what comes a byte at a time is not copied anew each time
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGone
        received += message.get("body", b"")
        if len(received) > bytes_max:
            raise _too_large(bytes_max)
        if not message.get("more_body", False):
            return bytes(received)


def _too_large(bytes_max: int) -> BadInput:
    return BadInput(
        "too_large",
        f"The body is larger than {bytes_max} bytes; nothing was stored. Send fewer sales in one call.",
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )


def _too_late(timeout: float) -> BadInput:
    return BadInput(
        "body_timeout",
        f"The body did not arrive within {timeout:g} seconds; nothing was stored.",
        status=HTTPStatus.REQUEST_TIMEOUT,
    )
