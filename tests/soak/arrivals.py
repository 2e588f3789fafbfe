"""What the sandbox took, revision by revision, read from the bodies of its requests."""

import json
from dataclasses import dataclass
from typing import Any

from store_agent.sandbox.account import Account, Entry
from store_agent.sandbox.server import SandboxServer

MARKER = "soak"
"""Name in `custom_data` of a sale under which its marker stands."""

_OK = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """A revision that the platform took; `number` counts requests in the order in which they first came."""

    marker: str
    request_id: str
    number: int
    text: str


class Arrivals:
    """Collects them. Bodies are dropped once they are read, so that the sandbox does not grow with the hour."""

    def __init__(self, platform: SandboxServer) -> None:
        self._platform = platform
        self._collected: list[Arrival] = []

    def collect(self) -> list[Arrival]:
        """Give everything taken so far since `forget`."""
        self._collected += self._platform._ask(lambda: _take(self._platform._sandbox.account))
        return self._collected

    def forget(self) -> None:
        """Begin another day."""
        self._collected = []


def _take(account: Account) -> list[Arrival]:
    return [arrival for entry in account._entries.values() for arrival in _read(entry)]


def _read(entry: Entry) -> list[Arrival]:
    if entry.body is None or entry.answer is None:
        return []
    body, entry.body = entry.body, None
    if entry.answer.status != _OK:
        return []
    return [
        Arrival(sale["custom_data"][MARKER], entry.request_id, entry.number, json.dumps(sale))
        for sale in _sales(json.loads(body)["request_payload"])
    ]


def _sales(payload: dict[str, Any]) -> list[dict[str, Any]]:
    sales: list[dict[str, Any]] = payload.get("transactions", [payload] if "transaction_id" in payload else [])
    return sales
