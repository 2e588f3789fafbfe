"""Guests and their offers, and what the POS calls do to them.

An offer is INFO (free), LOCKED by one transaction, or REDEEMED. "SessionM POS API, Discounting": lock, then close the
transaction with the discount in it, or redeem at once; unlock and reinstate go back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from store_agent.errors import BadInput, FieldError
from store_agent.sandbox.container import missing
from store_agent.sandbox.discount import discount_on, unapplied
from store_agent.sandbox.guests import GUESTS, Guest, Offer

_CRITERIA = ("email", "phone", "user_id", "external_customer_id")


class Wallet:
    """The offers of every guest. All refusals are `BadInput` with the platform's code and words."""

    def __init__(self) -> None:
        self._held = {offer.offer_id: Held(offer, guest) for guest in GUESTS for offer in guest.offers}

    def lookup(self, payload: dict[str, Any]) -> list[dict[str, Any]]:
        """Find guests by exact match of one criterion ("SessionM POS API, User Lookup").

        With a transaction, only offers that can be used on it are listed, with their discount.
        """
        given = [name for name in _CRITERIA if payload.get(name) not in (None, "")]
        if len(given) != 1:
            raise BadInput("invalid_criteria", f"Give exactly one of {', '.join(_CRITERIA)}")
        found = [guest for guest in GUESTS if getattr(guest, given[0]) == payload[given[0]]]
        if len(found) > 1:
            raise BadInput("ambiguous_user", f"More than one account has this {given[0]}; look up by another value")
        transaction = payload.get("transaction")
        return [guest.as_json(self._offers_of(guest, transaction)) for guest in found]

    def redeem(self, payload: dict[str, Any], applied_time: str) -> dict[str, Any]:
        """Use an offer at once; gives the Discount object."""
        return self._use(payload, "REDEEMED", applied_time)

    def lock(self, payload: dict[str, Any], applied_time: str) -> dict[str, Any]:
        """Keep an offer for one transaction, again when that changes; gives the Discount object."""
        return self._use(payload, "LOCKED", applied_time)

    def unlock(self, payload: dict[str, Any]) -> None:
        """Give a locked offer back to the guest."""
        self._give_back(payload, "LOCKED", "offer_not_locked")

    def reinstate(self, payload: dict[str, Any]) -> None:
        """Give a redeemed offer back to the guest."""
        self._give_back(payload, "REDEEMED", "offer_not_redeemed")

    def settle(self, transaction: dict[str, Any]) -> None:
        """Apply the discounts of an accepted transaction: a closed one redeems what it locked.

        Status OFFLINE removes the offer without any check and without notice when it is gone already.
        """
        if transaction.get("is_voided") is True:
            return
        for discount in _objects(transaction.get("discounts")):
            held = self._held.get(str(discount.get("reference_id")))
            if held is not None and _ends_the_offer(held, discount, transaction):
                held.become("REDEEMED", by=str(transaction["transaction_id"]))

    def _offers_of(self, guest: Guest, transaction: Any) -> list[dict[str, Any]]:
        held = [self._held[offer.offer_id] for offer in guest.offers]
        left = [one for one in held if one.status != "REDEEMED"]
        if not isinstance(transaction, dict):
            return [unapplied(one.offer, guest.user_id, one.status) for one in left]
        usable = [one for one in left if one.is_usable_by(transaction.get("transaction_id"))]
        return [one.discount(transaction, one.status, None) for one in usable]

    def _use(self, payload: dict[str, Any], status: str, applied_time: str) -> dict[str, Any]:
        held, transaction = self._asked_for(payload)
        held.refuse_unless_usable_by(transaction["transaction_id"])
        discount = held.discount(transaction, status, applied_time)
        held.become(status, by=transaction["transaction_id"])
        return discount

    def _asked_for(self, payload: dict[str, Any]) -> tuple["Held", dict[str, Any]]:
        code, kind = payload.get("offer_lookup_code"), payload.get("offer_lookup_type")
        if not isinstance(code, str) or not code:
            raise missing("request_payload.offer_lookup_code")
        transaction = payload.get("transaction")
        if not isinstance(transaction, dict) or not isinstance(transaction.get("transaction_id"), str):
            raise missing("request_payload.transaction.transaction_id")
        return self._find(code, str(kind).lower()), transaction

    def _find(self, code: str, kind: str) -> "Held":
        if kind not in ("userofferid", "ttlcode"):
            words = "offer_lookup_type must be UserOfferId or TTLCode"
            raise BadInput("invalid_field", words, fields=(FieldError("request_payload.offer_lookup_type", words),))
        for held in self._held.values():
            if code == (held.offer.offer_id if kind == "userofferid" else held.offer.ttl_code):
                return held
        raise BadInput("offer_not_found", f"There is no offer {code}")

    def _give_back(self, payload: dict[str, Any], status: str, problem: str) -> None:
        for name in ("user_offer_id", "employee_id"):
            if not isinstance(payload.get(name), str) or not payload[name]:
                raise missing(f"request_payload.{name}")
        held = self._find(payload["user_offer_id"], "userofferid")
        if held.status != status:
            raise BadInput(problem, f"Offer {held.offer.offer_id} is {held.status}, not {status}")
        held.become("INFO", by=None)


@dataclass(slots=True)
class Held:
    """One offer in a guest's wallet. `by`: the transaction that locked or redeemed it."""

    offer: Offer
    guest: Guest
    status: str = "INFO"
    by: str | None = None

    def become(self, status: str, *, by: str | None) -> None:
        """Change hands."""
        self.status, self.by = status, by

    def is_usable_by(self, transaction_id: Any) -> bool:
        """Tell whether a transaction may lock or redeem the offer."""
        return self.status == "INFO" or (self.status == "LOCKED" and self.by == transaction_id)

    def refuse_unless_usable_by(self, transaction_id: Any) -> None:
        """Raise `BadInput` when the offer is used or locked by another transaction."""
        if not self.is_usable_by(transaction_id):
            words = f"Offer {self.offer.offer_id} is {self.status} by transaction {self.by}"
            raise BadInput(f"offer_{self.status.lower()}", words)

    def discount(self, transaction: dict[str, Any], status: str, applied_time: str | None) -> dict[str, Any]:
        """Render the Discount object on a transaction. Raises `BadInput` for amounts that are no numbers."""
        return discount_on(transaction, self.offer, self.guest.user_id, status, applied_time)


def _ends_the_offer(held: Held, discount: dict[str, Any], transaction: dict[str, Any]) -> bool:
    if str(discount.get("status")).upper() == "OFFLINE":
        return True
    locked_here = held.status == "LOCKED" and held.by == transaction["transaction_id"]
    return locked_here and transaction.get("is_closed") is True


def _objects(value: Any) -> Iterable[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
