"""Guests' visits at the counter: the calls that a POS makes in them, to the platform itself or to the agent.

Bodies are the same for both; only the credentials differ.
"""

import base64
import json
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.load import CLOSED_AT, new_lane
from benchmarks.servers import Served
from store_agent.sandbox.guests import GUESTS
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.sales import SaleMaker, sale_text
from store_agent.sandbox.world.rewards import REWARDS

_SANDBOX = SandboxOptions()
_GUEST = GUESTS[0]
"""The one who is looked up; another holds the offers, so that answers to lookups stay small."""

_HOLDER = GUESTS[-1]
_CARD = f"/priv/v1/apps/{_SANDBOX.app_key}/loyalty_cards/{_GUEST.external_customer_id}"
_ISSUE = "/offers/api/2.0/offers/acquisition/issue"

POS_CALLS = ("lookup", "lookup with transaction", "lock", "unlock", "redeem", "reinstate")
CARD_SCAN = "card scan (relayed)"
CALLS = (*POS_CALLS, CARD_SCAN)


class Call(NamedTuple):
    """A call and its bytes on the wire."""

    name: str
    request: bytes


@dataclass(frozen=True)
class Counter:
    """Whom a POS calls: the port, and name and secret, as Basic wants them, for the POS API and for cards."""

    port: int
    pos: str
    cards: str

    def call(self, name: str, payload: str) -> Call:
        """Prepare a call of the POS API."""
        body = f'{{"store_id": "1", "client_id": "c", "request_id": "{uuid.uuid4()}", "request_payload": {payload}}}'
        return Call(name, _wire(f"POST /api/2.0/{name.partition(' ')[0]}", self.pos, body.encode()))

    def scan(self) -> Call:
        """Prepare the scan of a card."""
        return Call(CARD_SCAN, _wire(f"GET {_CARD}", self.cards))

    def visit(self, sale: str, offer: str) -> list[Call]:
        """Prepare the calls of a visit; the offer is free before it and after it."""
        guest = f'"external_customer_id": "{_GUEST.external_customer_id}"'
        applied = f'{{"offer_lookup_code": "{offer}", "offer_lookup_type": "UserOfferId", "transaction": {sale}}}'
        given_back = f'{{"user_offer_id": "{offer}", "employee_id": "1000"}}'
        # A question that is asked twice at a time goes out once; what is unknown makes each another.
        lookups = (f'{{{guest}, "visit": "{offer}"}}', f'{{{guest}, "transaction": {sale}}}')
        payloads = (*lookups, applied, given_back, applied, given_back)
        pairs = zip(POS_CALLS, payloads, strict=True)
        return [*(self.call(name, payload) for name, payload in pairs), self.scan()]


def platform(port: int) -> Counter:
    """Call the stand-in platform itself."""
    return Counter(port, f"{_SANDBOX.key}:{_SANDBOX.secret}", f"{_SANDBOX.app_key}:{_SANDBOX.app_secret}")


def through(server: Served) -> Counter:
    """Call an agent."""
    return Counter(server.port, server.token, server.token)


def agent_settings(platform_port: int) -> dict[str, str]:
    """Give what an agent needs beside its file: the way to the cards, and no answers from memory."""
    return {
        "STORE_AGENT_CLOUD__CORE__BASE_URL": f"http://127.0.0.1:{platform_port}",
        "STORE_AGENT_CLOUD__CORE__KEY": _SANDBOX.app_key,
        "STORE_AGENT_CLOUD__CORE__SECRET": _SANDBOX.app_secret,
        "STORE_AGENT_GATEWAY__REPEAT_SECONDS": "0",
    }


def new_sales(count: int) -> list[str]:
    """Make sales that no server has seen yet."""
    maker = SaleMaker(7, new_lane())
    return [sale_text(maker.make(CLOSED_AT)) for _ in range(count)]


def new_offers(url: str, count: int) -> list[str]:
    """Have the stand-in platform forget everything and issue offers; gives their ids."""
    _ask("DELETE", f"{url}/sandbox/account")
    wanted = {"retailer_id": "r", "user_id": _HOLDER.user_id, "offer_id": REWARDS[0].number, "quantity": count}
    login = f"{_SANDBOX.connect_key}:{_SANDBOX.connect_secret}"
    issued = _ask("POST", url + _ISSUE, login, json.dumps(wanted).encode())
    return [row["user_offer_id"] for row in issued["payload"]["status_list"]]


def put_faults(url: str, *faults: Mapping[str, object]) -> None:
    """Have the stand-in platform misbehave from now on."""
    _ask("PUT", f"{url}/sandbox/faults", body=json.dumps(faults).encode())


def deal(calls: Sequence[list[Call]], callers: int) -> list[list[Call]]:
    """Deal visits out to callers; gives the calls of each."""
    return [[call for visit in calls[first::callers] for call in visit] for first in range(callers)]


def _wire(line: str, login: str, body: bytes = b"") -> bytes:
    credentials = base64.b64encode(login.encode()).decode()
    head = (
        f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {credentials}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _ask(method: str, url: str, login: str = "", body: bytes | None = None):
    headers = {"Content-Type": "application/json"}
    if login:
        headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - always http on loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())
