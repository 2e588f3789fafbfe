"""Every loyalty account: the seeded guests and those that callers created."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from store_agent.clock import Clock
from store_agent.sandbox.guests import GUESTS, Guest
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.refusals import declined, unknown

_CRITERIA: Mapping[str, Callable[[Member], tuple[Any, ...]]] = {
    "email": lambda member: (member.standard.get("email"),),
    "phone": lambda member: member.phone_numbers,
    "user_id": lambda member: (member.user_id,),
    "external_customer_id": lambda member: member.external_ids,
}


class Members:
    """Finds, adds and removes accounts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made = 0
        self._members: dict[str, Member] = {}
        for guest in GUESTS:
            self._keep(self._seed(guest))

    def __iter__(self) -> Iterator[Member]:
        """Go through the accounts, oldest first."""
        return iter(self._members.values())

    def of(self, names: Mapping[str, str]) -> Member:
        """Find the account that a path names by `user_id` or `external_id`. Raises `BadInput` user_not_found."""
        if "user_id" in names:
            return self.by_id(names["user_id"])
        return self.by_external_id(names.get("external_id", ""))

    def by_id(self, user_id: Any) -> Member:
        """Find an account by the platform's own id. Raises `BadInput` user_not_found."""
        return self._one("user_id", user_id)

    def by_external_id(self, external_id: Any) -> Member:
        """Find an account by its id in the retailer's system. Raises `BadInput` user_not_found."""
        return self._one("external_customer_id", external_id)

    def find(self, criterion: str, value: Any) -> list[Member]:
        """Find accounts by exact match of `email`, `phone`, `user_id` or `external_customer_id`."""
        return [member for member in self if value in _CRITERIA[criterion](member)]

    def create(self, fields: dict[str, Any]) -> Member:
        """Add an account. Raises `BadInput` when nothing identifies it or somebody else has its identity."""
        if not fields.get("email") and not fields.get("external_id"):
            raise declined("missing_data", "A user needs an email or an external_id")
        self._refuse_taken(fields, None)
        now = self._clock.wall()
        member = Member(self._number(), str(uuid.uuid4()), now, now)
        member.change(fields, now)
        # A profile that is made with its attributes is the first version of it.
        member.profile["_version"] = 1
        return self._keep(member)

    def update(self, member: Member, fields: dict[str, Any]) -> None:
        """Change an account. Raises `BadInput` when somebody else has the identity given."""
        self._refuse_taken(fields, member)
        member.change(fields, self._clock.wall())

    def remove(self, member: Member) -> None:
        """Take an account away."""
        del self._members[member.user_id]

    def _one(self, criterion: str, value: Any) -> Member:
        found = self.find(criterion, value)
        if not found:
            raise unknown("user_not_found", f"There is no user {value}")
        return found[0]

    def _refuse_taken(self, fields: dict[str, Any], by: Member | None) -> None:
        for name, criterion in (("email", "email"), ("external_id", "external_customer_id")):
            taken = fields.get(name) and any(member is not by for member in self.find(criterion, fields[name]))
            if taken:
                raise declined("validation", f"The {name} {fields[name]} belongs to another user")

    def _number(self) -> int:
        self._made += 1
        return 600_000 + self._made

    def _keep(self, member: Member) -> Member:
        self._members[member.user_id] = member
        return member

    def _seed(self, guest: Guest) -> Member:
        now = self._clock.wall()
        phone = {"phone_number": guest.phone, "phone_type": "mobile", "preference_flags": ["primary"]}
        names = {"email": guest.email, "first_name": guest.first_name, "last_name": guest.last_name}
        return Member(
            self._number(),
            guest.user_id,
            now,
            now,
            standard={**names, "gender": "x", "dob": "1990-01-01", "state": "MA", "country": "USA"},
            profile={"_version": 2, "preferred_language": "english", "email_optin": True},
            identifiers=[{"external_id": guest.external_customer_id, "external_id_type": "loyalty_card"}],
            phones=[{**phone, "verified_ownership": True}],
            opted_in=True,
        )
