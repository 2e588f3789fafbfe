"""All that a receipt can be rendered as."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, cast

from store_agent.printing import escpos, layout, qr
from store_agent.printing.layout import Slip
from store_agent.printing.paper import PAPERS, Paper
from store_agent.printing.qr import Drawing


class Form(StrEnum):
    """A picture of the code alone, or the whole stub for a printer or a terminal."""

    SVG = "svg"
    PNG = "png"
    ESCPOS = "escpos"
    TXT = "txt"


MEDIA_TYPES = {
    Form.SVG: "image/svg+xml",
    Form.PNG: "image/png",
    Form.ESCPOS: "application/octet-stream",
    Form.TXT: "text/plain; charset=utf-8",
}

TEXTS = frozenset({Form.SVG, Form.TXT})
"""Forms that are text in UTF-8."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the receipts of a store look: the text above the code, and how the code is drawn."""

    caption: str = ""
    drawing: Drawing = field(default_factory=Drawing)

    def paper(self, width_mm: int = 80, *, native_qr: bool = True) -> Paper:
        """Give paper of 58 or 80 mm for these receipts."""
        level = cast("Any", self.drawing.error_correction.upper())
        quiet_zone = self.drawing.quiet_zone
        return replace(PAPERS[width_mm], native_qr=native_qr, error_correction=level, quiet_zone=quiet_zone)


def render(form: Form, slip: Slip, drawing: Drawing, paper: Paper) -> bytes:
    """Render a receipt. `drawing` is for pictures, `paper` for printers.

    Raises BadInput `not_printable`, and for ESC/POS Unavailable and ConfigurationError.
    """
    match form:
        case Form.SVG:
            return qr.svg(slip.url, drawing)
        case Form.PNG:
            return qr.png(slip.url, drawing)
        case Form.ESCPOS:
            return escpos.render(slip, paper)
        case Form.TXT:
            return layout.text(slip).encode()
