"""Guests in a lookup's answer, in the documented and the recorded shape.

Source: SessionM POS API, User Lookup (`{"users": [...]}`); the recorded answer of the Postman collection, 5.1 (a bare
list).
"""

from typing import Any


def users_of(payload: Any) -> list[dict[str, Any]]:
    """Give the guests of an answer's payload."""
    users = payload.get("users") if isinstance(payload, dict) else payload
    return [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []


def only_user(payload: Any) -> str | None:
    """Give the id of the guest, None unless the answer is about exactly one."""
    users = users_of(payload)
    found = users[0].get("user_reference_id") if len(users) == 1 else None
    return found if isinstance(found, str) else None


def offers_of(payload: Any) -> list[str]:
    """Give the user offer ids of an answer."""
    return [offer["reference_id"] for user in users_of(payload) for offer in _offers(user)]


def find_offer(payload: Any, offer: str) -> tuple[dict[str, Any], str | None] | None:
    """Find a Discount object by its user offer id, and the guest it belongs to."""
    for user in users_of(payload):
        for found in _offers(user):
            if found["reference_id"] == offer:
                guest = found.get("user_id") or user.get("user_reference_id")
                return found, guest if isinstance(guest, str) else None
    return None


def _offers(user: dict[str, Any]) -> list[dict[str, Any]]:
    offers = user.get("offers")
    found = offers if isinstance(offers, list) else []
    return [offer for offer in found if isinstance(offer, dict) and isinstance(offer.get("reference_id"), str)]
