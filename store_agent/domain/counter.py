"""Requests at the counter, read and checked: lookup, redeem, lock, unlock, reinstate.

Source: SessionM POS API, User Lookup and Discounting. Reading never changes what is passed on, and what the
documents do not know passes. Recorded requests send criteria that do not count as null, and write `userofferid` for
`UserOfferId`.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, NoReturn

from store_agent.domain.container import Container
from store_agent.domain.jsontext import ObjectText
from store_agent.domain.offers import OfferAction
from store_agent.errors import BadInput, FieldError

ALLOW_REMEMBERED = "allow_remembered"
"""What a POS may say, beside the payload or in it: an answer from memory will do while the platform cannot be asked."""

CRITERIA = ("email", "phone", "user_id", "external_customer_id")
"""A lookup is by one of these (User Lookup, request properties)."""

BY_TTL_CODE = "ttlcode"
BY_USER_OFFER = "userofferid"

CRITERION_MAX = 254
"""Characters of a criterion: the longest address of electronic mail."""

CODE_MAX = 128
"""Characters of an offer's code or id; recorded ones have 36."""

EMPLOYEE_MAX = 20
TRANSACTION_MAX = 64

_AT = "request_payload."


@dataclass(frozen=True, slots=True)
class LookupAsked:
    """A lookup: by which criterion, for which value, and the payload to pass on.

    `allow_remembered` is None where the POS does not say.
    """

    criterion: str
    value: str
    payload: str
    forwarded: str
    allow_remembered: bool | None


@dataclass(frozen=True, slots=True)
class OfferAsked:
    """A redeem or a lock. `by` is BY_TTL_CODE or BY_USER_OFFER; `subtotal` is what the transaction says, unread."""

    action: OfferAction
    code: str
    by: str
    transaction_id: str
    employee: str
    subtotal: Any
    payload: str
    forwarded: str

    @property
    def digest(self) -> bytes:
        """What tells whether two calls are the same: everything but the container's ids."""
        return hashlib.sha256(f"{self.action}\n{self.forwarded}\n{self.payload}".encode()).digest()


@dataclass(frozen=True, slots=True)
class GiveBackAsked:
    """An unlock or a reinstate; `call` is its endpoint."""

    call: str
    offer: str
    payload: str
    forwarded: str


def read_lookup(container: Container) -> LookupAsked:
    """Read a lookup. Raises BadInput `invalid_criteria` or `invalid_field`."""
    payload, text, said = container.payload, container.payload.own_text, container.options.get(ALLOW_REMEMBERED)
    if ALLOW_REMEMBERED in payload.values:
        text, said = payload.without(ALLOW_REMEMBERED), payload.values[ALLOW_REMEMBERED]
    given = [name for name in CRITERIA if payload.values.get(name) not in (None, "")]
    if len(given) != 1:
        named = " and ".join(given) if given else "none"
        message = f"A lookup is by exactly one of {', '.join(CRITERIA)}; given: {named}."
        fields = tuple(FieldError(_AT + name, "is one of several criteria") for name in given)
        raise BadInput("invalid_criteria", message, fields=fields or (FieldError(_AT[:-1], "names no criterion"),))
    value = payload.values[given[0]]
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > CRITERION_MAX or not value.isprintable():
        _refuse(given[0], f"must be printable text of at most {CRITERION_MAX} characters")
    if not isinstance(payload.values.get("transaction"), dict | None):
        _refuse("transaction", "must be an object")
    if not isinstance(said, bool | None):
        _refuse(ALLOW_REMEMBERED, "must be true or false")
    return LookupAsked(given[0], value, text, container.forwarded, said)


def read_offer(container: Container, action: OfferAction) -> OfferAsked:
    """Read a redeem or a lock. Raises BadInput `invalid_field`."""
    payload = container.payload
    code = _text(payload, "offer_lookup_code", CODE_MAX)
    by = payload.values.get("offer_lookup_type")
    if str(by).lower() not in (BY_TTL_CODE, BY_USER_OFFER):
        _refuse("offer_lookup_type", "must be TTLCode or UserOfferId")
    transaction = payload.values.get("transaction")
    if not isinstance(transaction, dict):
        _refuse("transaction", "is missing" if transaction is None else "must be an object")
    name = transaction.get("transaction_id")
    if not isinstance(name, str) or not name or len(name) > TRANSACTION_MAX or not name.isprintable():
        _refuse("transaction.transaction_id", f"must be printable text of 1 to {TRANSACTION_MAX} characters")
    employee = str(transaction.get("pos_employee_id") or "")[:EMPLOYEE_MAX]
    return OfferAsked(
        action=action,
        code=code,
        by=str(by).lower(),
        transaction_id=name,
        employee=employee if employee.isprintable() else "",
        subtotal=transaction.get("subtotal"),
        payload=payload.own_text,
        forwarded=container.forwarded,
    )


def read_give_back(container: Container, call: str) -> GiveBackAsked:
    """Read an unlock or a reinstate. Raises BadInput `invalid_field`."""
    offer = _text(container.payload, "user_offer_id", CODE_MAX)
    _text(container.payload, "employee_id", EMPLOYEE_MAX)
    return GiveBackAsked(call, offer, container.payload.own_text, container.forwarded)


def _text(payload: ObjectText, name: str, most: int) -> str:
    value = payload.values.get(name)
    if value in (None, ""):
        _refuse(name, "is missing")
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        _refuse(name, f"must be printable text of at most {most} characters")
    return value


def _refuse(name: str, message: str) -> NoReturn:
    field = FieldError(_AT + name, message)
    raise BadInput("invalid_field", f"{field.path} {field.message}.", fields=(field,))
