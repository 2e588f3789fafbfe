"""How the texts of catalogs and employees may be written.

Lengths: SM Sync Data Importers Guide (item_id and pos_employee_id of Standard CloudPOS Transaction JSON File Format,
256 characters for the fields of its CSV files). It gives none for descriptions, so theirs is the agent's own bound.
"""

import re
from dataclasses import dataclass

from store_agent.domain.card_numbers import DIGITS_MIN, find_numbers, find_tracks

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Text:
    """One field that holds text.

    An identifier has no control characters at all, and may look like a card. Other text may have line ends, and holds
    no card number (G16): nothing is lost if the list before stays in use.
    """

    characters_max: int
    required: bool = False
    identifier: bool = False

    def fault(self, value: str | None) -> str | None:
        """Say what is wrong with a value, in words that follow the field's name; None if nothing is."""
        if not value or value.isspace():
            return "is empty" if self.required or value else None
        if len(value) > self.characters_max:
            return f"is longer than {self.characters_max} characters"
        if not value.isprintable() and (_CONTROL if self.identifier else _BROKEN).search(value):
            return "holds control characters"
        if not self.identifier and len(value) >= DIGITS_MIN and (find_numbers(value) or find_tracks(value)):
            return "holds what looks like the number of a payment card"
        return None


ITEM_ID = Text(45, required=True, identifier=True)
EMPLOYEE_ID = Text(20, required=True, identifier=True)
IDENTIFIER = Text(256, required=True, identifier=True)
CODE = Text(256, identifier=True)
NAME = Text(256, required=True)
DESCRIPTION = Text(4_096)
