"""Requests as callers really send them; what is fuzzed are these."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.cards import TRACK_1, VISA
from tests.support.sales import payment, sale

ENDLESS = "/v1/events"
"""An answer that never ends; tests/api/test_events.py reads it."""

HARMFUL = ("/v1/terminals", "/v1/reload")
"""What would shut out the fuzzer's own callers, or read the configuration a thousand times a second."""

SALES = 500
"""Transactions that are sold over and over: what is newer supersedes, so that the queue does not grow without end."""

TILLS_SHARE = 5
"""So many times the calls of tills, of which there are few kinds, so that they are about half of all."""

_NAME = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Recording:
    """A request that is right. `body` is JSON as Python has it, or None."""

    method: str
    path: str
    body: Any = None


def recordings(described: Mapping[str, Any]) -> list[Recording]:
    """Give all there are: those of tills, and a plain call of each operation in /openapi.json."""
    return [*_tills()] * TILLS_SHARE + [*_described(described)]


def _tills() -> Iterator[Recording]:
    odd: dict[str, Any] = {"note": f"card {VISA}", "ünï": "é", "memo": TRACK_1[:4], "deep": [[[{"a": None}]]]}
    sold = [sale(), sale(payments=[payment("P1", user_id="guest@example.com", user_id_type="Email")]), sale(**odd)]
    for one in sold:
        yield Recording("POST", "/api/2.0/send_transaction", {"request_payload": one})
    batch = {"request_payload": {"transactions": sold}}
    yield Recording("POST", "/api/2.0/send_batch_transaction", batch)
    asked = {"user_id": "1", "user_id_type": "Email", "transaction_id": "T-1", "user_offer_id": "O-1"}
    for call in ("lookup", "lock", "redeem", "unlock", "reinstate"):
        yield Recording("POST", f"/api/2.0/{call}", {"request_payload": asked})
    yield Recording("POST", "/v1/receipts", {"transaction_id": "T-1", "payments": ["P1", "P2"]})
    held = {"by": "Ada", "reason": "fuzz", "sequences": [1, 2]}
    for deed in ("retry", "hold", "release"):
        yield Recording("POST", f"/v1/outbox/{deed}", held)


def _described(described: Mapping[str, Any]) -> Iterator[Recording]:
    for path, operations in described["paths"].items():
        if path != ENDLESS and not path.startswith(HARMFUL):
            for method in operations:
                body = {"by": "Ada", "reason": "fuzz"} if method in ("post", "put") else None
                yield Recording(method.upper(), _NAME.sub("1", path), body)


def written(body: Any) -> bytes:
    """Write a body."""
    return b"" if body is None else json.dumps(body).encode()
