"""Requests of the SessionM POS API, put together around stored payloads without touching them (G7).

Source: SessionM POS API, General Request Container, Send Transaction API and Batch Send Transaction API.
"""

import json
from collections.abc import Callable, Sequence

from store_agent.domain.batch import Member, Request
from store_agent.domain.container import Identity

SINGLE = "send_transaction"
BATCH = "send_batch_transaction"
LOOKUP = "lookup"


def assemble(members: Sequence[Member], identity: Identity, culture: str | None, mint: Callable[[], str]) -> Request:
    """Make the request for one or more members; they agree in their container fields, as `batch.plan` chose them.

    `culture` is used where the POS sent none.
    """
    request_id = mint()
    single = len(members) == 1
    parts = _opening(identity, request_id)
    if culture and "culture" not in json.loads("{" + members[0].forwarded + "}"):
        parts.append(f'"culture": {json.dumps(culture)}')
    if members[0].forwarded:
        parts.append(members[0].forwarded)
    head = ("{" + ", ".join(parts) + ', "request_payload": ').encode()
    payloads = b", ".join(member.payload for member in members)
    payload = payloads if single else b'{"transactions": [' + payloads + b"]}"
    return Request(request_id, SINGLE if single else BATCH, head + payload + b"}")


def question(identity: Identity, request_id: str) -> bytes:
    """Make a lookup that finds nobody and changes nothing (SessionM POS API, User Lookup)."""
    return ("{" + ", ".join(_opening(identity, request_id)) + ', "request_payload": {"user_id": "0"}}').encode()


def _opening(identity: Identity, request_id: str) -> list[str]:
    return [
        f'"store_id": {json.dumps(identity.store_id)}',
        f'"client_id": {json.dumps(identity.client_id)}',
        f'"request_id": {json.dumps(request_id)}',
    ]
