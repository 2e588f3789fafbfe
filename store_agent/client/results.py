"""What calls give: frozen dataclasses, with everything that was answered in `raw`.

Both the documented and the recorded shapes are read (SessionM POS API, User Lookup and Discounting; its recorded
traffic): users as a list or under `users`, point accounts as `point_accounts` or `accounts` with Pascal-case names.
Amounts are Decimal. The functions raise ValueError for what cannot be understood.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from .answers import Said
from .receipts import Receipt, read_receipts

Raw = Mapping[str, Any]

_AGE_SECONDS_MAX = 10_000_000_000
"""No answer is older; what says so is no age."""


@dataclass(frozen=True, slots=True)
class Age:
    """A remembered answer: the platform's last one, `seconds` old. `as_of` is its time in UTC where it is told."""

    seconds: int
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class PointAccount:
    """One of a user's point accounts."""

    account_name: str
    grouping_label: str | None
    available_balance: Decimal | None
    life_time_value: Decimal | None
    raw: Raw = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class Discount:
    """An offer on a transaction, or in a wallet (then `amount` is 0). `status`: INFO, LOCKED, REDEEMED or OFFLINE.

    `raw` is what belongs into the `discounts` of the sale, exactly as it is.
    """

    reference_id: str
    status: str
    display_name: str | None
    amount: Decimal
    raw: Raw = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class User:
    """A guest. `offers` leaves out what carries no id or amount; it is in `raw` all the same."""

    user_id: str
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    points: Decimal | None
    offers: tuple[Discount, ...]
    point_accounts: tuple[PointAccount, ...]
    raw: Raw = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class Lookup:
    """The users found, none if the platform knows nobody. `remembered` is None for a fresh answer."""

    users: tuple[User, ...]
    remembered: Age | None
    raw: Raw = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class Applied:
    """An offer was locked or redeemed; put `discount.raw` into the sale.

    `offline`: the agent allowed it without the platform, which learns of it from the sale.
    """

    discount: Discount
    offline: bool


@dataclass(frozen=True, slots=True)
class GivenBack:
    """An offer was unlocked or reinstated, or will be once the line is back (`queued`, under `sequence`)."""

    queued: bool
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something odd about a sale that was taken all the same."""

    code: str
    message: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The agent has the sale on its disk. `queued`: it waits for the line; nothing is left to do for the plugin."""

    transaction_id: str
    sequence: int
    receipts: tuple[Receipt, ...]
    warnings: tuple[Warned, ...]
    queued: bool
    raw: Raw = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The agent has the catalog or the employees; `raw` is its container."""

    raw: Raw = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class Card:
    """A loyalty card as scanned, and whose it is."""

    number: str
    user_id: str | None
    external_id: str | None
    available_points: Decimal | None
    remembered: Age | None
    raw: Raw = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class Status:
    """How the agent stands, in `words` for a person. `link` is online, backing_off or halted, None while it starts."""

    words: tuple[str, ...]
    link: str | None
    raw: Raw = field(repr=False, hash=False)


def read_lookup(said: Said) -> Lookup:
    """Read the answer to a lookup."""
    users = said.payload.get("users") if isinstance(said.payload, dict) else said.payload
    if not isinstance(users, list):
        raise ValueError("it holds no list of users")  # noqa: TRY004 - all that is not understood is one error
    return Lookup(tuple(_user(_object(user, "a user")) for user in users), _age(said), said.container)


def read_applied(said: Said) -> Applied:
    """Read the answer to lock or redeem."""
    discount = _discount(_object(said.payload, "the payload"))
    return Applied(discount, offline=discount.status == "OFFLINE")


def read_given_back(said: Said) -> GivenBack:
    """Read the answer to unlock or reinstate."""
    payload = said.payload if isinstance(said.payload, dict) else {}
    return GivenBack(queued=payload.get("delivery") == "queued", sequence=_whole(payload.get("sequence")))


def read_taken(payload: Any, transaction_id: str) -> Taken:
    """Read the answer for one sale; it must name this sale, since the plugin forgets it then."""
    found = _object(payload, "the payload")
    transaction, sequence = found.get("transaction"), _whole(found.get("sequence"))
    if not isinstance(transaction, dict) or transaction.get("id") != transaction_id or sequence is None:
        raise ValueError(f"it does not say that sale {transaction_id} was taken")
    return Taken(
        transaction_id,
        sequence,
        read_receipts(found),
        tuple(_warned(one) for one in _objects(found.get("warnings"))),
        queued=found.get("delivery") == "queued",
        raw=found,
    )


def read_card(said: Said) -> Card:
    """Read the answer to a scan (Core Loyalty APIs, Scan a Loyalty Card)."""
    card = _object(said.container.get("loyalty_card"), "loyalty_card")
    owner = card.get("user")
    user = owner if isinstance(owner, dict) else {}
    return Card(
        _text(card.get("number")) or "",
        _text(user.get("id")),
        _text(user.get("external_id")),
        _decimal(user.get("available_points")),
        _age(said),
        said.container,
    )


def read_status(said: Said) -> Status:
    """Read `/v1/status`."""
    found = _object(said.payload, "the payload")
    link, words = found.get("link"), found.get("words")
    state = _text(link.get("state")) if isinstance(link, dict) else None
    return Status(tuple(str(one) for one in words) if isinstance(words, list) else (), state, found)


def _user(found: Raw) -> User:
    accounts = found.get("point_accounts") or found.get("accounts")
    return User(
        _text(found.get("user_reference_id")) or "",
        _text(found.get("first_name")),
        _text(found.get("last_name")),
        _text(found.get("email")),
        _text(found.get("phone")),
        _decimal(found.get("points")),
        tuple(_discount(one) for one in _objects(found.get("offers")) if _usable(one)),
        tuple(_point_account(one) for one in _objects(accounts)),
        found,
    )


def _point_account(found: Raw) -> PointAccount:
    return PointAccount(
        _text(found.get("account_name", found.get("AccountName"))) or "",
        _text(found.get("grouping_label", found.get("GroupingLabel"))),
        _decimal(found.get("available_balance", found.get("AvailableBalance"))),
        _decimal(found.get("life_time_value", found.get("LifeTimeValue"))),
        found,
    )


def _usable(found: Raw) -> bool:
    return bool(_text(found.get("reference_id"))) and _decimal(found.get("amount")) is not None


def _discount(found: Raw) -> Discount:
    reference_id, amount = _text(found.get("reference_id")), _decimal(found.get("amount"))
    if not reference_id or amount is None:
        raise ValueError("the discount has no reference_id or no amount")
    status = (_text(found.get("status")) or "").upper()
    return Discount(reference_id, status, _text(found.get("display_name")), amount, found)


def _warned(found: Raw) -> Warned:
    return Warned(str(found.get("code")), str(found.get("message")), _text(found.get("path")))


def _age(said: Said) -> Age | None:
    """Read how old a remembered answer is: from the container, or from the header of a relayed one."""
    remembered = said.container.get("remembered")
    found = remembered if isinstance(remembered, dict) else {}
    seconds = _decimal(found.get("age_seconds", said.headers.get("age")))
    if seconds is None or not 0 <= seconds <= _AGE_SECONDS_MAX:
        return None
    return Age(int(seconds), _text(found.get("as_of")))


def _object(found: Any, what: str) -> Raw:
    if not isinstance(found, dict):
        raise ValueError(f"{what} is not an object")  # noqa: TRY004 - all that is not understood is one error
    return found


def _objects(found: Any) -> list[Raw]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(found: Any) -> str | None:
    return None if found is None else str(found)


def _whole(found: Any) -> int | None:
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _decimal(found: Any) -> Decimal | None:
    """Read a number; recorded traffic carries numbers as texts, also `".35"`."""
    if isinstance(found, bool) or not isinstance(found, int | str | Decimal):
        return None
    try:
        number = Decimal(found)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
