"""A transaction as the POS sent it: what the agent reads in it, and what it thinks of it.

Reading never changes the text (G7). Wrong types, lengths and references between fields that can never be right
raise BadInput; everything else that looks odd is a `SaleWarning`, since a sale must not be lost to a doubt.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from store_agent.domain import fields, money
from store_agent.domain.jsontext import ObjectText, read_elements
from store_agent.domain.payment_keys import payment_key
from store_agent.domain.timestamps import read_label
from store_agent.errors import BadInput, FieldError

_USER_ID_TYPES = {"sessionm_id", "email", "phone", "external_id"}
_TOLERANCE = Decimal("0.01")

OFFLINE = "OFFLINE"
"""Status of a discount that was applied while the platform could not be asked (Discount Object, status)."""


@dataclass(frozen=True, slots=True)
class SaleWarning:
    """Something odd about a sale that was taken all the same."""

    code: str
    message: str
    path: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """Give the shape of the local API (DESIGN, section 6)."""
        return {"code": self.code, "message": self.message, "path": self.path}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value goes in the text: `lead` and the value in quotes replace start to end."""

    start: int
    end: int
    lead: str


@dataclass(frozen=True, slots=True)
class Payment:
    """What receipts need to know of a payment; `key` is unique within the transaction.

    `place` is None for an only payment, whose code belongs to the transaction.
    """

    key: str
    user_known: bool
    code: str | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class Sale:
    """One revision as read from a request. Amounts are units of the books, times are labels in UTC."""

    transaction_id: str
    text: str
    digest: bytes
    amount: int | None
    opened_at: str | None
    modified_at: str | None
    closed: bool
    voided: bool
    user_known: bool
    guest_code: str | None
    guest_place: Place
    payments: tuple[Payment, ...]
    discounts: tuple[dict[str, Any], ...]
    item_ids: tuple[str | None, ...]
    employee_id: str | None
    warnings: tuple[SaleWarning, ...]


def read_sale(body: ObjectText, at: str, *, user_known: bool = False) -> Sale:
    """Read the transaction object of a request; `at` is its path with a trailing dot.

    `user_known` says that the request itself names the user. Raises BadInput
    `invalid_field` that names every field at fault, up to 20.
    """
    members = _documented(body.values)
    _refuse_wrong_fields(members, body, at)
    text = body.own_text
    amount = _amount(members)
    opened_at, modified_at = read_label(members.get("open_time")), read_label(members.get("modified_time"))
    labels = {"open_time": opened_at, "modified_time": modified_at}
    discounts = _objects(members, "discounts")
    return Sale(
        transaction_id=members["transaction_id"],
        text=text,
        digest=hashlib.sha256(text.encode()).digest(),
        amount=amount,
        opened_at=opened_at,
        modified_at=modified_at,
        closed=_truth(members.get("is_closed")),
        voided=_truth(members.get("is_voided")),
        user_known=user_known or any(_filled(discount, "user_id") for discount in discounts),
        guest_code=members.get("guest_receipt_code") or None,
        guest_place=place_of(body, "guest_receipt_code", body.start),
        payments=_payments(body, members),
        discounts=tuple(discounts),
        item_ids=tuple(item.get("item_id") for item in _objects(members, "items")),
        employee_id=members.get("pos_employee_id"),
        warnings=tuple(_warnings(members, amount, labels, at)),
    )


def offline_while_live(sale: Sale, at: str, applied_offline: frozenset[str] = frozenset()) -> list[SaleWarning]:
    """Warn of an OFFLINE discount on a sale that goes out live (Discount Object, status).

    `applied_offline` are user offer ids for which it is right.
    """
    if all(discount.get("reference_id") in applied_offline for discount in sale.discounts if _is_offline(discount)):
        return []
    message = (
        "A discount has the status OFFLINE although the line is up; the platform then skips its checks and "
        "takes the offer from the guest's wallet."
    )
    return [SaleWarning("offline_discount_online", message, at + "discounts")]


def _is_offline(discount: dict[str, Any]) -> bool:
    return str(discount.get("status")).upper() == OFFLINE


def went_back(sale: Sale, newest_modified_at: str | None, at: str) -> list[SaleWarning]:
    """Warn of a revision that says it is older than one already taken. Both labels are in one UTC form."""
    if sale.modified_at is None or newest_modified_at is None or sale.modified_at >= newest_modified_at:
        return []
    message = (
        f"modified_time {sale.modified_at} is before {newest_modified_at} of the revision taken earlier; "
        "revisions are sent in the order in which they arrived."
    )
    return [SaleWarning("modified_time_back", message, at + "modified_time")]


def _refuse_wrong_fields(members: dict[str, Any], body: ObjectText, at: str) -> None:
    errors = _transaction_id_errors(members.get("transaction_id"), at)
    errors += fields.check(body.values, fields.TRANSACTION, at)
    for name, table in (("items", fields.ITEM), ("payments", fields.PAYMENT), ("discounts", fields.DISCOUNT)):
        for number, element in enumerate(_objects(members, name)):
            errors += fields.check(element, table, f"{at}{name}.{number}.")
    for number, payment in enumerate(_objects(members, "payments")):
        errors += _user_errors(payment, f"{at}payments.{number}.")
    if errors:
        shown = tuple(dict.fromkeys(errors))[:20]
        first = shown[0]
        raise BadInput("invalid_field", f"{first.path} {first.message}.", fields=shown)


def _transaction_id_errors(value: Any, at: str) -> list[FieldError]:
    path = at + "transaction_id"
    if value is None or value == "":
        return [FieldError(path, "is missing; it names the sale in all its updates")]
    return []


def _user_errors(payment: dict[str, Any], at: str) -> list[FieldError]:
    return [
        FieldError(f"{at}{name}_type", f"is required when {name} is sent")
        for name in ("user_id", "additional_user_id")
        if _filled(payment, name) and not _filled(payment, f"{name}_type")
    ]


def _documented(values: dict[str, Any]) -> dict[str, Any]:
    """Give the members, and those of the objects in their lists, under their documented names."""
    members = dict(fields.documented_members(values))
    for name in ("items", "payments", "discounts"):
        if isinstance(members.get(name), list):
            objects = [element for element in members[name] if isinstance(element, dict)]
            members[name] = [fields.documented_members(element) for element in objects]
    return members


def _objects(members: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = members.get(name)
    return value if isinstance(value, list) else []


def _filled(members: dict[str, Any], name: str) -> bool:
    return members.get(name) not in (None, "")


def _truth(value: Any) -> bool:
    return value == 1 or (isinstance(value, str) and value.lower() == "true")


def _countable(value: Any) -> Decimal | None:
    number = money.read_decimal(value)
    return number if number is not None and money.countable(number) else None


def _amount(members: dict[str, Any]) -> int | None:
    subtotal = _countable(members.get("subtotal"))
    tax = _countable(members.get("tax_total"))
    if subtotal is None:
        return None
    return money.to_units(subtotal) + (money.to_units(tax) if tax is not None else 0)


def place_of(body: ObjectText, name: str, origin: int) -> Place:
    """Find where a member goes: over its value, else behind the last member. Offsets count from `origin`."""
    spelled = next((spelling for spelling in fields.spellings(name) if spelling in body.values), None)
    if spelled is not None:
        span = body.spans()[spelled]
        return Place(span.start - origin, span.end - origin, "")
    end = body.last_end() - origin
    return Place(end, end, f'{"," if body.values else ""}"{name}":')


def _payments(body: ObjectText, members: dict[str, Any]) -> tuple[Payment, ...]:
    """Read the payments; where codes go is looked up only if there are several, since one payment gets none."""
    payments = _objects(members, "payments")
    if len(payments) < 2:  # noqa: PLR2004 - several
        return tuple(_payment(payment, set(), None) for payment in payments)
    seen: set[str] = set()
    *_, span = (span for name, span in body.spans().items() if fields.documented(name) == "payments")
    return tuple(
        _payment(element.values, seen, place_of(element, "receipt_code", body.start))
        for element in read_elements(body.text, span.start)
    )


def _payment(values: dict[str, Any], seen: set[str], place: Place | None) -> Payment:
    members = fields.documented_members(values)
    return Payment(
        key=payment_key(members.get("payment_id") or "", seen),
        user_known=_filled(members, "user_id"),
        code=members.get("receipt_code") or None,
        place=place,
    )


def _warnings(members: dict[str, Any], amount: int | None, labels: dict[str, str | None], at: str) -> list[SaleWarning]:
    found = [
        SaleWarning("missing_field", f"{name} is required by the platform and was not sent.", at + name)
        for name in fields.EXPECTED
        if not _filled(members, name)
    ]
    found += _time_warnings(members, labels, at)
    if amount is None and _filled(members, "subtotal"):
        message = "The amount is no price that can be added up; it is sent as it is and left out of the sums."
        found.append(SaleWarning("amount_not_counted", message, at + "subtotal"))
    found += _subtotal_warnings(members, at)
    found += _user_type_warnings(members, at)
    return found


def _time_warnings(members: dict[str, Any], labels: dict[str, str | None], at: str) -> list[SaleWarning]:
    return [
        SaleWarning("unreadable_time", f"{name} is not a date and time in a known form.", at + name)
        for name, label in labels.items()
        if label is None and _filled(members, name)
    ]


def _subtotal_warnings(members: dict[str, Any], at: str) -> list[SaleWarning]:
    subtotal = _countable(members.get("subtotal"))
    lines = [_countable(item.get("subtotal")) for item in _objects(members, "items")]
    discounts = [_countable(discount.get("amount")) for discount in _objects(members, "discounts")]
    if subtotal is None or None in lines or None in discounts or not lines:
        return []
    expected = sum((line for line in lines if line), Decimal()) - sum((cut for cut in discounts if cut), Decimal())
    if abs(expected - subtotal) <= _TOLERANCE:
        return []
    message = f"subtotal is {_shown(subtotal)}, the lines less the discounts are {_shown(expected)}."
    return [SaleWarning("subtotal_mismatch", message, at + "subtotal")]


def _shown(amount: Decimal) -> str:
    return f"{money.from_units(money.to_units(amount))}"


def _user_type_warnings(members: dict[str, Any], at: str) -> list[SaleWarning]:
    return [
        SaleWarning("unknown_user_id_type", "The documents know SessionM_ID, Email, Phone and External_ID.", path)
        for number, payment in enumerate(_objects(members, "payments"))
        for path in (f"{at}payments.{number}.user_id_type",)
        if _filled(payment, "user_id") and str(payment.get("user_id_type")).lower() not in _USER_ID_TYPES
    ]
