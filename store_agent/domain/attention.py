"""What a manager does about what the platform refused: one table, of which the first row that fits decides.

It goes by the fields that the refusal named, by the cause in the agent's own words, and by whether it is part of a
burst of refusals, which is a fault of the setup (G6). Names of fields: SessionM POS API, Send Transaction. Reasons of
the other calls: Core Loyalty APIs, Statuses and Errors. Each advice ends with what can be done here: retry or discard.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was refused: a sale, an upload, or another call about offers, cards or guests."""

    SALE = "sale"
    UPLOAD = "upload"
    CALL = "call"


_ALL = frozenset(Kind)
_SALE, _UPLOAD, _CALL = (frozenset({kind}) for kind in Kind)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as it is kept: `cause` in words, the `fields` it named, in the platform's own way of writing.

    `burst` tells that it was one of many in a row. `call` is the endpoint of a deferred call, None for a sale.
    """

    cause: str
    fields: tuple[str, ...] = ()
    burst: bool = False
    call: str | None = None

    @property
    def kind(self) -> Kind:
        """What was refused."""
        if self.call is None:
            return Kind.SALE
        return Kind.UPLOAD if self.call.startswith("upload_") else Kind.CALL


@dataclass(frozen=True, slots=True)
class Advice:
    """A row: for refusals of these kinds that name one of `fields`, or whose cause holds one of `phrases`.

    One with neither fits whatever is of its kinds. `setup` tells that it speaks of the setup in any case.
    """

    words: str
    fields: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()
    kinds: frozenset[Kind] = _ALL
    setup: bool = False


def what_to_do(refusal: Refusal) -> str:
    """Give the advice for a refusal, in a few sentences for a manager."""
    named = _known_names(refusal)
    cause = refusal.cause.lower().replace("_", " ")
    advice = next(row for row in TABLE if _fits(row, refusal.kind, named, cause))
    if not refusal.burst or advice.setup:
        return advice.words
    return _BURST_UNNAMED if advice is TABLE[-1] else f"{_BURST} {advice.words}"


def _fits(row: Advice, kind: Kind, named: frozenset[str], cause: str) -> bool:
    if kind not in row.kinds:
        return False
    anything = not row.fields and not row.phrases
    return anything or not named.isdisjoint(row.fields) or any(phrase in cause for phrase in row.phrases)


def _known_names(refusal: Refusal) -> frozenset[str]:
    """Find the known fields that a refusal is about: the last one of each path, and what its cause spells out."""
    paths = (list(_parts(path)) for path in refusal.fields)
    own = (next((part for part in reversed(parts) if part in _KNOWN), None) for parts in paths)
    spelled = _MISSED.findall(refusal.cause) + _SPELLED.findall(refusal.cause)
    return frozenset(name for name in (*own, *map(_snake, spelled)) if name in _KNOWN)


def _parts(path: str) -> Iterator[str]:
    """Give the names of a path: `items[3].itemId` has items and item_id."""
    return (_snake(part) for part in re.split(r"[^A-Za-z_]+", path) if part)


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()


_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPELLED = re.compile(r"\b[A-Za-z]+(?:_[A-Za-z]+)+\b")
_MISSED = re.compile(r"^The platform misses (?:\S+\.)?(\w+) in this sale")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RETRY = "Retry once it is mended."
_EITHER = "Retry once it is mended, or discard with a reason."
_BURST = "Many sales in a row were refused and none was taken, so that it is rather the setup than these sales."
_BURST_UNNAMED = (
    f"{_BURST} Check store.store_id, store.client_id and cloud.base_url, and ask whoever looks after the platform "
    f"whether this store is set up there. {_RETRY}"
)

TABLE = (
    Advice(
        "Nobody refused these: the database was damaged, and they may be at the platform already. Look each up there: "
        "retry those that it does not have, discard with a reason those that it has.",
        phrases=("database of this machine was damaged",),
    ),
    Advice(
        "Ask whoever looks after the platform to take larger requests, or set catalog.upload_bytes_max to what it "
        f"takes. {_RETRY}",
        phrases=("larger than the platform takes",),
        kinds=_UPLOAD,
    ),
    Advice(
        f"Ask whoever looks after the platform to take sales of this size. {_EITHER}",
        phrases=("larger than the platform takes",),
    ),
    Advice(
        "This store has no access to that part of the platform. Set in the configuration what the reason names. "
        f"{_EITHER}",
        phrases=("cannot be called",),
        setup=True,
    ),
    Advice(
        "Ask whoever looks after the platform whether this store may make this call, and check the address and the "
        f"credentials of this upstream in the configuration. {_EITHER}",
        phrases=("at this address", "credentials", "invalid api key", "invalid auth token", "access denied"),
        setup=True,
    ),
    Advice(
        "Correct what the reason names in the file of the catalog or of the employees, and import it again: the new "
        "upload takes the place of this one. Then discard this one with a reason.",
        kinds=_UPLOAD,
    ),
    Advice(
        "Check store.store_id and store.client_id in the configuration, and ask whoever looks after the platform "
        f"whether this store is set up there. {_RETRY}",
        fields=_names("store_id client_id retailer_id location_id"),
        phrases=("know store", "know client"),
        kinds=_SALE,
        setup=True,
    ),
    Advice(
        "Compare the sale with what the platform has. If that is the same, discard this one with a reason; if it is "
        "another sale with the same number, have the till number its sales anew, and ask whoever looks after the "
        f"platform. {_RETRY}",
        fields=_names("transaction_id from_transaction_id"),
        phrases=("has this sale already",),
        kinds=_SALE,
    ),
    Advice(
        "Have the employee added at the platform, or check that the upload of the employees arrived and holds this "
        "one. Then retry all sales of this group.",
        fields=_names("pos_employee_id sm_employee_id employee_id"),
        phrases=("know employee",),
        kinds=_SALE,
    ),
    Advice(
        "Upload the catalog, or have the item added at the platform. Then retry all sales of this group.",
        fields=_names("item_id sku items"),
        phrases=("know item",),
        kinds=_SALE,
    ),
    Advice(
        "The offer of the guest is gone: used, expired or locked by another sale. Void or correct the sale in the "
        "till, which sends a new state of it. Then discard this one with a reason; retry if the offer was given back.",
        fields=_names(
            "discounts reference_id reference_id_type pos_discount_id discount_source discounted_line_ids "
            "discounted_line_id_quantities stack_order user_offer_id offer_id offer_lookup_code offer_lookup_type"
        ),
        phrases=("know offer", "know discount", "offer"),
        kinds=_SALE,
    ),
    Advice(
        "There may be nothing left to give back. Look at the offers of the guest at the platform: retry if the offer "
        "is still locked or used there, else discard with a reason.",
        fields=_names("user_offer_id offer_id reference_id"),
        phrases=("offer",),
        kinds=_CALL,
    ),
    Advice(
        "Look at the cards of the guest at the platform: the number may be mistyped, or the guest has as many cards as "
        "allowed. Have it linked there by hand if it is right, then discard with a reason; retry once it is mended.",
        phrases=("card", "retailer code invalid", "max iterations reached"),
        kinds=_CALL,
    ),
    Advice(
        "The friend may be a member or referred already, or the guest has made as many referrals as allowed. Ask "
        "whoever looks after the platform if that cannot be; retry then, else discard with a reason.",
        phrases=("referral", "referred", "friend", "already in use", "is a member already"),
        kinds=_CALL,
    ),
    Advice(
        "Look whether the platform knows the guest by what the sale names, and have the account mended there. Or take "
        f"the guest off the sale in the till, which sends a new state of it. {_EITHER}",
        fields=_names(
            "user_id user_id_type additional_user_id additional_user_id_type external_id external_customer_id email "
            "phone"
        ),
        phrases=("know customer", "user not found", "no user", "more than one account", "registered user"),
    ),
    Advice(
        "The receipt code belongs to another sale at the platform; only one guest can claim it. Have the till make "
        "codes that are unique, or leave them to the agent. Send the sale anew, then discard this one with a reason.",
        fields=_names("guest_receipt_code receipt_code"),
        phrases=("know receipt code", "receipt code"),
        kinds=_SALE,
    ),
    Advice(
        "The amounts of the sale do not fit together for the platform. Correct the sale in the till, which sends a new "
        "state of it, and tell whoever looks after the tills. Then discard this one with a reason.",
        fields=_names(
            "subtotal tax_total tax_included unit_price quantity amount line_id modifies_line_id guest_count"
        ),
        kinds=_SALE,
    ),
    Advice(
        "Ask whoever looks after the platform whether it knows this way of paying, and correct the payment in the till "
        f"if it is wrong there. {_EITHER}",
        fields=_names("payments payment_id type"),
        phrases=("know payment",),
        kinds=_SALE,
    ),
    Advice(
        "Check the clocks of the till and of this machine. Correct the sale in the till, which sends a new state of "
        "it. Then discard this one with a reason.",
        fields=_names("open_time modified_time payment_time applied_time"),
        kinds=_SALE,
    ),
    Advice(
        "Ask whoever looks after the platform to set this channel up, or correct the channel in the settings of the "
        f"till. {_EITHER}",
        fields=_names("channel"),
        phrases=("know channel",),
        kinds=_SALE,
    ),
    Advice(
        f"Whoever looks after the tills must have what they add to sales agreed with the platform. {_EITHER}",
        fields=_names("custom_data culture table_id"),
        kinds=_SALE,
    ),
    Advice(
        "The till left out or mistook a field that the platform wants. Tell whoever looks after the tills what the "
        f"reason says; a corrected sale is a new state of it. {_EITHER}",
        fields=_names("is_closed is_voided display_name image_url status"),
        phrases=("the platform misses", "is required", "missing data"),
    ),
    Advice(
        f"Read the words of the platform, and show them to whoever looks after it for this store. {_EITHER}",
    ),
)
"""The first row that fits decides; the last one fits everything."""


def _all_fields(rows: Iterable[Advice]) -> frozenset[str]:
    return frozenset(name for row in rows for name in row.fields)


_KNOWN = _all_fields(TABLE)
