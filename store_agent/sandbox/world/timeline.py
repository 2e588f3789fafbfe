"""What happened to guests, in order: the timeline that call centres look at."""

import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any

from store_agent.clock import Clock

KEPT_MAX = 1000
"""Events kept of all guests together; a stand-in that runs for weeks must not grow."""

EVENT_TYPES = (
    (191, "Profile Created", "PROFILE_CREATED", 38, "USER_PROFILE"),
    (192, "Profile Updated", "PROFILE_UPDATED", 38, "USER_PROFILE"),
    (138, "Points Changed", "POINTS_CHANGED", 28, "POINTS"),
    (169, "Issued Offer", "ISSUED_OFFER", 32, "OFFERS"),
    (170, "Redeemed Offer", "REDEEMED_OFFER", 32, "OFFERS"),
    (201, "Activity", "ACTIVITY", 41, "ACTIVITY"),
)
"""Number, name, slug, number and slug of the category."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. `slug`: its type. `at`: seconds since 1970."""

    stream_id: str
    user_id: str
    slug: str
    at: float
    details: dict[str, Any]

    def as_json(self, number: int) -> dict[str, Any]:
        """Render as recorded timelines do; `number` is the guest's."""
        type_id, name, slug, category_id, category = next(one for one in EVENT_TYPES if one[2] == self.slug)
        return {
            "event_stream_stream_id": self.stream_id,
            "event_stream_event_category_id": category_id,
            "event_stream_event_type_id": type_id,
            "target_id": number,
            "timestamp": int(self.at) * 1000,
            "created_at": int(self.at),
            "event_stream_payload": {
                **self.details,
                "created_at": int(self.at),
                "event_category_slug": category,
                "event_type_name": name,
                "event_type_slug": slug,
                "user_id": self.user_id,
            },
            "contexts": [{}],
        }


class Timeline:
    """The last events of all guests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._happened: deque[Happening] = deque(maxlen=KEPT_MAX)

    def note(self, user_id: str, slug: str, **details: Any) -> None:
        """Note that something of a known type happened."""
        self._happened.append(Happening(str(uuid.uuid4()), user_id, slug, self._clock.wall(), details))

    def of(self, user_id: str) -> list[Happening]:
        """List a guest's events, newest first."""
        return [one for one in reversed(self._happened) if one.user_id == user_id]
