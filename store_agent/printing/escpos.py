"""Stubs for receipt printers, in ESC/POS (Epson's command reference), through python-escpos.

What a sale brought is text and nothing else: it passes `domain.plain`, and what the code page of the paper lacks is
replaced, so that no byte below 32 is in it. The address stands in the QR command behind its own length.
"""

import unicodedata
from typing import Any, cast

from store_agent.errors import BadInput, ConfigurationError
from store_agent.printing import layout, qr
from store_agent.printing.layout import Slip
from store_agent.printing.library import new_printer
from store_agent.printing.paper import Paper

MODULE_DOTS_MIN = 3
"""Dots of the smallest module, 0.375 mm on most printers: smaller ones run together on thermal paper."""

MODULE_DOTS_MAX = 16
"""Dots of the largest module that the native command takes (GS ( k, function 167)."""

_LEVELS = {"L": 0, "M": 1, "Q": 2, "H": 3}
"""Error correction as python-escpos counts it."""

_SINGLE_BYTES = b"\x1c."
"""FS . : many printers begin in a mode in which two bytes from 128 on are one Chinese letter."""

_UNREADABLE = "?"


def render(slip: Slip, paper: Paper) -> bytes:
    """Write a stub for a printer with this paper.

    Raises BadInput `not_printable` when the code cannot fit on the paper, ConfigurationError for an unknown code page,
    and Unavailable without python-escpos.
    """
    dots = _module_dots(slip.url, paper)
    job = _Job(paper)
    job.bold(layout.heading(slip, paper.columns))
    job.lines(layout.above(slip, paper.columns))
    if paper.native_qr:
        job.native(slip.url, dots)
    else:
        job.raster(qr.modules(slip.url, _level(paper), paper.quiet_zone), dots)
    job.lines(layout.below(slip, paper.columns))
    return job.finish()


class _Job:
    """The bytes of a stub as they are gathered."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._printer: Any = new_printer()
        self._printer.hw("INIT")
        self._written = self._taken() + _SINGLE_BYTES
        self._choose_page()
        self._printer.set(align="center")

    def lines(self, lines: list[str]) -> None:
        """Print lines of text."""
        for line in lines:
            self._printer.textln(self._on_page(line))

    def bold(self, lines: list[str]) -> None:
        """Print lines that stand out."""
        if lines:
            self._printer.set(bold=True)
            self.lines(lines)
            self._printer.set(bold=False)

    def native(self, content: str, dots: int) -> None:
        """Let the printer draw a code. Empty lines are its quiet zone, which the printer leaves out."""
        self._printer.ln()
        self._printer.qr(content, ec=_LEVELS[self._paper.error_correction], size=dots, native=True)
        self._printer.ln()

    def raster(self, rows: list[list[bool]], dots: int) -> None:
        """Print the picture of a code (GS v 0: bytes a row, rows, both low byte first)."""
        width, height = (len(rows[0]) * dots + 7) // 8, len(rows) * dots
        size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
        picture = b"".join(_packed(row, dots, width) * dots for row in rows)
        self._written += self._taken() + b"\x1dv0\x00" + size + picture

    def finish(self) -> bytes:
        """Bring the stub out of the printer, and give all bytes."""
        if self._paper.cut:
            self._printer.cut(mode="PART")
        else:
            self._printer.print_and_feed(6)
        return self._written + self._taken()

    def _taken(self) -> bytes:
        output = cast("bytes", self._printer.output)
        self._printer.clear()
        return output

    def _choose_page(self) -> None:
        page = self._paper.code_page
        try:
            self._printer.charcode(page)
            self._printer.magic.encoder.encode("", page)
        except LookupError:
            raise ConfigurationError(
                f"Nothing can be written for receipt printers in the code page {page}, which is not known. CP437, "
                "CP850, CP852, CP858, CP866 and CP1252 are common; the printer's self-test prints those it has."
            ) from None

    def _on_page(self, line: str) -> str:
        return "".join(map(self._letter, line))

    def _letter(self, letter: str) -> str:
        """Give the letter, or without its accents, or a question mark: whatever the code page has."""
        bare = unicodedata.normalize("NFKD", letter)[0]
        on_page = (one for one in (letter, bare) if self._printer.magic.encoder.can_encode(self._paper.code_page, one))
        return next(on_page, _UNREADABLE)


def _module_dots(content: str, paper: Paper) -> int:
    """Give the size of a module, as large as wished and fits."""
    modules = len(qr.modules(content, _level(paper), paper.quiet_zone))
    dots = min(paper.module_dots, paper.dots // modules, MODULE_DOTS_MAX)
    if dots < MODULE_DOTS_MIN:
        raise BadInput(
            "not_printable",
            f"The QR code of this receipt does not fit on paper of {paper.width_mm} mm: it needs "
            f"{modules * MODULE_DOTS_MIN} dots, and {paper.dots} can be printed. Shorten receipts.base_url, lower the "
            "error correction, or use wider paper.",
            status=409,
        )
    return dots


def _level(paper: Paper) -> qr.Level:
    return cast("qr.Level", paper.error_correction.lower())


def _packed(row: list[bool], dots: int, width: int) -> bytes:
    """Give a row of dots, eight to a byte, the leftmost in the highest bit; what is left over stays white."""
    bits = "".join(("1" if module else "0") * dots for module in row)
    return int(bits.ljust(width * 8, "0"), 2).to_bytes(width, "big")
