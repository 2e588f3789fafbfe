"""All calls of a plugin, built and read without any I/O: the one core of the blocking and the asynchronous client."""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from .answers import Said
from .call import Call, Request, Timeouts
from .exact import read_json, write_json
from .receipts import Receipt, read_minted
from .results import (
    Applied,
    Card,
    GivenBack,
    Lookup,
    Status,
    Taken,
    Uploaded,
    read_applied,
    read_card,
    read_given_back,
    read_lookup,
    read_status,
    read_taken,
)

T = TypeVar("T")

_POS_API = "/api/2.0/"

_DRAWINGS = {"render": ("svg", "png", "txt", "escpos"), "width": ("58", "80"), "native": ("true", "false")}
"""How receipts can be rendered."""


class Calls:
    """The calls of one terminal. `container`: more members of every request, such as `{"culture": "de-DE"}`.

    `render`: have every receipt rendered in the answer to its sale: `{"render": "svg"}`, png, txt or escpos, for which
    `width` may be 58 or 80 (mm) and `native` true or false. A sale kept for later gets its receipt when it is taken.

    Store, client and request ids are left out: the agent knows them, and tells a repetition by its content. Arguments
    that JSON cannot hold exactly raise TypeError or ValueError; floats are among them. Every call may raise
    AgentProblem when it is done.
    """

    def __init__(
        self,
        terminal: str,
        token: str,
        timeouts: Timeouts,
        container: Mapping[str, Any],
        render: Mapping[str, str | int | bool] | None = None,
    ) -> None:
        self._authorization = "Basic " + base64.b64encode(f"{terminal}:{token}".encode()).decode()
        self._timeouts = timeouts
        self._container = dict(container)
        self._asked = f"?{urlencode(_drawing(render))}" if render else ""

    def send_transaction(self, sale: Mapping[str, Any]) -> Call[Taken]:
        """Give a sale in its present state to the agent (SessionM POS API, Send Transaction)."""
        return self.send_written(_id_of(sale), self.write_sale(sale))

    def send_transactions(self, sales: Sequence[Mapping[str, Any]]) -> Call[tuple[Taken, ...]]:
        """Give up to 1,000 sales to the agent; it takes all or none."""
        ids = [_id_of(sale) for sale in sales]
        body = self._write({"transactions": list(sales)})
        path = f"{_POS_API}send_batch_transaction{self._asked}"
        return self._post(path, body, partial(_read_all_taken, ids), self._timeouts.sale_seconds)

    def mint_receipts(self, transaction_id: str, payments: Sequence[str] = ()) -> Call[tuple[Receipt, ...]]:
        """Get the receipt codes of a sale before it comes: one for the whole, or one for each of several payments.

        The sale that comes later has the same ones; asked again, also with more payments, those of before stay.
        """
        body = write_json({"transaction_id": transaction_id, "payments": list(payments)}).encode()
        read = partial(read_minted, transaction_id)
        return self._post("/v1/receipts", body, read, self._timeouts.sale_seconds)

    def lookup(
        self,
        *,
        email: str | None = None,
        phone: str | None = None,
        user_id: str | None = None,
        external_customer_id: str | None = None,
        transaction: Mapping[str, Any] | None = None,
        allow_remembered: bool = False,
    ) -> Call[Lookup]:
        """Find a guest by exactly one criterion, else ValueError (SessionM POS API, User Lookup).

        With `transaction`, offers carry what they are worth on it. `allow_remembered`: while the platform is not
        reached, take its last answer for this guest, marked with its age.
        """
        criteria = {
            "email": email,
            "phone": phone,
            "user_id": user_id,
            "external_customer_id": external_customer_id,
        }
        payload: dict[str, Any] = _exactly_one(criteria)
        if transaction is not None:
            payload["transaction"] = transaction
        beside = {"allow_remembered": True} if allow_remembered else {}
        return self._ask("lookup", payload, read_lookup, changes=False, **beside)

    def lock(
        self, transaction: Mapping[str, Any], *, user_offer_id: str | None = None, ttl_code: str | None = None
    ) -> Call[Applied]:
        """Keep an offer for a transaction until that is closed (SessionM POS API, Lock Offer).

        Give the offer by its id or by the short code that the guest shows. Lock again when the transaction changes.
        """
        return self._ask("lock", _use(transaction, user_offer_id, ttl_code), read_applied)

    def redeem(
        self, transaction: Mapping[str, Any], *, user_offer_id: str | None = None, ttl_code: str | None = None
    ) -> Call[Applied]:
        """Use an offer at once (SessionM POS API, Immediate Redeem)."""
        return self._ask("redeem", _use(transaction, user_offer_id, ttl_code), read_applied)

    def unlock(self, user_offer_id: str, employee_id: str) -> Call[GivenBack]:
        """Give a locked offer back to the guest (SessionM POS API, Unlock Offer); it works offline, too."""
        return self._ask("unlock", _give_back(user_offer_id, employee_id), read_given_back)

    def reinstate(self, user_offer_id: str, employee_id: str) -> Call[GivenBack]:
        """Give a redeemed offer back to the guest (SessionM POS API, Reinstate Offer); it works offline, too."""
        return self._ask("reinstate", _give_back(user_offer_id, employee_id), read_given_back)

    def upload_catalog(self, items: Iterable[Mapping[str, Any]]) -> Call[Uploaded]:
        """Give the store's items and categories to the agent (SessionM POS API, Upload Catalog)."""
        return self._upload("upload_catalog", {"items": list(items)})

    def upload_employees(self, employees: Iterable[Mapping[str, Any]]) -> Call[Uploaded]:
        """Give the store's employees to the agent (SessionM POS API, Upload Employees)."""
        return self._upload("upload_employees", {"employees": list(employees)})

    def scan_card(self, number: str) -> Call[Card]:
        """Find out whose loyalty card this is (Core Loyalty APIs, Scan a Loyalty Card)."""
        return self._get(f"/priv/v1/apps/-/loyalty_cards/{quote(number, safe='')}", read_card)

    def status(self) -> Call[Status]:
        """Ask how the agent, its line and its queue stand."""
        return self._get("/v1/status", read_status)

    def write_sale(self, sale: Mapping[str, Any]) -> bytes:
        """Write the request for a sale; the same bytes mean the same sale to the agent."""
        _id_of(sale)
        return self._write(sale)

    def send_written(self, transaction_id: str, body: bytes) -> Call[Taken]:
        """Send what `write_sale` wrote for a sale."""
        path = f"{_POS_API}send_transaction{self._asked}"
        return self._post(path, body, partial(_read_taken, transaction_id), self._timeouts.sale_seconds)

    def _upload(self, endpoint: str, payload: Mapping[str, Any]) -> Call[Uploaded]:
        return self._post(f"{_POS_API}{endpoint}", self._write(payload), _read_uploaded, self._timeouts.sale_seconds)

    def _ask(
        self,
        endpoint: str,
        payload: Mapping[str, Any],
        understand: Callable[[Said], T],
        *,
        changes: bool = True,
        **beside: Any,
    ) -> Call[T]:
        body = self._write(payload, **beside)
        seconds = self._timeouts.counter_seconds
        return self._post(f"{_POS_API}{endpoint}", body, understand, seconds, changes=changes)

    def _write(self, payload: Mapping[str, Any], **beside: Any) -> bytes:
        return write_json({**self._container, **beside, "request_payload": payload}).encode()

    def _post(
        self, path: str, body: bytes, understand: Callable[[Said], T], seconds: float, *, changes: bool = True
    ) -> Call[T]:
        headers = {**self._headers(), "Content-Type": "application/json"}
        return Call(Request("POST", path, headers, body, seconds), changes, understand)

    def _get(self, path: str, understand: Callable[[Said], T]) -> Call[T]:
        request = Request("GET", path, self._headers(), b"", self._timeouts.counter_seconds)
        return Call(request, changes=False, understand=understand)

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": self._authorization,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }


def written_id(body: bytes) -> str:
    """Give the id of the sale in a request that `Calls.write_sale` wrote. Raises ValueError for anything else."""
    request = read_json(body)
    sale = request.get("request_payload") if isinstance(request, dict) else None
    if not isinstance(sale, dict):
        raise ValueError("This is no request with a sale.")  # noqa: TRY004 - said of the text, not of a type
    return _id_of(sale)


def _id_of(sale: Mapping[str, Any]) -> str:
    transaction_id = sale.get("transaction_id")
    if not isinstance(transaction_id, str) or not transaction_id:
        raise ValueError("The sale has no transaction_id.")
    return transaction_id


def _use(transaction: Mapping[str, Any], user_offer_id: str | None, ttl_code: str | None) -> dict[str, Any]:
    ((kind, code),) = _exactly_one({"UserOfferId": user_offer_id, "TTLCode": ttl_code}).items()
    return {"offer_lookup_code": code, "offer_lookup_type": kind, "transaction": transaction}


def _give_back(user_offer_id: str, employee_id: str) -> dict[str, str]:
    return {"user_offer_id": user_offer_id, "employee_id": employee_id}


def _exactly_one(choices: Mapping[str, str | None]) -> dict[str, str]:
    given = {name: value for name, value in choices.items() if value}
    if len(given) != 1:
        raise ValueError(f"Give exactly one of {', '.join(choices)}.")
    return given


def _read_taken(transaction_id: str, said: Said) -> Taken:
    return read_taken(said.payload, transaction_id)


def _read_all_taken(ids: Sequence[str], said: Said) -> tuple[Taken, ...]:
    answered = said.payload.get("transactions") if isinstance(said.payload, dict) else None
    if not isinstance(answered, list) or len(answered) != len(ids):
        raise ValueError("it does not answer for each sale")
    return tuple(read_taken(one, transaction_id) for one, transaction_id in zip(answered, ids, strict=True))


def _read_uploaded(said: Said) -> Uploaded:
    return Uploaded(said.container)


def _drawing(render: Mapping[str, str | int | bool]) -> dict[str, str]:
    """Write down how receipts are to be rendered. Raises ValueError: the agent would refuse every sale for it."""
    written = {name: str(value).lower() for name, value in render.items()}
    for name, value in written.items():
        if value not in _DRAWINGS.get(name, ()):
            known = "; ".join(f"{name}: {', '.join(values)}" for name, values in _DRAWINGS.items())
            raise ValueError(f"render has no {name}={value!r}; it knows {known}.")
    return written
