"""What offers there are, and which a user has or had."""

from typing import Any

from store_agent.sandbox.call import Call, page_of
from store_agent.sandbox.connect.asked import fields_of, held_of, member_of
from store_agent.sandbox.connect.shown import (
    full_reward_json,
    listed_json,
    reward_json,
    used_json,
    user_offer_json,
)
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.rewards import REWARDS, reward_of
from store_agent.sandbox.world.world import World


def overview(world: World, call: Call) -> dict[str, Any]:
    """List the offers that can be had: those named by `offer_ids`, all without, narrowed by `search`."""
    fields = fields_of(call)
    wanted, words = fields.get("offer_ids") or [], str(fields.get("search") or "").lower()
    found = [one for one in REWARDS if (not wanted or one.reward_id in wanted) and words in one.name.lower()]
    return {"total_records": len(found), "results": [reward_json(world, one) for one in page_of(found, fields)]}


def offer(_world: World, call: Call) -> dict[str, Any]:
    """Show one offer that can be had."""
    fields = fields_of(call)
    return {"offer": full_reward_json(reward_of(fields.get("offer_id")), fields["retailer_id"])}


def user(world: World, call: Call) -> dict[str, Any]:
    """Show a user and the offers in the wallet."""
    fields = fields_of(call)
    values = fields.get("values")
    if not isinstance(values, dict):
        raise declined("missing_data", "values must be an object")
    member = member_of(world, values, "member_id")
    shown = {**world.profile(member, identifiers=True, custom=True), "user_custom_profile": member.profile}
    if not fields.get("include_offers"):
        return {"user": shown}
    held = page_of(world.wallet.left_of(member.user_id), fields)
    return {"user": shown, "available_offers": [listed_json(one) for one in held]}


def user_offers(world: World, call: Call) -> dict[str, Any]:
    """List the offers in a user's wallet."""
    fields = fields_of(call)
    member = member_of(world, fields)
    held = world.wallet.left_of(member.user_id)
    balance = world.points.balance(member.user_id)
    return {
        "user_id": member.user_id,
        "user_offers": [listed_json(one) for one in page_of(held, fields)],
        "total_records": len(held),
        "total_points": balance.lifetime,
        "available_points": balance.available,
    }


def user_offer(world: World, call: Call) -> dict[str, Any]:
    """Show one offer of a user, used or not."""
    fields = fields_of(call)
    held = held_of(world, fields)
    return {
        "user_id": held.user_id,
        "name": held.offer.name,
        "description": held.offer.name,
        "media": [],
        "offer_type": "fixed_amount_discount",
        "division_id": "root",
        "check_level": True,
        "user_offer": user_offer_json(held, fields["retailer_id"]),
        "child_offers": [],
        "selected_offers": [],
    }


def history(world: World, call: Call) -> dict[str, Any]:
    """List every offer that users have or had, newest first."""
    fields = fields_of(call)
    wanted = fields.get("user_ids")
    if not isinstance(wanted, list):
        raise declined("missing_data", "user_ids must be a list")
    members = [world.members.by_id(user_id) for user_id in wanted]
    had = [held for member in members for held in world.wallet.of(member.user_id)]
    had.sort(key=lambda held: held.acquired, reverse=True)
    culture = fields.get("culture")
    return {"total_records": len(had), "results": [used_json(one, culture) for one in page_of(had, fields)]}
