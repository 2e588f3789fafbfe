"""What members bought, as far as sales name them in a payment ("SessionM POS API, Payment Objects")."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.members import Members

KEPT_MAX = 200
"""Sales kept of all members together; a load test of a million sales must not grow the sandbox."""

_CRITERIA = {"sessionm_id": "user_id", "email": "email", "phone": "phone", "external_id": "external_customer_id"}


@dataclass(frozen=True, slots=True)
class Purchase:
    """A closed sale of one or more members. `at`: seconds since 1970 when it arrived."""

    user_ids: frozenset[str]
    transaction: dict[str, Any]
    at: float


class Purchases:
    """The last closed sales of members, by transaction_id; a newer revision replaces, a void removes."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._kept: dict[str, Purchase] = {}

    def settle(self, transaction: dict[str, Any], *, counts: bool, at: float) -> None:
        """Take a revision of a sale; `counts`: it is closed and not voided."""
        name = str(transaction["transaction_id"])
        self._kept.pop(name, None)
        buyers = frozenset(member.user_id for member in self._buyers(transaction)) if counts else frozenset()
        if buyers:
            self._kept[name] = Purchase(buyers, transaction, at)
        while len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]

    def of(self, user_id: str) -> list[Purchase]:
        """List a member's sales, newest first."""
        return [one for one in reversed(self._kept.values()) if user_id in one.user_ids]

    def _buyers(self, transaction: dict[str, Any]) -> Iterator[Member]:
        payments = transaction.get("payments")
        for payment in payments if isinstance(payments, list) else []:
            if isinstance(payment, dict) and isinstance(payment.get("user_id"), str):
                kind = str(payment.get("user_id_type") or "sessionm_id").lower()
                yield from self._members.find(_CRITERIA.get(kind, "user_id"), payment["user_id"])
