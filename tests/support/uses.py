"""Offers in use, for tests."""

import json
from dataclasses import replace
from typing import Any

from store_agent.domain.offers import OfferAction, Use, UseState
from store_agent.storage.offers import read_discount

DISCOUNT = {
    "reference_id": "offer-1",
    "reference_id_type": "UserOfferId",
    "discount_source": "SessionM",
    "pos_discount_id": "77",
    "display_name": "One coffee",
    "user_id": "u-1",
    "amount": 2.5,
    "stack_order": 1,
    "status": "LOCKED",
}
"""A Discount object as the platform answers it (SessionM POS API, Discount Object)."""

ANSWER = json.dumps({"status": "OK", "payload": DISCOUNT, "errors": None}).encode()
"""The body of that answer."""


def use(number: int = 1, **changes: Any) -> Use:
    """Make a lock of offer-1 for T-1 that the platform answered."""
    made = Use(
        number=number,
        transaction_id="T-1",
        employee="1000",
        action=OfferAction.LOCK,
        code="offer-1",
        state=UseState.APPLIED,
        offline=False,
        offer="offer-1",
        discount=read_discount(ANSWER),
    )
    return replace(made, **changes)
