"""Requests about a guest's data. They are noted, and stay pending: a stand-in has nobody who works on them."""

import itertools
from dataclasses import dataclass
from typing import Any

from store_agent.clock import Clock
from store_agent.sandbox.world.stamp import spaced

_PARTS = ("forget", "timeline_forget_stream", "offers_domain_forget_organization", "incentives_forget")


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """One request. `parts`: number and name of what must be done. `at`: seconds since 1970."""

    request_id: int
    user_id: str
    kind: str
    parts: tuple[tuple[int, str], ...]
    at: float

    def as_json(self) -> dict[str, Any]:
        """Render one row of the listing."""
        return {
            "id": self.request_id,
            "type": self.kind,
            "status": "pending",
            "created_at": spaced(self.at),
            **self.as_made(),
        }

    def as_made(self) -> dict[str, Any]:
        """Render as the call that makes it answers."""
        return {"id": self.request_id, "privacy_request_part_ids": {str(number): name for number, name in self.parts}}


class Privacy:
    """All requests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids = itertools.count(58)
        self._part_ids = itertools.count(291)
        self._requests: list[PrivacyRequest] = []

    def forget(self, user_id: str) -> PrivacyRequest:
        """Ask for a guest's data to be removed."""
        return self._add(user_id, "forget", _PARTS)

    def restrict(self, user_id: str, *, restricted: bool) -> PrivacyRequest:
        """Ask that a guest is left alone, or no longer."""
        kind = "restrict" if restricted else "reinstate"
        return self._add(user_id, kind, (kind,))

    def of(self, user_id: str) -> list[PrivacyRequest]:
        """List a guest's requests, oldest first."""
        return [one for one in self._requests if one.user_id == user_id]

    def _add(self, user_id: str, kind: str, names: tuple[str, ...]) -> PrivacyRequest:
        parts = tuple((next(self._part_ids), name) for name in names)
        request = PrivacyRequest(next(self._ids), user_id, kind, parts, self._clock.wall())
        self._requests.append(request)
        return request
