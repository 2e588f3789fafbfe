"""Loyalty cards: digital ones made on demand, and cards of retailers linked to a guest ("Loyalty Card API")."""

import itertools
import random
import re
from dataclasses import dataclass
from typing import Any

from store_agent.clock import Clock
from store_agent.sandbox.guests import GUESTS
from store_agent.sandbox.world.refusals import declined, unknown

DIGITAL_MAX = 5
"""Digital cards a guest may have at one time."""

LINKED_MAX = 10
"""Cards of retailers a guest may link."""

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_NUMBER = re.compile(r"[0-9A-Za-z]{4,32}")


@dataclass(frozen=True, slots=True)
class Retailer:
    """A chain whose cards can be linked. `zips`: beginnings of the ZIP codes where it has stores."""

    retailer_id: int
    name: str
    card: str
    zips: tuple[str, ...]


RETAILERS = (
    Retailer(54321, "Corner Grocery", "Corner Card", ("0", "1", "2")),
    Retailer(54322, "Main Street Pharmacy", "Main Street Card", ("1", "9")),
)


@dataclass(slots=True)
class Card:
    """A card of one guest. `retailer`: None for a digital card. `activated`, `scanned`: seconds since 1970."""

    card_id: int
    number: str
    user_id: str
    activated: float
    retailer: Retailer | None = None
    scanned: float | None = None


class Cards:
    """Every card. The seeded guests' external ids are card numbers, too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids = itertools.count(23)
        self._chance = random.Random("cards")  # noqa: S311 - card numbers must differ, not surprise
        self._cards: list[Card] = []
        for guest in GUESTS:
            self._add(guest.external_customer_id, guest.user_id)

    def create(self, user_id: str) -> Card:
        """Make a digital card. Raises `BadInput` max_cards_exceeded_for_player."""
        if sum(card.retailer is None for card in self.of(user_id)) >= DIGITAL_MAX:
            raise declined("max_cards_exceeded_for_player", f"A user may have {DIGITAL_MAX} digital cards")
        number = "D" + "".join(self._chance.choices(_ALPHABET, k=9))
        return self._add(number, user_id)

    def scan(self, number: str) -> Card:
        """Read a card at the till. Raises `BadInput` unknown_loyalty_card."""
        card = self.seek(number)
        if card is None:
            raise declined("unknown_loyalty_card", f"There is no loyalty card {number}")
        card.scanned = self._clock.wall()
        return card

    def seek(self, number: Any) -> Card | None:
        """Find a card without reading it, if there is one."""
        return next((card for card in self._cards if card.number == number), None)

    def link(self, user_id: str, retailer_id: Any, number: Any) -> Card:
        """Link a retailer's card to a guest; the same again is the same link.

        Raises `BadInput` card_not_found for what is no card number, card_limit_reached, validation for a card that
        somebody else has linked and not_found for an unknown retailer.
        """
        retailer = retailer_of(retailer_id)
        if not isinstance(number, str) or _NUMBER.fullmatch(number) is None:
            raise declined("card_not_found", "card_number must be 4 to 32 letters and digits")
        card = next((one for one in self._cards if (one.retailer, one.number) == (retailer, number)), None)
        if card is None:
            self._refuse_too_many(user_id)
            return self._add(number, user_id, retailer)
        if card.user_id != user_id:
            raise declined("validation", f"Card {number} is linked to another user")
        return card

    def linked(self, user_id: str) -> list[Card]:
        """List the cards of retailers that a guest linked."""
        return [card for card in self.of(user_id) if card.retailer is not None]

    def unlink(self, user_id: str, card_id: str) -> None:
        """Take a card of a guest away. Raises `BadInput` card_not_found."""
        for card in self.linked(user_id):
            if str(card.card_id) == card_id:
                self._cards.remove(card)
                return
        raise declined("card_not_found", f"The user has no loyalty card {card_id}")

    def of(self, user_id: str) -> list[Card]:
        """List all cards of a guest."""
        return [card for card in self._cards if card.user_id == user_id]

    def transfer(self, source: str, target: str) -> None:
        """Give the cards of one guest to another, when accounts are merged."""
        for card in self.of(source):
            card.user_id = target

    def drop(self, user_id: str) -> None:
        """Forget the cards of a guest who is gone."""
        self._cards = [card for card in self._cards if card.user_id != user_id]

    def _refuse_too_many(self, user_id: str) -> None:
        if len(self.linked(user_id)) >= LINKED_MAX:
            raise declined("card_limit_reached", f"A user may link {LINKED_MAX} cards")

    def _add(self, number: str, user_id: str, retailer: Retailer | None = None) -> Card:
        card = Card(next(self._ids), number, user_id, self._clock.wall(), retailer)
        self._cards.append(card)
        return card


def retailers_at(zip_code: str) -> list[Retailer]:
    """List the retailers near a US ZIP code, all without one. Raises `BadInput` retailer_code_invalid."""
    if zip_code and re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", zip_code) is None:
        raise declined("retailer_code_invalid", f"{zip_code} is no US ZIP code")
    return [retailer for retailer in RETAILERS if not zip_code or zip_code.startswith(retailer.zips)]


def retailer_of(retailer_id: Any) -> Retailer:
    """Find a retailer. Raises `BadInput` not_found."""
    for retailer in RETAILERS:
        if str(retailer.retailer_id) == str(retailer_id):
            return retailer
    raise unknown("not_found", f"There is no retailer {retailer_id}")
