"""Campaigns of a member: listed in both versions, joined, and brought forward by events."""

from collections.abc import Callable, Mapping
from typing import Any

from store_agent.sandbox.call import Call
from store_agent.sandbox.world.campaigns import CAMPAIGNS, Campaign, campaign_of
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.world import World

_FROM = "2024-07-08 00:00:00"
_TO = "2124-07-08 00:00:00"


def listing(world: World, call: Call) -> dict[str, Any]:
    """List a member's campaigns as the first version does."""
    member = world.members.of(call.names)
    return {"campaigns": {"promotions": [_first_version(world, member, one) for one in CAMPAIGNS]}}


def listing_v2(world: World, call: Call) -> dict[str, Any]:
    """List a member's campaigns as the second version does, with the sections asked for."""
    member = world.members.of(call.names)
    found = [_second_version(world, member, one, call) for one in CAMPAIGNS]
    return {"page": 1, "page_size": 20, "number_of_pages": 1, "campaigns": found}


def show(world: World, call: Call) -> dict[str, Any]:
    """Show one campaign of a member."""
    member = world.members.of(call.names)
    return {"campaign": _second_version(world, member, campaign_of(call.names["campaign_id"]), call)}


def opt_in(world: World, call: Call) -> dict[str, Any]:
    """Let a member join a campaign."""
    member = world.members.of(call.names)
    world.campaigns.join(member.user_id, campaign_of(call.names["campaign_id"]))
    return {}


def count_events(world: World, call: Call) -> dict[str, Any]:
    """Count events, each `{"qty": n}` in a list under the event's name."""
    member = world.members.of(call.names)
    campaign = campaign_of(call.names["campaign_id"])
    given = call.fields()
    listed = [one for value in given.values() for one in (value if isinstance(value, list) else [value])]
    world.campaigns.count(member.user_id, campaign, sum(_quantity(one) for one in listed))
    for name in given:
        world.timeline.note(member.user_id, "ACTIVITY", name=name, campaign_id=campaign.campaign_id)
    return {"user": world.profile(member)}


def activities(world: World, call: Call) -> dict[str, Any]:
    """List what a member completed."""
    member = world.members.of(call.names)
    done = [one for one in CAMPAIGNS if world.campaigns.state(member.user_id, one) == "completed"]
    if not done:
        return {"activities": {}}
    return {"activities": {"points": [_activity(one) for one in done]}}


def _activity(one: Campaign) -> dict[str, Any]:
    return {"behavior_id": one.behavior_id, "campaign_id": one.campaign_id, "points": 0, "type": "points"}


def _quantity(event: Any) -> int:
    quantity = event.get("qty", 1) if isinstance(event, dict) else 1
    return quantity if isinstance(quantity, int) and quantity > 0 else 1


def _first_version(world: World, member: Member, one: Campaign) -> dict[str, Any]:
    return {
        "campaign_id": one.campaign_id,
        "name": one.name,
        "start_date": _FROM,
        "end_date": _TO,
        "permalink": one.permalink,
        "template": {"type": "internal_behavior"},
        **_progress(world, member, one),
        **_behaviors(world, member, one),
    }


def _second_version(world: World, member: Member, one: Campaign, call: Call) -> dict[str, Any]:
    state = world.campaigns.state(member.user_id, one)
    wanted = call.parameters.get("sections", "").split(",")
    sections = [render(world, member, one) for name, render in _SECTIONS.items() if name in wanted]
    return {
        "campaign_id": one.campaign_id,
        "campaign_permalink": one.permalink,
        "name": one.name,
        "status": state,
        "starts_at": _FROM,
        "qualified": state != "eligible",
        **{name: value for section in sections for name, value in section.items()},
        "creative_ids": [],
        "division_id": "root",
    }


def _progress(world: World, member: Member, one: Campaign) -> dict[str, Any]:
    behavior = {
        "behavior_id": one.behavior_id,
        "name": f"{one.permalink}_achievement",
        "progress": world.campaigns.progress(member.user_id, one),
        "goal": one.goal,
        "active": True,
    }
    return {"progress": {"state": world.campaigns.state(member.user_id, one), "behaviors": [behavior]}}


def _behaviors(world: World, member: Member, one: Campaign) -> dict[str, Any]:
    counted = world.campaigns.progress(member.user_id, one)
    progress = {"type": "count", "points": 0, "achieved": 0, "current_count": counted, "total_count": one.goal}
    goal = {"type": "goal", "points": 0, "completed": counted == one.goal, "required": True, "progress": progress}
    behavior = {"type": "composite", "points": 0, "achieved": int(counted == one.goal), "goals": {"counted": goal}}
    return {"behaviors": {f"{one.permalink}_achievement": behavior}}


_SECTIONS: Mapping[str, Callable[[World, Member, Campaign], dict[str, Any]]] = {
    "progress": _progress,
    "behaviors": _behaviors,
}
