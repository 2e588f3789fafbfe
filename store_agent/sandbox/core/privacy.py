"""Requests about a member's data."""

from typing import Any

from store_agent.sandbox.call import Call
from store_agent.sandbox.world.world import World


def listing(world: World, call: Call) -> dict[str, Any]:
    """List a member's requests."""
    user_id = world.members.of(call.names).user_id
    return {"privacy_requests": [one.as_json() for one in world.privacy.of(user_id)]}


def exports(world: World, call: Call) -> dict[str, Any]:
    """List a member's exports: there are none, since no call asks for one."""
    world.members.of(call.names)
    return {"gdpr_user_data": []}


def forget(world: World, call: Call) -> dict[str, Any]:
    """Ask for a member's data to be removed. The member stays until somebody does it."""
    return {"privacy_request": world.privacy.forget(world.members.of(call.names).user_id).as_made()}


def restrict(world: World, call: Call) -> dict[str, Any]:
    """Leave a member alone from now on; again takes it back."""
    member = world.members.of(call.names)
    member.restricted = not member.restricted
    world.privacy.restrict(member.user_id, restricted=member.restricted)
    return {}
