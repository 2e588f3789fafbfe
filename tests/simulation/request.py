"""A request as the far side reads it, with the exact text of each transaction in it."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from json import JSONDecoder
from typing import Any

_REQUEST_ID = re.compile(r'"request_id"\s*:\s*"([^"]+)"')
_PAYLOAD = re.compile(r'"request_payload"\s*:\s*')
_LIST = re.compile(r'\{\s*"transactions"\s*:\s*\[\s*')
_COMMA = re.compile(r"\s*,\s*")

_decode = JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Sent:
    """One transaction of a request; `marker` numbers the text, which no two calls of the tills share."""

    transaction_id: str
    marker: int
    text: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """A request."""

    request_id: str
    endpoint: str
    body: bytes
    sent: tuple[Sent, ...]

    @cached_property
    def sha256(self) -> str:
        """Hash the bytes."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def payload_bytes(self) -> int:
        """Count the bytes of the transactions together."""
        return sum(len(one.text.encode()) for one in self.sent)

    def __str__(self) -> str:
        return f"{self.request_id}[{' '.join(f'{one.transaction_id}#{one.marker}' for one in self.sent)}]"


def read_request(endpoint: str, body: bytes) -> Seen:
    """Read a request. What is not in the platform's form raises an exception."""
    text = body.decode()
    name, payload = _REQUEST_ID.search(text), _PAYLOAD.search(text)
    assert name is not None
    assert payload is not None
    start = payload.end()
    return Seen(name[1], endpoint, body, tuple(_READERS[endpoint](text, start)))


def _many(text: str, start: int) -> list[Sent]:
    opening = _LIST.match(text, start)
    assert opening is not None
    found = []
    position = opening.end()
    while True:
        one, end = _one(text, position)
        found.append(one)
        comma = _COMMA.match(text, end)
        if comma is None:
            return found
        position = comma.end()


def _single(text: str, start: int) -> list[Sent]:
    return [_one(text, start)[0]]


def _nothing(text: str, start: int) -> list[Sent]:
    return []


_READERS: dict[str, Callable[[str, int], list[Sent]]] = {
    "send_transaction": _single,
    "send_batch_transaction": _many,
    "lookup": _nothing,
}


def _one(text: str, start: int) -> tuple[Sent, int]:
    values, end = _decode(text, start)
    sent = Sent(values["transaction_id"], values["custom_data"]["marker"], text[start:end], values)
    return sent, end
