"""A sale as the guest saw it: items, discounts, taxes, payments, out of the POS's own JSON.

What is read is documented (SessionM POS API, Send Transaction: Transaction, Item, Payment and Discount Object); what is
missing or of another kind is left out, since the sale is shown and not judged.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from store_agent.domain.money import countable, read_decimal
from store_agent.tui.words import money, plain


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a receipt: text on the left, an amount on the right. `strong`: a sum."""

    text: str
    amount: str = ""
    strong: bool = False


RULE = Line("-")
"""A line across."""


def receipt_lines(payload: str | None, names: Mapping[str, str]) -> list[Line]:
    """Draw up the receipt of a payload; one that is not kept, or no sale, says so. `names` are those of items by id."""
    if payload is None:
        return [Line("The text of this sale was dropped to make room on a full disk.")]
    try:
        sale = json.loads(payload, parse_float=str, parse_int=str)
    except ValueError:
        sale = None
    if not isinstance(sale, dict):
        return [Line("This is no sale; see its JSON.")]
    return [*_head(sale), RULE, *_items(sale, names), *_discounts(sale), RULE, *_sums(sale), RULE, *_payments(sale)]


def _head(sale: dict[str, Any]) -> list[Line]:
    facts = [("Sale", "transaction_id"), ("Opened", "open_time"), ("Changed", "modified_time")]
    facts += [("Employee", "pos_employee_id"), ("Channel", "channel")]
    lines = [Line(f"{name} {plain(sale[field])}") for name, field in facts if sale.get(field)]
    if _is(sale, "is_voided"):
        return [*lines, Line("VOIDED", strong=True)]
    return lines if _is(sale, "is_closed") else [*lines, Line("NOT CLOSED YET", strong=True)]


def _items(sale: dict[str, Any], names: Mapping[str, str]) -> list[Line]:
    """List each item once, and what modifies it below it, whatever the POS wrote about lines."""
    items = _objects(sale, "items")
    modifiers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        modifiers[_name(item, "modifies_line_id")].append(item)
    lines = {_name(item, "line_id") for item in items} - {""}
    own = [item for item in items if _name(item, "modifies_line_id") not in lines]
    shown: set[int] = set()
    return [line for item in (*own, *items) for line in _with_modifiers(item, modifiers, names, shown)]


def _with_modifiers(
    item: dict[str, Any], modifiers: dict[str, list[dict[str, Any]]], names: Mapping[str, str], shown: set[int]
) -> list[Line]:
    found = []
    following = [(item, "")]
    while following:
        one, lead = following.pop()
        if id(one) not in shown:
            shown.add(id(one))
            found.append(_item(one, names, lead))
            line = _name(one, "line_id")
            following += [(below, "  + ") for below in reversed(modifiers[line] if line else [])]
    return found


def _item(item: dict[str, Any], names: Mapping[str, str], lead: str) -> Line:
    item_id = plain(item.get("item_id") or "item")
    name = f"{plain(names[item_id])} ({item_id})" if names.get(item_id) else item_id
    quantity = _decimal(item, "quantity")
    times = "1" if quantity is None else f"{quantity:f}"
    return Line(f"{lead}{times} x {name}", money(_decimal(item, "subtotal")))


def _discounts(sale: dict[str, Any]) -> list[Line]:
    lines = []
    for discount in _objects(sale, "discounts"):
        name = discount.get("display_name") or discount.get("name") or discount.get("reference_id") or "discount"
        status = f" ({plain(discount['status'])})" if discount.get("status") else ""
        amount = _decimal(discount, "amount")
        lines.append(Line(f"{plain(name)}{status}", f"-{money(amount)}" if amount else ""))
    return lines


def _sums(sale: dict[str, Any]) -> list[Line]:
    subtotal, tax = _decimal(sale, "subtotal"), _decimal(sale, "tax_total")
    lines = [Line(name, money(sum_)) for name, sum_ in (("Subtotal", subtotal), ("Tax", tax)) if sum_ is not None]
    if subtotal is None or tax is None:
        return lines
    return [*lines, Line("Total", money(subtotal + tax), strong=True)]


def _payments(sale: dict[str, Any]) -> list[Line]:
    lines = []
    for payment in _objects(sale, "payments"):
        guest = " (guest known)" if payment.get("user_id") else ""
        kind = payment.get("type") or payment.get("payment_id") or "payment"
        lines.append(Line(f"{plain(kind)}{guest}", money(_decimal(payment, "amount"))))
    return lines or [Line("No payment yet.")]


def item_ids(payload: str | None) -> list[str]:
    """Give the items that a payload names, each once; none if it cannot be read."""
    try:
        sale = json.loads(payload or "")
    except ValueError:
        return []
    items = _objects(sale, "items") if isinstance(sale, dict) else []
    return list(dict.fromkeys(item["item_id"] for item in items if isinstance(item.get("item_id"), str)))


def _objects(owner: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = owner.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _name(owner: dict[str, Any], name: str) -> str:
    found = owner.get(name)
    return found if isinstance(found, str) else ""


def _decimal(owner: dict[str, Any], name: str) -> Decimal | None:
    """Give a number that can stand in the books; a till that sends 1e999999 means nothing by it."""
    found = read_decimal(owner.get(name))
    return found if found is not None and countable(found) else None


def _is(sale: dict[str, Any], name: str) -> bool:
    return str(sale.get(name)).lower() in ("true", "1")
