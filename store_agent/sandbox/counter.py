"""What the POS asks at the counter: who a guest is, and what becomes of offers.

An offer is INFO (free), LOCKED by one transaction, or REDEEMED. "SessionM POS API, Discounting": lock, then close the
transaction with the discount in it, or redeem at once; unlock and reinstate go back.
"""

from collections.abc import Iterable
from typing import Any

from store_agent.errors import BadInput
from store_agent.sandbox.container import missing
from store_agent.sandbox.discount import discount_on, unapplied
from store_agent.sandbox.looked_up import guest_json
from store_agent.sandbox.world.held import Held
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.stamp import fine
from store_agent.sandbox.world.world import World

_CRITERIA = ("email", "phone", "user_id", "external_customer_id")


class Counter:
    """The calls of the counter on a world. All refusals are `BadInput` with the platform's code and words."""

    def __init__(self, world: World) -> None:
        self._world = world

    def lookup(self, payload: dict[str, Any]) -> list[dict[str, Any]]:
        """Find guests by exact match of one criterion ("SessionM POS API, User Lookup").

        With a transaction, only offers that can be used on it are listed, with their discount.
        """
        given = [name for name in _CRITERIA if payload.get(name) not in (None, "")]
        if len(given) != 1:
            raise BadInput("invalid_criteria", f"Give exactly one of {', '.join(_CRITERIA)}")
        found = self._find(given[0], payload[given[0]])
        if len(found) > 1:
            raise BadInput("ambiguous_user", f"More than one account has this {given[0]}; look up by another value")
        transaction = payload.get("transaction")
        return [self._found(member, transaction) for member in found]

    def redeem(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Use an offer at once; gives the Discount object."""
        held, transaction = self._asked_for(payload)
        discount = discount_on(transaction, held, "REDEEMED", fine(self._world.clock.wall()))
        self._world.use(held, transaction["transaction_id"])
        return discount

    def lock(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Keep an offer for one transaction, again when that changes; gives the Discount object."""
        held, transaction = self._asked_for(payload)
        discount = discount_on(transaction, held, "LOCKED", fine(self._world.clock.wall()))
        held.lock(by=transaction["transaction_id"])
        return discount

    def unlock(self, payload: dict[str, Any]) -> None:
        """Give a locked offer back to the guest."""
        self._to_give_back(payload).give_back("LOCKED")

    def reinstate(self, payload: dict[str, Any]) -> None:
        """Give a redeemed offer back to the guest."""
        self._to_give_back(payload).give_back("REDEEMED")

    def settle(self, transaction: dict[str, Any]) -> None:
        """Apply an accepted transaction: a closed one redeems what it locked, a voided one uses nothing.

        Status OFFLINE removes the offer without any check and without notice when it is gone already.
        """
        voided, closed = _is_true(transaction.get("is_voided")), _is_true(transaction.get("is_closed"))
        counts = closed and not voided
        self._world.purchases.settle(transaction, counts=counts, at=self._world.clock.wall())
        if voided:
            return
        for discount in _objects(transaction.get("discounts")):
            held = self._world.wallet.seek(str(discount.get("reference_id")))
            if held is not None and _ends_the_offer(held, discount, transaction, closed=closed):
                self._world.use(held, str(transaction["transaction_id"]))

    def _find(self, criterion: str, value: Any) -> list[Member]:
        found = self._world.members.find(criterion, value)
        card = self._world.cards.seek(value) if criterion == "external_customer_id" else None
        if found or card is None:
            return found
        # An assigned card's number identifies its guest, too ("User Lookup", external_customer_id).
        return self._world.members.find("user_id", card.user_id)

    def _found(self, member: Member, transaction: Any) -> dict[str, Any]:
        held = self._world.wallet.left_of(member.user_id)
        if isinstance(transaction, dict):
            usable = [one for one in held if one.is_usable_by(transaction.get("transaction_id"))]
            offers = [discount_on(transaction, one, one.status, None) for one in usable]
        else:
            offers = [unapplied(one, one.status) for one in held]
        return guest_json(member, offers, self._world.points)

    def _asked_for(self, payload: dict[str, Any]) -> tuple[Held, dict[str, Any]]:
        code, kind = payload.get("offer_lookup_code"), payload.get("offer_lookup_type")
        if not isinstance(code, str) or not code:
            raise missing("request_payload.offer_lookup_code")
        transaction = payload.get("transaction")
        if not isinstance(transaction, dict) or not isinstance(transaction.get("transaction_id"), str):
            raise missing("request_payload.transaction.transaction_id")
        held = self._world.wallet.look_up(code, str(kind))
        held.refuse_unless_usable_by(transaction["transaction_id"])
        return held, transaction

    def _to_give_back(self, payload: dict[str, Any]) -> Held:
        for name in ("user_offer_id", "employee_id"):
            if not isinstance(payload.get(name), str) or not payload[name]:
                raise missing(f"request_payload.{name}")
        return self._world.wallet.get(payload["user_offer_id"])


def _ends_the_offer(held: Held, discount: dict[str, Any], transaction: dict[str, Any], *, closed: bool) -> bool:
    if str(discount.get("status")).upper() == "OFFLINE":
        return True
    return closed and held.status == "LOCKED" and held.by == transaction["transaction_id"]


def _is_true(value: Any) -> bool:
    """Read a flag; recorded traffic carries other values as texts, so flags may come so, too."""
    return value is True or str(value).lower() == "true"


def _objects(value: Any) -> Iterable[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
