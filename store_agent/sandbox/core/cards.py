"""Loyalty cards: made, scanned, linked, and what was bought with them ("Loyalty Card API")."""

from typing import Any

from store_agent.sandbox.call import Call, text_of
from store_agent.sandbox.world.cards import Card, Retailer, retailers_at
from store_agent.sandbox.world.purchases import Purchase
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.stamp import iso, spaced
from store_agent.sandbox.world.world import World

_IMAGES = "https://images.example.com/retailers"


def create(world: World, call: Call) -> dict[str, Any]:
    """Make a digital card for a member."""
    card = world.cards.create(world.members.of(call.names).user_id)
    return {"loyalty_card": _card(card, {"id": card.user_id})}


def scan(world: World, call: Call) -> dict[str, Any]:
    """Tell whose card it is, and what points there are."""
    card = world.cards.scan(call.names["card_number"])
    member = world.members.by_id(card.user_id)
    points = world.points.balance(member.user_id).available
    user = {"id": member.user_id, "external_id": member.external_id or "N/A", "available_points": points}
    return {"loyalty_card": _card(card, user)}


def link(world: World, call: Call) -> dict[str, Any]:
    """Link a retailer's card to a member."""
    member = world.members.of(call.names)
    given = call.fields("loyalty_card")
    card = world.cards.link(member.user_id, text_of(given, "retailer_id"), given.get("card_number"))
    return {"loyalty_card": {"id": card.card_id}}


def linked(world: World, call: Call) -> dict[str, Any]:
    """List the cards that a member linked."""
    cards = world.cards.linked(world.members.of(call.names).user_id)
    return {"loyalty_cards": [_linked(card) for card in cards]}


def unlink(world: World, call: Call) -> dict[str, Any]:
    """Take a linked card away."""
    world.cards.unlink(world.members.of(call.names).user_id, call.names["card_id"])
    return {}


def transactions(world: World, call: Call) -> dict[str, Any]:
    """List what a member bought, a line each, newest sale first. Sales earn no points here."""
    bought = world.purchases.of(world.members.of(call.names).user_id)
    lines = [(purchase, item) for purchase in bought for item in _items(purchase)]
    limit, page = call.count("limit", 100), call.count("page", 1)
    shown = list(enumerate(lines, 1))[(page - 1) * limit : page * limit]
    return {"loyalty_transactions": [_line(number, purchase, item) for number, (purchase, item) in shown]}


def retailers(_world: World, call: Call) -> dict[str, Any]:
    """List the retailers near a ZIP code."""
    return {"retailers": [_retailer(one, linked=False) for one in retailers_at(call.parameters.get("zip", ""))]}


def retailers_of_nobody(world: World, call: Call) -> dict[str, Any]:
    """List retailers for somebody who is not a member, but has a token."""
    if not call.parameters.get("auth_token"):
        raise declined("invalid_auth_token", "auth_token is required")
    return retailers(world, call)


def retailers_of_member(world: World, call: Call) -> dict[str, Any]:
    """List retailers, and whether a member has a card of each."""
    has = {card.retailer for card in world.cards.linked(world.members.of(call.names).user_id)}
    found = retailers_at(call.parameters.get("zip", ""))
    return {"retailers": [_retailer(one, linked=one in has) for one in found]}


def _card(card: Card, user: dict[str, Any]) -> dict[str, Any]:
    scanned = {} if card.scanned is None else {"last_scanned_at": iso(card.scanned)}
    return {
        "id": card.card_id,
        "user": user,
        "card_type": "digital_card" if card.retailer is None else "retailer_card",
        "last_activated_at": iso(card.activated),
        **scanned,
        "number": card.number,
    }


def _linked(card: Card) -> dict[str, Any]:
    shown = {} if card.retailer is None else _retailer(card.retailer, linked=True)
    retailer = {name: shown.get(name) for name in ("name", "icon", "image")} | {"id": str(shown.get("id"))}
    return {"id": card.card_id, "card_number": card.number, "retailer": retailer}


def _retailer(retailer: Retailer, *, linked: bool) -> dict[str, Any]:
    return {
        "id": retailer.retailer_id,
        "name": retailer.name,
        "card": retailer.card,
        "icon": f"{_IMAGES}/{retailer.retailer_id}/icon.png",
        "image": f"{_IMAGES}/{retailer.retailer_id}/image.png",
        "linked": linked,
        "barcode_scannable": True,
    }


def _items(purchase: Purchase) -> list[dict[str, Any]]:
    items = purchase.transaction.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _line(number: int, purchase: Purchase, item: dict[str, Any]) -> dict[str, Any]:
    at = spaced(purchase.at)
    return {
        "id": number,
        "name": item.get("item_id"),
        "description": f"Product {item.get('item_id')}",
        "price": item.get("unit_price"),
        "quantity": item.get("quantity"),
        "transaction_datetime": purchase.transaction.get("modified_time", at),
        "points": 0,
        "created_at": at,
        "updated_at": at,
    }
