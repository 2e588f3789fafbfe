"""Events of members and the timeline that shows them."""

from typing import Any

from store_agent.sandbox.call import Call, objects_of, text_of
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.refusals import unknown
from store_agent.sandbox.world.timeline import EVENT_TYPES
from store_agent.sandbox.world.world import World

_VIEW = "END_USER_MEMBER_STATEMENT"


def create(world: World, call: Call) -> dict[str, Any]:
    """Note events that name their members themselves: one object, or a list."""
    given = call.fields()
    listed = [given["events"]] if isinstance(given.get("events"), dict) else objects_of(given, "events")
    found = [(world.members.of(event), text_of(event, "name"), event.get("context")) for event in listed]
    for member, name, context in found:
        world.timeline.note(member.user_id, "ACTIVITY", name=name, context=context)
    return {}


def create_of_member(world: World, call: Call) -> dict[str, Any]:
    """Note the events of a member, each a member of the body under its name."""
    member = world.members.of(call.names)
    for name, context in call.fields().items():
        world.timeline.note(member.user_id, "ACTIVITY", name=name, context=context)
    return {"user": world.profile(member)}


def check_in(world: World, call: Call) -> dict[str, Any]:
    """Note that a member is at a place."""
    member = world.members.of(call.names)
    _check_in(world, member, call)
    return {"user": world.profile(member)}


def check_in_of_nobody(world: World, call: Call) -> dict[str, Any]:
    """Note that the member whom the body names is at a place."""
    member = world.members.of({"user_id": text_of(call.fields("check_in"), "user_id")})
    _check_in(world, member, call)
    return {"user": world.profile(member)}


def timeline(world: World, call: Call) -> dict[str, Any]:
    """Show what happened to a member, newest first."""
    member = world.members.of(call.names)
    if call.names["view"] != _VIEW:
        raise unknown("not_found", f"There is no view {call.names['view']}")
    happened = [one.as_json(member.number) for one in world.timeline.of(member.user_id)]
    types = [
        {"id": number, "name": name, "slug": slug, "event_stream_event_category_id": category}
        for number, name, slug, category, _ in EVENT_TYPES
    ]
    return {"result": happened, "grouping_field": None, "count": len(happened), "event_types": types}


def _check_in(world: World, member: Member, call: Call) -> None:
    world.timeline.note(member.user_id, "ACTIVITY", name="check_in", place_id=call.names["place_id"])
