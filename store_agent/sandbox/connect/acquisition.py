"""Offers given to users and taken from them."""

from typing import Any

from store_agent.sandbox.call import Call
from store_agent.sandbox.connect.asked import fields_of, find_held, held_of, member_of
from store_agent.sandbox.connect.shown import user_offer_json
from store_agent.sandbox.world.held import Held
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.rewards import reward_of
from store_agent.sandbox.world.stamp import fine
from store_agent.sandbox.world.world import World

QUANTITY_MAX = 100
"""Offers that one call may issue."""

_TERMS = ("custom_data", "redemption_start_date", "redemption_end_date")


def issue(world: World, call: Call) -> dict[str, Any]:
    """Put offers in a user's wallet."""
    fields = fields_of(call)
    member, reward = member_of(world, fields), reward_of(fields.get("offer_id"))
    issued = [world.issue(reward, member) for _ in range(quantity_of(fields))]
    names = {"offer_id": reward.reward_id, "root_offer_id": reward.reward_id, "division_id": "root"}
    return {
        **names,
        "status_summary": "Issuance to all (1) users was successful.",
        "acquire_date": fine(issued[0].acquired),
        "status_list": [
            {
                "user_id": member.user_id,
                "user_offer_id": held.offer.offer_id,
                **names,
                "pending_extended_data": False,
                "fail_reason": 0,
            }
            for held in issued
        ],
    }


def revoke(world: World, call: Call) -> dict[str, Any]:
    """Take an unused offer away."""
    held = _in_wallet(held_of(world, fields_of(call)))
    held.revoke()
    return {
        "user_id": held.user_id,
        "user_offer_id": held.offer.offer_id,
        "offer_id": held.offer.reward_id,
        "root_offer_id": held.offer.reward_id,
        "pos_discount_id": held.offer.pos_discount_id,
    }


def update(world: World, call: Call) -> dict[str, Any]:
    """Attach data and dates to an offer."""
    fields = fields_of(call)
    held = _in_wallet(held_of(world, fields))
    held.terms |= {name: fields[name] for name in _TERMS if fields.get(name) is not None}
    shown = user_offer_json(held, fields["retailer_id"])
    return {"user_id": held.user_id, "user_offer_id": held.offer.offer_id, "user_offer": shown}


def move(world: World, call: Call) -> dict[str, Any]:
    """Give offers of one user to another, all or none."""
    fields = fields_of(call)
    source, target = member_of(world, fields, "source_user_id"), member_of(world, fields, "destination_user_id")
    listed = fields.get("user_offers_id_list")
    if not isinstance(listed, list) or not listed:
        raise declined("missing_data", "user_offers_id_list must be a list of at least one id")
    moved = [_in_wallet(find_held(world, offer_id)) for offer_id in listed]
    if any(held.user_id != source.user_id for held in moved):
        raise declined("validation", "Not all of these offers belong to the source user")
    for held in moved:
        world.wallet.move(held, target.user_id)
    names = {"source_user_id": source.user_id, "destination_user_id": target.user_id}
    return {**names, "user_offers_id_list": [held.offer.offer_id for held in moved]}


def quantity_of(fields: dict[str, Any]) -> int:
    """Read how many offers are wanted, one when nothing is said. Raises `BadInput` argument_error."""
    quantity = fields.get("quantity", 1)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 1 <= quantity <= QUANTITY_MAX:
        raise declined("argument_error", f"quantity must be a whole number from 1 to {QUANTITY_MAX}")
    return quantity


def _in_wallet(held: Held) -> Held:
    if not held.in_wallet:
        raise declined("user_offer_not_available", f"Offer {held.offer.offer_id} is {held.status}")
    return held
