"""One offer in a guest's wallet: INFO (free), LOCKED by one transaction, REDEEMED, or REVOKED."""

from dataclasses import dataclass, field
from typing import Any

from store_agent.errors import BadInput
from store_agent.sandbox.guests import Offer


@dataclass(slots=True)
class Held:
    """An offer that somebody has.

    `acquired`: seconds since 1970. `by`: the transaction that locked or redeemed it. `times_redeemed`: how often it was
    used; more than once only when it was given back between. `terms`: what an update attached.
    """

    offer: Offer
    user_id: str
    acquired: float
    status: str = "INFO"
    by: str | None = None
    times_redeemed: int = 0
    redeemed: float | None = None
    terms: dict[str, Any] = field(default_factory=dict)

    @property
    def in_wallet(self) -> bool:
        """Whether the guest still has it."""
        return self.status in ("INFO", "LOCKED")

    def is_usable_by(self, transaction_id: Any) -> bool:
        """Tell whether a transaction may lock or redeem the offer."""
        return self.status == "INFO" or (self.status == "LOCKED" and self.by == transaction_id)

    def refuse_unless_usable_by(self, transaction_id: Any) -> None:
        """Raise `BadInput` when the offer is used or locked by another transaction."""
        if not self.is_usable_by(transaction_id):
            words = f"Offer {self.offer.offer_id} is {self.status} by transaction {self.by}"
            raise BadInput(f"offer_{self.status.lower()}", words)

    def lock(self, by: str) -> None:
        """Keep it for one transaction."""
        self.status, self.by = "LOCKED", by

    def redeem(self, by: str, at: float) -> None:
        """Use it."""
        self.status, self.by, self.redeemed = "REDEEMED", by, at
        self.times_redeemed += 1

    def revoke(self) -> None:
        """Take it away unused."""
        self.status, self.by = "REVOKED", None

    def give_back(self, status: str) -> None:
        """Free it from `status`. Raises `BadInput` when it is in another."""
        if self.status != status:
            words = f"Offer {self.offer.offer_id} is {self.status}, not {status}"
            raise BadInput(f"offer_not_{status.lower()}", words)
        self.status, self.by, self.redeemed = "INFO", None, None

    def as_state(self) -> dict[str, Any]:
        """Render for tests: `{"status": ..., "by": transaction or null, "times_redeemed": n}`."""
        return {"status": self.status, "by": self.by, "times_redeemed": self.times_redeemed}
