"""The status OFFLINE in a sale's text, for offers that were applied while the platform could not be asked (G7)."""

from store_agent.domain import fields
from store_agent.domain.jsontext import ObjectText, read_elements, read_root
from store_agent.domain.receipts import spliced
from store_agent.domain.transaction import OFFLINE, place_of


def mark_offline(text: str, offers: frozenset[str]) -> str:
    """Give the text of a transaction in which the discounts of some user offers say OFFLINE; no other byte changes."""
    discounts = (span for name, span in read_root(text).items() if fields.documented(name) == "discounts")
    edits = [
        (place_of(discount, "status", 0), OFFLINE)
        for span in discounts
        if isinstance(span.value, list)
        for discount in read_elements(text, span.start)
        if _wants_it(discount, offers)
    ]
    return spliced(text, edits)


def _wants_it(discount: ObjectText, offers: frozenset[str]) -> bool:
    members = fields.documented_members(discount.values)
    return members.get("reference_id") in offers and members.get("status") != OFFLINE
