"""Friends whom a member refers ("Referrals API")."""

from typing import Any

from store_agent.sandbox.call import Call, text_of
from store_agent.sandbox.world.referrals import Referral
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.stamp import milli
from store_agent.sandbox.world.world import World


def create(world: World, call: Call) -> dict[str, Any]:
    """Refer friends."""
    member = world.members.of(call.names)
    given = call.fields()
    text_of(given, "referrer")
    friends = given.get("referrals")
    if not isinstance(friends, list) or not all(isinstance(friend, dict) for friend in friends):
        raise declined("missing_data", "referrals must be a list of objects")
    return {"referrals": [_referral(one) for one in world.refer(member, friends)]}


def listing(world: World, call: Call) -> dict[str, Any]:
    """List a member's referrals; they fit on one page, so the cursor ends it."""
    found = world.referrals.of(world.members.of(call.names).user_id)
    return {"cursor": None, "referral": [_referral(one) for one in found]}


def show(world: World, call: Call) -> dict[str, Any]:
    """Show one referral."""
    user_id = world.members.of(call.names).user_id
    return {"referral": _referral(world.referrals.one_of(user_id, call.names["referral_id"]))}


def _referral(one: Referral) -> dict[str, Any]:
    return {
        "id": str(one.referral_id),
        **{name: one.given.get(name) for name in ("referee", "email", "tel")},
        "origin": one.given.get("origin", ""),
        "source": one.given.get("source", ""),
        "client_data": one.given.get("client_data"),
        "status": "pending" if one.registered is None else "registered",
        "pending_at": milli(one.pending),
        "engaged_at": None,
        "registered_at": None if one.registered is None else milli(one.registered),
        "converted_at": None,
        "voided_at": None,
        "conversion_points": 0,
    }
