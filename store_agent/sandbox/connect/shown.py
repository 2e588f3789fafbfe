"""Offers as the offers API shows them, in the shapes of recorded answers."""

from typing import Any

from store_agent.sandbox.discount import number
from store_agent.sandbox.world.held import Held
from store_agent.sandbox.world.rewards import Reward, reward_of
from store_agent.sandbox.world.stamp import fine
from store_agent.sandbox.world.world import World

STARTED = "2020-01-01T00:00:00Z"
_TYPE = "fixed_amount_discount"
_ALL = "00000000-0000-0000-0000-000000000000"

STATUSES = {"INFO": (1, "Issued"), "LOCKED": (1, "Issued"), "REDEEMED": (2, "Redeemed"), "REVOKED": (3, "Revoked")}
"""Number and words of a user offer's status; recorded answers show only the first, the others are invented."""


def reward_json(world: World, reward: Reward) -> dict[str, Any]:
    """Render a reward as overviews list it."""
    return {
        "offer_id": reward.reward_id,
        "root_offer_id": reward.reward_id,
        "offer_type": _TYPE,
        "check_level": True,
        "status": 1,
        "internal_title": reward.name,
        "title": reward.name,
        "description": reward.name,
        "culture": "EN",
        "division_id": "root",
        "acquisition_start_date": STARTED,
        "does_not_expire": True,
        "points": reward.points,
        "monetary_value": number(reward.value),
        "requires_extended_data": False,
        "purchase_count": world.wallet.issued_count(reward),
        "redemption_count": world.wallet.used_count(reward),
        "start_date": STARTED,
        "valid_after_end_date": False,
    }


def full_reward_json(reward: Reward, retailer_id: str) -> dict[str, Any]:
    """Render a reward alone."""
    return {
        "offer_type_id": _TYPE,
        "amount": number(reward.value),
        "allow_overage": False,
        "id": reward.reward_id,
        "root_offer_id": reward.reward_id,
        "retailer_id": retailer_id,
        "title": reward.name,
        "status": 1,
        "acquisition_start_date": STARTED,
        "division_id": "root",
        "points": reward.points,
        "monetary_value": number(reward.value),
        "reward_store": True,
        "all_items_eligible": True,
        "check_level": True,
        "offer_text": [{"offer_id": reward.reward_id, "culture": "EN", "title": reward.name}],
        "offer_media": [],
        "start_date": STARTED,
        "valid_after_end_date": True,
    }


def listed_json(held: Held) -> dict[str, Any]:
    """Render an offer as a guest's list shows it; `status` tells LOCKED ones, which recorded lists have none of."""
    reward = reward_of(held.offer.reward_id)
    return {
        "offer_id": reward.reward_id,
        "offer_group_id": _ALL,
        "offer_type": _TYPE,
        "redemption_start_date": held.terms.get("redemption_start_date", STARTED),
        "acquire_date": fine(held.acquired),
        "is_redeemable": held.status == "INFO",
        "is_locked": held.status == "LOCKED",
        "check_level": True,
        "pending_extended_data": False,
        "division_id": "root",
        "start_date": STARTED,
        "id": held.offer.offer_id,
        "root_offer_id": reward.reward_id,
        "name": held.offer.name,
        "description": held.offer.name,
        "terms": "",
        "culture": "EN",
        "media": [],
    }


def user_offer_json(held: Held, retailer_id: str) -> dict[str, Any]:
    """Render an offer alone, with what updates attached to it."""
    return {
        "id": held.offer.offer_id,
        "user_id": held.user_id,
        "retailer_id": retailer_id,
        "offer_id": held.offer.reward_id,
        "root_offer_id": held.offer.reward_id,
        "status": STATUSES[held.status][0],
        "acquire_date": fine(held.acquired),
        "redemption_start_date": STARTED,
        "redeemed_by_store_id": "",
        "immediate_issue_and_redeem": False,
        "is_redeemable": held.status == "INFO",
        "is_locked": held.status == "LOCKED",
        "quantity": 1,
        "pending_extended_data": False,
        **held.terms,
    }


def used_json(held: Held, culture: Any) -> dict[str, Any]:
    """Render an offer as a history shows it."""
    status, words = STATUSES[held.status]
    redeemed = {} if held.redeemed is None else {"redeem_date": fine(held.redeemed)}
    return {
        "title": held.offer.name,
        "description": held.offer.name,
        "terms": "",
        "user_offer_id": held.offer.offer_id,
        "offer_id": held.offer.reward_id,
        "division_id": "root",
        "offer_type": _TYPE,
        "user_id": held.user_id,
        "acquire_date": fine(held.acquired),
        "redemption_start_date": STARTED,
        "status": status,
        "status_description": words,
        "culture": culture,
        **redeemed,
    }
