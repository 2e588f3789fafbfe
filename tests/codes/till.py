"""A till that prints before, with and after its sales, and asks again for what it asked before."""

import json
import random
import threading
from typing import Any

import httpx

from tests.codes.book import Book
from tests.support.agent import AgentProcess
from tests.support.sales import payment, sale

RECENT_MAX = 200
"""Requests of before that may be made again, and transactions that may go on."""

_SALE, _AHEAD = "/api/2.0/send_transaction", "/v1/receipts"
_KNOWN = {"user_id": "guest@example.com", "user_id_type": "Email"}
_JSON = {"Content-Type": "application/json"}

_Said = tuple[str, str, bytes, list[Any] | None]
"""Kind, path and body of a request, and the receipts that were answered."""


class Till(threading.Thread):
    """Goes on until `stop`; what is not answered is sent again, to the letter."""

    def __init__(self, agent: AgentProcess, number: int, seed: int, book: Book, stop: threading.Event) -> None:
        super().__init__(name=f"till-{number}")
        self._agent = agent
        self._number = number
        self._chance = random.Random(f"{seed}/{number}")  # noqa: S311 - a course must repeat, not surprise
        self._book = book
        self._stop_selling = stop
        self._made = 0
        self._open: list[tuple[str, int]] = []
        self._said: list[_Said] = []

    def run(self) -> None:
        """Do one thing after the other."""
        with self._agent.client_of("lane-1", self._agent.token) as client:
            while not self._stop_selling.is_set():
                self._do(client, *self._drawn())

    def _drawn(self) -> _Said:
        if self._said and self._chance.random() < 0.25:
            return self._chance.choice(self._said)
        name, payments = self._transaction()
        kinds = ("ahead", "sale", "known", "voided")
        kind = self._chance.choices(kinds, (4, 10, 1, 1))[0]
        if kind == "ahead":
            return kind, _AHEAD, _written({"transaction_id": name, "payments": _ids(payments)}), None
        return kind, _SALE, _written({"request_payload": self._sale(kind, name, payments)}), None

    def _transaction(self) -> tuple[str, int]:
        """Give a transaction and how many payments it has by now: a new one, or one that goes on with more or fewer."""
        if self._open and self._chance.random() < 0.4:
            place = self._chance.randrange(len(self._open))
            name, payments = self._open[place]
            self._open[place] = (name, min(max(payments + self._chance.randint(-1, 2), 0), 4))
            return self._open[place]
        self._made += 1
        self._open.append((f"T-{self._number}-{self._made}", self._chance.choice((0, 1, 1, 1, 2, 3))))
        del self._open[:-RECENT_MAX]
        return self._open[-1]

    def _sale(self, kind: str, name: str, payments: int) -> dict[str, Any]:
        users = [_KNOWN if kind == "known" and self._chance.random() < 0.7 else {} for _ in range(payments)]
        paid = [payment(one, **user) for one, user in zip(_ids(payments), users, strict=True)]
        fields = {"is_voided": kind == "voided", "custom_data": {"state": self._chance.getrandbits(64)}}
        if kind == "sale" and self._chance.random() < 0.3:
            fields |= self._sent_back(name, paid)
        return sale(name, payments=paid, **fields)

    def _sent_back(self, name: str, paid: list[dict[str, Any]]) -> dict[str, Any]:
        """Put codes into a sale that were given for it before."""
        for one in paid if len(paid) > 1 else []:
            code = self._book.codes.get((name, one["payment_id"]))
            one.update({} if code is None else {"receipt_code": code})
        code = self._book.codes.get((name, None))
        return {} if code is None else {"guest_receipt_code": code}

    def _do(self, client: httpx.Client, kind: str, path: str, body: bytes, before: list[Any] | None) -> None:
        while (payload := _asked(client, path, body)) is None:
            if self._stop_selling.is_set():
                return
        receipts = payload["receipts"]
        name = payload["transaction_id"] if path == _AHEAD else payload["transaction"]["id"]
        self._book.answered(kind if before is None else "again", name, receipts)
        if needless := _known_in(body) & {one["payment_id"] for one in receipts}:
            self._book.differs(f"{name} has codes for {needless}, whose guests are known")
        if before is None:
            self._said.append((kind, path, body, receipts))
            del self._said[:-RECENT_MAX]
        elif path == _SALE and receipts != before:
            self._book.differs(f"the same sale {name} was answered {before}, and now {receipts}")


def _known_in(body: bytes) -> set[str | None]:
    """Give the payments of a request whose guests are known; None, the whole, is if all of them are."""
    payments = json.loads(body).get("request_payload", {}).get("payments", [])
    known: set[str | None] = {one["payment_id"] for one in payments if "user_id" in one}
    return known | {None} if payments and len(known) == len(payments) else known


def _ids(payments: int) -> list[str]:
    return [f"P{number}" for number in range(1, payments + 1)]


def _written(request: dict[str, Any]) -> bytes:
    return json.dumps(request).encode()


def _asked(client: httpx.Client, path: str, body: bytes) -> dict[str, Any] | None:
    """Give the payload, None if nothing came or the agent cannot say."""
    try:
        answer = client.post(path, content=body, headers=_JSON)
    except httpx.TransportError:
        return None
    if answer.status_code >= 500:
        return None
    assert answer.status_code == 200, answer.text
    payload: dict[str, Any] = answer.json()["payload"]
    return payload
