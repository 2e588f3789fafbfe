"""What the bodies of connect calls name: a retailer always, often a user or a user's offer."""

from typing import Any

from store_agent.sandbox.call import Call, text_of
from store_agent.sandbox.world.held import Held
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.refusals import unknown
from store_agent.sandbox.world.world import World


def fields_of(call: Call) -> dict[str, Any]:
    """Read the body. Raises `BadInput` without a retailer."""
    fields = call.fields()
    text_of(fields, "retailer_id")
    return fields


def member_of(world: World, fields: dict[str, Any], name: str = "user_id") -> Member:
    """Find the member that a body names. Raises `BadInput`."""
    return world.members.by_id(text_of(fields, name))


def held_of(world: World, fields: dict[str, Any]) -> Held:
    """Find the user's offer that a body names. Raises `BadInput` user_offer_not_found."""
    return find_held(world, text_of(fields, "user_offer_id"))


def find_held(world: World, offer_id: Any) -> Held:
    """Find a user's offer. Raises `BadInput` user_offer_not_found."""
    held = world.wallet.seek(str(offer_id))
    if held is None:
        raise unknown("user_offer_not_found", f"There is no user offer {offer_id}")
    return held
