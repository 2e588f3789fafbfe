"""Offers in use at this store, and what a sale does to them.

Source: SessionM POS API, Discounting and Discount Object. A lock is kept for one transaction and redeemed when that is
closed with the discount in it; the discount answered must come back unchanged. Status OFFLINE takes the offer from the
guest's wallet without any check, and is for offers that were applied offline only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from store_agent.domain import money
from store_agent.domain.transaction import Sale, SaleWarning


class OfferAction(StrEnum):
    """What is asked for an offer."""

    LOCK = "lock"
    REDEEM = "redeem"


class UseState(StrEnum):
    """What became of it.

    `asked`: nobody knows yet whether the platform did it. `applied`: it did, or it was allowed offline. `used`: a
    closed sale carries it. `released`: given back, or replaced by a later use for the same transaction.
    """

    ASKED = "asked"
    APPLIED = "applied"
    REFUSED = "refused"
    USED = "used"
    RELEASED = "released"


GIVE_BACK = {OfferAction.LOCK: "unlock", OfferAction.REDEEM: "reinstate"}
"""The call that takes each action back (SessionM POS API, Unlock Offer, Reinstate Offer)."""

_PLAIN = ("reference_id_type", "discount_source", "pos_discount_id", "display_name", "user_id")
_NUMBERS = ("amount", "stack_order")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an offer. `code` is what was asked by, `offer` the user offer id, once it is known.

    `discount` is the Discount object that was answered. `reached` tells that the platform may have heard of it, `sent`
    that it has, or may have, a closed revision with it, `taken` any revision with it; `pending` that a closed one may
    still arrive.
    """

    number: int
    transaction_id: str
    employee: str
    action: OfferAction
    code: str
    state: UseState
    offline: bool
    offer: str | None
    discount: Mapping[str, Any] | None
    reached: bool = True
    sent: bool = False
    taken: bool = False
    pending: bool = False

    @property
    def name(self) -> str:
        """The user offer id as far as it is known."""
        return self.offer or self.code

    @property
    def spent(self) -> bool:
        """Tell whether the offer is gone from the wallet, by the POS's own wish: only the POS can want it back."""
        done = self.state in (UseState.APPLIED, UseState.USED)
        return self.action is OfferAction.REDEEM and done and not self.offline

    @property
    def ways_back(self) -> tuple[str, ...]:
        """The calls that give it back at the platform; none where it has nothing to give, or only the POS can ask.

        Status OFFLINE takes an offer from the wallet as soon as a sale with it arrives, closed or not. Where it is open
        whether that or an earlier lock is what the platform has, both are asked for; one of them is refused.
        """
        if self.spent or self.offer is None:
            return ()
        first = (GIVE_BACK[self.action],) if self.reached else ()
        return tuple(dict.fromkeys((*first, "reinstate"))) if self.offline and self.taken else first


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a sale means for the offers of its transaction.

    `offline` are the user offer ids whose discount must say OFFLINE in it. `carried` are uses that it carries, `used`
    those that it carries closed, `released` those that end without it, `give_back` those of them that the platform must
    be told of.
    """

    offline: frozenset[str]
    carried: tuple[Use, ...]
    used: tuple[Use, ...]
    released: tuple[Use, ...]
    give_back: tuple[Use, ...]
    warnings: tuple[SaleWarning, ...]


def reconcile(sale: Sale, uses: Sequence[Use], at: str) -> Reconciled:
    """Hold a sale against the offers in use for its transaction; `at` is its path with a trailing dot."""
    offline: set[str] = set()
    carrying: list[Use] = []
    used: list[Use] = []
    released: list[Use] = []
    warnings: list[SaleWarning] = []
    active = [use for use in uses if use.state is not UseState.RELEASED]
    for use in active:
        carried = None if sale.voided else _carried(sale.discounts, use)
        if carried is not None:
            number, discount = carried
            carrying.append(use)
            warnings += _differences(use, discount, f"{at}discounts.{number}.")
            if use.offline:
                offline.add(use.name)
            if sale.closed and use.state is not UseState.USED:
                used.append(use)
        elif sale.voided or sale.closed:
            ends, words = _end(use, voided=sale.voided)
            warnings += [SaleWarning("offer_not_in_sale", words, at + "discounts")] if words else []
            released += [use] if ends else []
    warnings += _given_back_before(sale, uses, active, at)
    give_back = tuple(use for use in released if use.ways_back)
    return Reconciled(frozenset(offline), tuple(carrying), tuple(used), tuple(released), give_back, tuple(warnings))


def _given_back_before(sale: Sale, uses: Sequence[Use], active: Sequence[Use], at: str) -> list[SaleWarning]:
    """Warn of offers that a closed sale carries and that were given back since."""
    if not sale.closed or sale.voided:
        return []
    names = dict.fromkeys(use.name for use in uses if _carried(sale.discounts, use) is not None)
    words = "Offer {} was given back to the guest before this sale was closed; the platform need not take it."
    gone = (name for name in names if all(use.name != name for use in active))
    return [SaleWarning("offer_given_back", words.format(name), at + "discounts") for name in gone]


def _carried(discounts: Sequence[Mapping[str, Any]], use: Use) -> tuple[int, Mapping[str, Any]] | None:
    wanted = {use.offer, use.code} - {None}
    return next(((n, each) for n, each in enumerate(discounts) if each.get("reference_id") in wanted), None)


def _end(use: Use, *, voided: bool) -> tuple[bool, str]:
    """Tell whether a use ends with a sale that is closed without it or voided, and what the POS is told."""
    if use.state is UseState.USED and use.sent:
        return False, f"Offer {use.name} was consumed with this sale; reinstate it to give it back."
    if use.spent:
        words = f"Offer {use.name} was redeemed for this sale and is not in it; reinstate it to give it back."
        return False, words
    if use.offer is None:
        words = f"It is not known whether offer code {use.code} was applied; if the guest misses it, ask the platform."
        return True, words
    if voided:
        return True, ""
    given_back = " and is given back to the guest" if use.ways_back else ""
    return True, f"Offer {use.name} was applied to this sale{given_back}, since the sale does not carry it."


def _differences(use: Use, discount: Mapping[str, Any], at: str) -> list[SaleWarning]:
    """Compare the discount in the sale with the one that was answered; it is crucial that they are the same."""
    answered = use.discount or {}
    names = [name for name in _PLAIN if _differ(answered.get(name), discount.get(name))]
    names += [name for name in _NUMBERS if _differ_as_numbers(answered.get(name), discount.get(name))]
    return [
        SaleWarning("discount_changed", f"{name} of offer {use.name} is not what was answered for it.", at + name)
        for name in names
    ]


def _differ(answered: Any, sent: Any) -> bool:
    if answered in (None, "") or sent in (None, ""):
        return False
    return str(answered).casefold() != str(sent).casefold()


def _differ_as_numbers(answered: Any, sent: Any) -> bool:
    was, now = money.read_decimal(answered), money.read_decimal(sent)
    return was is not None and now is not None and was != now
