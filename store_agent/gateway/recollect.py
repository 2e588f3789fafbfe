"""An answer from memory, marked with its age so that nobody takes it for a new one."""

import contextlib
import json
from collections.abc import Awaitable, Sequence

from store_agent.domain.card_data import masked
from store_agent.domain.card_names import ANSWERS, exempt
from store_agent.domain.counter_answer import Passed
from store_agent.domain.timestamps import stamp
from store_agent.errors import AgentError
from store_agent.gateway.seams import Memory
from store_agent.storage.remembered import Recollection

REMEMBERED_BYTES_MAX = 32_768
"""Larger answers are not remembered; a full look-up has some thousand bytes (G11)."""

_EXEMPT = exempt(ANSWERS)


async def keep_answer(memory: Memory, names: Sequence[tuple[str, str]], offers: Sequence[str], body: bytes) -> None:
    """Remember an answer without card numbers (G16), unless it is too large. Whoever waits gets it in any case."""
    if len(body) > REMEMBERED_BYTES_MAX:
        return
    with contextlib.suppress(AgentError):  # the memory says itself that it fails
        await memory.keep(names, offers, masked(body, _EXEMPT))


async def find_answer(memory: Memory, kind: str, value: str) -> Recollection | None:
    """Find the last answer under a name; a memory that fails knows nothing."""
    return await _or_nothing(memory.find(kind, value))


async def find_offer_answer(memory: Memory, offer: str) -> Recollection | None:
    """Find the last answer that an offer was in, in the same way."""
    return await _or_nothing(memory.find_offer(offer))


async def _or_nothing(finding: Awaitable[Recollection | None]) -> Recollection | None:
    try:
        return await finding
    except AgentError:
        return None


def recollected(found: Recollection | None, wall: float, seconds: float, *, marked: bool = True) -> Passed | None:
    """Give a remembered answer as of now, None if there is none or it is older than `seconds`.

    The header Age tells its age in seconds (RFC 9111, section 5.1); where it is `marked`, so does the member
    `remembered` behind the platform's own. One from the future, by a clock that went back, has no age that could be
    told (G14).
    """
    age = None if found is None else wall - found.at / 1000
    if found is None or age is None or not 0 <= age <= seconds:
        return None
    body = found.body
    if marked:
        mark = json.dumps({"age_seconds": int(age), "as_of": stamp(found.at / 1000)})
        body = found.body.rstrip()[:-1] + f', "remembered": {mark}}}'.encode()
    return Passed(200, body, {"Age": str(int(age))})
