"""Offers locked and used through the offers API; the same offers and rules as at the counter."""

from typing import Any

from store_agent.sandbox.call import Call, text_of
from store_agent.sandbox.connect.asked import fields_of, find_held, held_of
from store_agent.sandbox.connect.shown import user_offer_json
from store_agent.sandbox.discount import number
from store_agent.sandbox.world.held import Held
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.world import World


def redeem(world: World, call: Call) -> dict[str, Any]:
    """Use an offer on a transaction."""
    fields = fields_of(call)
    transaction = fields.get("transaction")
    if not isinstance(transaction, dict):
        raise declined("missing_data", "transaction must be an object")
    held, by = _asked_for(world, fields), text_of(transaction, "pos_transaction_key")
    held.refuse_unless_usable_by(by)
    world.use(held, by)
    return {**_told(held, fields), "monetary_value": number(held.offer.value)}


def lock(world: World, call: Call) -> dict[str, Any]:
    """Keep an offer for a transaction."""
    fields = fields_of(call)
    held, by = _asked_for(world, fields), text_of(fields, "pos_transaction_key")
    held.refuse_unless_usable_by(by)
    held.lock(by)
    return _told(held, fields)


def unlock(world: World, call: Call) -> dict[str, Any]:
    """Free an offer, or all that a transaction keeps."""
    fields = fields_of(call)
    if fields.get("user_offer_id"):
        freed = [held_of(world, fields)]
    else:
        freed = world.wallet.locked_by(text_of(fields, "pos_transaction_key"))
    for held in freed:
        held.give_back("LOCKED")
    return {"user_offer_ids": [held.offer.offer_id for held in freed]}


def reinstate(world: World, call: Call) -> dict[str, Any]:
    """Give a used offer back."""
    fields = fields_of(call)
    held = held_of(world, fields)
    held.give_back("REDEEMED")
    return _told(held, fields)


def _asked_for(world: World, fields: dict[str, Any]) -> Held:
    """Find an offer by its id or, without one, by the code that a guest shows."""
    if fields.get("user_offer_id"):
        return find_held(world, fields["user_offer_id"])
    return world.wallet.by_code(text_of(fields, "redeem_code"))


def _told(held: Held, fields: dict[str, Any]) -> dict[str, Any]:
    shown = user_offer_json(held, fields["retailer_id"])
    return {"user_id": held.user_id, "user_offer_id": held.offer.offer_id, "user_offer": shown}
