"""Other people's text made harmless: no control codes that move a cursor, colour a screen or turn a line around."""

import unicodedata
from typing import Any

REPLACEMENT = "�"


def plain(value: Any) -> str:
    """Return text in which every letter that cannot be printed is replaced; blanks of all kinds become plain ones."""
    text = str(value)
    return text if text.isprintable() else "".join(_letter(one) for one in text)


def _letter(letter: str) -> str:
    if letter.isprintable():
        return letter
    return " " if letter in "\t\r\n" or unicodedata.category(letter) == "Zs" else REPLACEMENT
