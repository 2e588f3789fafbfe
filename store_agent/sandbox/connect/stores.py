"""The rewards store: what it sells for points, and buying there."""

from typing import Any

from store_agent.sandbox.call import Call, page_of
from store_agent.sandbox.connect.acquisition import quantity_of
from store_agent.sandbox.connect.asked import fields_of, member_of
from store_agent.sandbox.connect.shown import STARTED, reward_json
from store_agent.sandbox.world.points import SPEND, Posting
from store_agent.sandbox.world.refusals import unknown
from store_agent.sandbox.world.rewards import REWARDS, STORE_ID, Reward, reward_of
from store_agent.sandbox.world.world import World

_STORE: dict[str, Any] = {
    "id": STORE_ID,
    "internal_name": "rewards",
    "name": "Rewards",
    "status": 1,
    "start_date": STARTED,
    "end_date": None,
    "point_account_ids": [SPEND.account_id],
    "offers_count": len(REWARDS),
}


def listing(_world: World, call: Call) -> dict[str, Any]:
    """List the stores whose ids and name are searched for, all without."""
    fields = fields_of(call)
    wanted, words = fields.get("search_reward_store_ids") or [], str(fields.get("search_name") or "").lower()
    fits = (not wanted or STORE_ID in wanted) and words in _STORE["name"].lower()
    return _stores([_STORE] if fits else [])


def listing_of_user(world: World, call: Call) -> dict[str, Any]:
    """List the stores that a user may buy in, with points when asked."""
    fields = fields_of(call)
    member = member_of(world, fields)
    shown = _stores([] if member.restricted else [_STORE])
    if fields.get("include_point_balances"):
        shown["point_account_balances"] = world.points.details(member.user_id)
    return shown


def offers(world: World, call: Call) -> dict[str, Any]:
    """List what the stores named sell."""
    fields = fields_of(call)
    wanted = fields.get("reward_store_ids")
    sold = list(REWARDS) if isinstance(wanted, list) and STORE_ID in wanted else []
    page = [_sold(world, reward) for reward in page_of(sold, fields)]
    return {"total_records": len(sold), "results": page}


def containing(_world: World, call: Call) -> dict[str, Any]:
    """List the stores that sell an offer."""
    reward_of(fields_of(call).get("offer_id"))
    return _stores([_STORE])


def purchase(world: World, call: Call) -> dict[str, Any]:
    """Spend a user's points on offers, both or neither."""
    fields = fields_of(call)
    if fields.get("reward_store_id") != STORE_ID:
        raise unknown("reward_store_not_found", f"There is no reward store {fields.get('reward_store_id')}")
    member, reward = member_of(world, fields), reward_of(fields.get("reward_store_offer_id"))
    price = reward.points * quantity_of(fields)
    reference = {"reference_id": reward.reward_id, "reference_type": "reward_store"}
    change = world.points.spend(Posting(member.user_id, SPEND, price, reference))
    bought = [world.issue(reward, member) for _ in range(quantity_of(fields))]
    return {
        "user_id": member.user_id,
        "offer_id": reward.reward_id,
        "points_spent": price,
        "available_points": change.available,
        "user_offer_ids": [held.offer.offer_id for held in bought],
    }


def _stores(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"total_records": len(found), "results": found}


def _sold(world: World, reward: Reward) -> dict[str, Any]:
    return {**reward_json(world, reward), "reward_store_id": STORE_ID, "reward_store_offer_id": reward.reward_id}
