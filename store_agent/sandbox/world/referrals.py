"""Friends whom guests referred ("Referrals API")."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store_agent.clock import Clock
from store_agent.sandbox.world.refusals import declined, unknown

OPEN_MAX = 50
"""Referrals a guest may have made."""


@dataclass(slots=True)
class Referral:
    """One friend of one guest. `pending`, `registered`: seconds since 1970."""

    referral_id: int
    user_id: str
    given: dict[str, Any]
    pending: float
    registered: float | None = None

    @property
    def email(self) -> str:
        """The friend's address."""
        return str(self.given["email"])


class Referrals:
    """Every referral. A friend who becomes a member turns it from pending to registered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids = itertools.count(1001)
        self._referrals: list[Referral] = []

    def create(self, user_id: str, friends: Sequence[dict[str, Any]]) -> list[Referral]:
        """Refer friends, all or none. Raises `BadInput` with the documented codes."""
        if not friends:
            raise declined("missing_data", "referrals must be a list of at least one friend")
        if len(self.of(user_id)) + len(friends) > OPEN_MAX:
            raise declined("validation", f"A user may make {OPEN_MAX} referrals")
        emails = [one.email for one in self.of(user_id)]
        for friend in friends:
            email = friend.get("email")
            if not isinstance(email, str) or not email:
                raise declined("referral_email_required", "Each referral needs an email")
            if email in emails:
                raise declined("referral_duplicate_email", f"{email} was referred already")
            emails.append(email)
        made = [Referral(next(self._ids), user_id, friend, self._clock.wall()) for friend in friends]
        self._referrals += made
        return made

    def of(self, user_id: str) -> list[Referral]:
        """List the referrals of a guest, oldest first."""
        return [one for one in self._referrals if one.user_id == user_id]

    def one_of(self, user_id: str, referral_id: str) -> Referral:
        """Find a guest's referral. Raises `BadInput` referral_not_found."""
        for one in self.of(user_id):
            if str(one.referral_id) == referral_id:
                return one
        raise unknown("referral_not_found", f"The user has no referral {referral_id}")

    def registered(self, email: Any) -> None:
        """Note that somebody became a member."""
        for one in self._referrals:
            if one.email == email and one.registered is None:
                one.registered = self._clock.wall()
