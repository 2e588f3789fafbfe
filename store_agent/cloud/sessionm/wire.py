"""Requests of the SessionM POS API, put together around stored payloads without touching them (G7).

Source: SessionM POS API, General Request Container, Send Transaction API and Batch Send Transaction API.
"""

import json
from collections.abc import Callable, Sequence

from store_agent.domain.batch import Member, Request
from store_agent.domain.container import Identity
from store_agent.domain.relayed import is_relayed

API = "/api/2.0/"
"""Path of the POS API; an endpoint is what comes after it."""

SINGLE = "send_transaction"
BATCH = "send_batch_transaction"
LOOKUP = "lookup"


def assemble(members: Sequence[Member], identity: Identity, culture: str | None, mint: Callable[[], str]) -> Request:
    """Make the request for one or more members; they agree in their container fields, as `batch.plan` chose them.

    `culture` is used where the POS sent none.
    """
    request_id = mint()
    first = members[0]
    if first.call is not None:
        body = first.payload if is_relayed(first.call) else enclose(first, identity, culture, request_id)
        return Request(request_id, first.call, body)
    if len(members) == 1:
        return Request(request_id, SINGLE, enclose(first, identity, culture, request_id))
    payloads = b'{"transactions": [' + b", ".join(member.payload for member in members) + b"]}"
    return Request(request_id, BATCH, enclose(first._replace(payload=payloads), identity, culture, request_id))


def enclose(member: Member, identity: Identity, culture: str | None, request_id: str) -> bytes:
    """Put a payload and its container fields into the request container."""
    parts = _opening(identity, request_id)
    if culture and "culture" not in json.loads("{" + member.forwarded + "}"):
        parts.append(f'"culture": {json.dumps(culture)}')
    if member.forwarded:
        parts.append(member.forwarded)
    return ("{" + ", ".join(parts) + ', "request_payload": ').encode() + member.payload + b"}"


def question(identity: Identity, request_id: str) -> bytes:
    """Make a lookup that finds nobody and changes nothing (SessionM POS API, User Lookup)."""
    return ("{" + ", ".join(_opening(identity, request_id)) + ', "request_payload": {"user_id": "0"}}').encode()


def _opening(identity: Identity, request_id: str) -> list[str]:
    return [
        f'"store_id": {json.dumps(identity.store_id)}',
        f'"client_id": {json.dumps(identity.client_id)}',
        f'"request_id": {json.dumps(request_id)}',
    ]
