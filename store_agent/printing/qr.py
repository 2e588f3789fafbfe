"""QR codes by segno (ISO/IEC 18004), as pictures, modules and block letters."""

import io
import re
from dataclasses import dataclass
from typing import Literal

import segno

from store_agent.errors import BadInput

TERMINAL_BORDER = 2
"""Modules of quiet zone: the standard asks for 4, which a terminal of 24 lines has no room for; scanners take 2."""

_HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""Upper and lower module, dark or not, as one letter in light ink on a dark ground."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
"""A printer that does not know the command for QR codes may take what is in it as commands."""

Level = Literal["l", "m", "q", "h"]
"""How much of a code may be soiled or torn and still be read: 7, 15, 25 or 30 per cent of it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How codes are drawn: pixels a module of pictures, error correction, modules of quiet zone on each side."""

    scale: int = 6
    error_correction: Level = "m"
    quiet_zone: int = 4


def svg(content: str, drawing: Drawing) -> bytes:
    """Draw a code as SVG, dark on a white ground. Raises BadInput `not_printable`."""
    return _picture(content, drawing, "svg")


def png(content: str, drawing: Drawing) -> bytes:
    """Draw a code as PNG, dark on a white ground. Raises BadInput `not_printable`."""
    return _picture(content, drawing, "png")


def modules(content: str, error_correction: Level, quiet_zone: int) -> list[list[bool]]:
    """Give the rows of a code with its quiet zone; True is dark. Raises BadInput `not_printable`."""
    rows = _code(content, error_correction).matrix_iter(border=quiet_zone)
    return [[bool(module) for module in row] for row in rows]


def terminal_lines(content: str) -> list[str]:
    """Draw a code with block letters, two modules a line; show it in white on black so that it scans.

    Raises BadInput `not_printable`.
    """
    rows = modules(content, "l", TERMINAL_BORDER)
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs]


def _picture(content: str, drawing: Drawing, kind: str) -> bytes:
    drawn = io.BytesIO()
    code = _code(content, drawing.error_correction)
    code.save(drawn, kind=kind, scale=drawing.scale, border=drawing.quiet_zone, dark="#000", light="#fff")
    return drawn.getvalue()


def _code(content: str, error_correction: Level) -> segno.QRCode:
    """Make a code. What is not ASCII says that it is UTF-8, since scanners would have to guess."""
    if _CONTROL.search(content):
        raise BadInput("not_printable", "The address of this receipt holds control characters.", status=409)
    encoding = None if content.isascii() else "utf-8"
    try:
        return segno.make_qr(
            content, error=error_correction, encoding=encoding, eci=encoding is not None, boost_error=False
        )
    except segno.DataOverflowError:
        message = (
            "The address of this receipt is too long for a QR code: shorten receipts.base_url or the receipt code."
        )
        raise BadInput("not_printable", message, status=409) from None
