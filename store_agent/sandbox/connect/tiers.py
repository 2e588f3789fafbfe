"""Tiers of users, and the loyalty events that rules may act on."""

import uuid
from typing import Any

from store_agent.sandbox.call import Call, text_of
from store_agent.sandbox.connect.asked import fields_of, member_of
from store_agent.sandbox.connect.points import balances
from store_agent.sandbox.world.refusals import unknown
from store_agent.sandbox.world.stamp import fine
from store_agent.sandbox.world.tiers import LEVELS, SYSTEM_ID, Level, level_of
from store_agent.sandbox.world.world import World


def status(world: World, call: Call) -> dict[str, Any]:
    """Show a user's level, and what is asked for beside it."""
    fields = fields_of(call)
    member = member_of(world, fields)
    level = world.tiers.level(member.user_id)
    shown: dict[str, Any] = {"tier_levels": [] if level is None else [_level(level)]}
    if fields.get("include_progress"):
        shown["progress"] = _progress(world, member.user_id)
    if fields.get("include_tier_overview"):
        levels = [_level(one) for one in LEVELS]
        shown["tier_overview"] = [{"tier_system_id": SYSTEM_ID, "tier_levels": levels}]
    if fields.get("include_point_account_balances"):
        shown["point_account_balances"] = balances(world, member, {"retailer_id": fields["retailer_id"]})
    return shown


def qualify(world: World, call: Call) -> dict[str, Any]:
    """Give users the levels that their tier points earn, by `user_id` or `user_ids`."""
    fields = fields_of(call)
    _check_system(fields)
    listed = fields["user_ids"] if isinstance(fields.get("user_ids"), list) else [text_of(fields, "user_id")]
    members = [world.members.by_id(user_id) for user_id in listed]
    return {"movements": [_moved(one.user_id, *world.tiers.qualify(one.user_id)) for one in members]}


def move(world: World, call: Call) -> dict[str, Any]:
    """Put a user in a level."""
    fields = fields_of(call)
    _check_system(fields)
    member = member_of(world, fields)
    return {
        "movements": [_moved(member.user_id, *world.tiers.move(member.user_id, level_of(fields.get("tier_level_id"))))]
    }


def trigger(world: World, call: Call) -> dict[str, Any]:
    """Note a loyalty event. There are no rules here that would give anything for it."""
    fields = fields_of(call)
    member, name = member_of(world, fields), text_of(fields, "event_lookup")
    world.timeline.note(member.user_id, "ACTIVITY", name=name)
    event = {
        "id": str(uuid.uuid4()),
        "time_of_occurrence": fine(world.clock.wall()),
        "retailer_id": fields["retailer_id"],
        "event_lookup": name,
        "user_id": member.user_id,
        "is_session_m": False,
    }
    return {
        "user_event": event,
        "event_saved_successfully": True,
        "rules_processed_successfully": True,
        "outcomes": [],
    }


def _check_system(fields: dict[str, Any]) -> None:
    if fields.get("tier_system_id", SYSTEM_ID) != SYSTEM_ID:
        raise unknown("tier_system_not_found", f"There is no tier system {fields['tier_system_id']}")


def _level(level: Level) -> dict[str, Any]:
    names = {"tier_system_id": SYSTEM_ID, "tier_level_id": level.level_id, "name": level.name}
    return {**names, "rank": level.rank, "points": level.points}


def _progress(world: World, user_id: str) -> list[dict[str, Any]]:
    following = world.tiers.missing_for_next(user_id)
    if following is None:
        return []
    level, points = following
    return [{**_level(level), "points_missing": points}]


def _moved(user_id: str, before: Level | None, now: Level) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "from_tier_level_id": None if before is None else before.level_id,
        "to_tier_level_id": now.level_id,
        "tier_level_name": now.name,
    }
