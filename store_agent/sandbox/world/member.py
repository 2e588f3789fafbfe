"""One loyalty account."""

from dataclasses import dataclass, field
from typing import Any

from store_agent.sandbox.world.stamp import spaced

STANDARD = (
    *("email", "gender", "dob", "address", "city", "zip", "dma", "state", "country", "locale"),
    *("last_name", "first_name", "profile_photo_url"),
)
"""Attributes of the standard profile that a caller sets and reads as they are."""


@dataclass(slots=True)
class Member:
    """A guest as the platform keeps one.

    `number`: the platform's short number. `created`, `updated`: seconds since 1970. `profile`: the custom profile;
    its `_version` grows with each change. `identifiers`: `{"external_id", "external_id_type"}`, the main one first.
    """

    number: int
    user_id: str
    created: float
    updated: float
    standard: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=lambda: {"_version": 1})
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    phones: list[dict[str, Any]] = field(default_factory=list)
    opted_in: bool = False
    restricted: bool = False

    @property
    def external_id(self) -> str | None:
        """The main id in the retailer's own system."""
        return self.identifiers[0]["external_id"] if self.identifiers else None

    @property
    def external_ids(self) -> tuple[str, ...]:
        """Every id in the retailer's own system; a merged account leaves its own here."""
        return tuple(one["external_id"] for one in self.identifiers)

    @property
    def phone_numbers(self) -> tuple[str, ...]:
        """Every phone number, digits only."""
        return tuple(one["phone_number"] for one in self.phones)

    @property
    def name(self) -> str:
        """First and last name."""
        names = (self.standard.get("first_name"), self.standard.get("last_name"))
        return " ".join(str(name) for name in names if name)

    def change(self, fields: dict[str, Any], at: float) -> None:
        """Take over the attributes given; others stay as they are."""
        self.standard |= {name: fields[name] for name in STANDARD if name in fields}
        if isinstance(fields.get("user_profile"), dict):
            self.profile |= fields["user_profile"] | {"_version": self.profile["_version"] + 1}
        if isinstance(fields.get("phone_numbers"), list):
            self.phones = [_phone(one) for one in fields["phone_numbers"] if isinstance(one, dict)]
        if "opted_in" in fields:
            self.opted_in = str(fields["opted_in"]).lower() == "true"
        if fields.get("external_id"):
            kind = fields.get("external_id_type") or "external_id"
            self.identifiers[:1] = [{"external_id": str(fields["external_id"]), "external_id_type": kind}]
        self.updated = at

    def as_json(self, points: float, *, identifiers: bool = False, profile: bool = False) -> dict[str, Any]:
        """Render the profile as recorded answers do."""
        return {
            "id": self.user_id,
            "external_id": self.external_id,
            "opted_in": self.opted_in,
            "activated": False,
            "proxy_ids": list(self.external_ids[1:]),
            **({"identifiers": self.identifiers} if identifiers else {}),
            "available_points": points,
            "test_points": 0,
            "unclaimed_achievement_count": 0,
            **self.standard,
            "created_at": spaced(self.created),
            "updated_at": spaced(self.updated),
            "registered_at": spaced(self.created),
            "suspended": False,
            "test_account": False,
            "account_status": "restricted" if self.restricted else "good",
            "referrer_code": f"{self.name.replace(' ', '').upper()[:7]}-{self.number}",
            **({"user_profile": self.profile} if profile else {}),
            "phone_numbers": self.phones,
        }

    def as_player(self, *, profile: bool) -> dict[str, Any]:
        """Render one row of an advanced search."""
        return {
            "id": self.number,
            "user_id": self.user_id,
            **{name: self.standard.get(name) for name in ("first_name", "last_name", "dob", "email")},
            "home_state": self.standard.get("state"),
            "masked_phone_numbers": [f"XXX-XXX-{number[-4:]}" for number in self.phone_numbers],
            **({"user_profile": self.profile} if profile else {}),
            "external_ids": list(self.external_ids),
            "home_address": self.standard.get("address"),
        }


def _phone(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "phone_number": str(given.get("phone_number", "")),
        "phone_type": given.get("phone_type", "mobile"),
        "preference_flags": given.get("preference_flags", []),
        "verified_ownership": False,
    }
