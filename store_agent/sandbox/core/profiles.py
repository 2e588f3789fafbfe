"""Standard and custom profiles of members, their search and merge."""

from collections.abc import Callable, Mapping
from typing import Any

from store_agent.sandbox.call import Call, text_of
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.refusals import declined, unknown
from store_agent.sandbox.world.world import Merge, World

PAGE_MAX = 100
"""Members on one page of a listing."""

_FILTERS: Mapping[str, Callable[[Member], tuple[Any, ...]]] = {
    "first_name": lambda member: (member.standard.get("first_name"),),
    "last_name": lambda member: (member.standard.get("last_name"),),
    "email": lambda member: (member.standard.get("email"),),
    "external_id": lambda member: member.external_ids,
    "phone_number": lambda member: member.phone_numbers,
    "user_id": lambda member: (member.user_id,),
}
_SORTS: Mapping[str, Callable[[Member], Any]] = {
    "first_name": lambda member: str(member.standard.get("first_name")),
    "last_name": lambda member: str(member.standard.get("last_name")),
    "email": lambda member: str(member.standard.get("email")),
}


def create(world: World, call: Call) -> dict[str, Any]:
    """Make a member."""
    member = world.enrol(call.fields("user"))
    return {"user": world.profile(member, identifiers=True, custom=True)}


def listing(world: World, call: Call) -> dict[str, Any]:
    """List members, a page at a time."""
    return {"users": [world.profile(member) for member in _page(list(world.members), call)]}


def search(world: World, call: Call) -> dict[str, Any]:
    """Find one member by email."""
    found = world.members.find("email", text_of(call.parameters, "email"))
    if not found:
        raise unknown("user_not_found", "No user has this email")
    return {"user": world.profile(found[0])}


def search_users(world: World, call: Call) -> dict[str, Any]:
    """Find members by any attributes that a search understands."""
    wanted = {name: call.parameters[name] for name in _FILTERS if call.parameters.get(name)}
    if not wanted:
        raise declined("missing_data", f"Give at least one of {', '.join(_FILTERS)}")
    found = [one for one in world.members if all(value in _FILTERS[name](one) for name, value in wanted.items())]
    found.sort(key=_SORTS.get(call.parameters.get("sort", ""), lambda member: member.user_id))
    custom = call.flag("advanced_search_params[user_profile]")
    return {
        "total_count": len(found),
        "players": [member.as_player(profile=custom) for member in _page(found, call)],
    }


def show(world: World, call: Call) -> dict[str, Any]:
    """Show a member; the query asks for identifiers, custom profile and tiers."""
    member = world.members.of(call.names)
    user = world.profile(member, identifiers=call.flag("show_identifiers"), custom=call.flag("user[user_profile]"))
    if call.flag("expand_incentives"):
        balances = {"user_id": member.user_id, "details": world.points.details(member.user_id)}
        level = world.tiers.level(member.user_id)
        user["tier_details"] = {
            "tier_levels": [] if level is None else [{"tier_level_id": level.level_id, "name": level.name}],
            "point_account_balances": balances,
        }
    return {"user": user}


def update(world: World, call: Call) -> dict[str, Any]:
    """Change attributes of a member."""
    member = world.members.of(call.names)
    world.members.update(member, call.fields("user"))
    world.timeline.note(member.user_id, "PROFILE_UPDATED", user_name=member.name)
    return {"user": world.profile(member, custom=True)}


def delete(world: World, call: Call) -> dict[str, Any]:
    """Remove a member."""
    member = world.members.of(call.names)
    world.part_with(member)
    return {"user": world.profile(member)}


def merge(world: World, call: Call) -> dict[str, Any]:
    """Merge another account, named in the body, into the one in the path."""
    victim = call.fields("merge_account").get("external_id")
    return _merged(world.merge(world.members.of(call.names), world.members.by_external_id(victim)))


def show_merge(world: World, call: Call) -> dict[str, Any]:
    """Show a merge."""
    return _merged(world.merge_of(world.members.of(call.names), call.names["merge_id"]))


def _merged(one: Merge) -> dict[str, Any]:
    names = {"user_id": one.survivor_id, "merged_user_id": one.victim_id, "external_id": one.victim_external_id}
    return {"merge_account": {"id": one.merge_id, "state": "completed", **names}}


def _page(members: list[Member], call: Call) -> list[Member]:
    limit, page = call.count("limit", PAGE_MAX), call.count("page", 1)
    return members[(page - 1) * limit : page * limit]
