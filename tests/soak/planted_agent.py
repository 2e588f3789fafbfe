"""The agent with a bug in it, for the controls: `python -m tests.soak.planted_agent BUG DAY_SECONDS run -c ...`."""

import os
import sys
import uuid
from dataclasses import replace
from typing import Any

from store_agent.cloud.sessionm.platform import SessionM
from store_agent.domain.batch import FrozenBatch
from store_agent.domain.outcome import Delivered, Outcome
from tests.soak.hurried_agent import hurry

EVERY = 3
"""Requests from one that goes wrong to the next."""

LEAKED_BYTES = 2_000_000
"""Kept for good with each request."""

_send = SessionM.send
_kept: list[Any] = []


async def lose(platform: SessionM, batch: FrozenBatch, body: bytes) -> Outcome:
    """Take one request in EVERY for delivered without sending it."""
    _kept.append(None)
    return Delivered() if len(_kept) % EVERY == 0 else await _send(platform, batch, body)


async def double(platform: SessionM, batch: FrozenBatch, body: bytes) -> Outcome:
    """Send one request in EVERY again under another request_id."""
    _kept.append(None)
    if len(_kept) % EVERY == 0:
        await _send(platform, batch, body)
        again = replace(batch, request_id=str(uuid.uuid4()))
        return await _send(platform, again, body.replace(batch.request_id.encode(), again.request_id.encode()))
    return await _send(platform, batch, body)


async def leak(platform: SessionM, batch: FrozenBatch, body: bytes) -> Outcome:
    """Keep memory and a file with each request."""
    _kept.append((b"x" * LEAKED_BYTES, os.dup(sys.stderr.fileno())))
    return await _send(platform, batch, body)


BUGS = {"lose": lose, "double": double, "leak": leak}

if __name__ == "__main__":
    setattr(SessionM, "send", BUGS[sys.argv.pop(1)])  # noqa: B010 - a method is not assigned to
    hurry()
