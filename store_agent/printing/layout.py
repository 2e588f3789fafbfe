"""What stands on the stub with a receipt's code, and where."""

import textwrap
from dataclasses import dataclass

from store_agent.domain.plain import plain
from store_agent.printing.qr import terminal_lines

COLUMNS = 42
"""Letters a line of the plain text, as on paper of 80 mm."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A stub: lines of text, and the code as a QR code under its caption.

    `mark` is what must not be overlooked, such as REPRINT. `code` is printed for typing where no scanner is at hand;
    it is the end of the address if it is empty.
    """

    lines: tuple[str, ...]
    url: str
    caption: str
    mark: str = ""
    code: str = ""


def receipt_slip(transaction_id: str, payment_id: str | None, code: str, url: str, caption: str) -> Slip:
    """Lay out the stub of a receipt. It says nothing that changes, so that the same receipt gives the same bytes."""
    payment = () if payment_id is None else (f"Payment {payment_id}",)
    return Slip((f"Sale {transaction_id}", *payment), url, caption, code=code)


def heading(slip: Slip, columns: int) -> list[str]:
    """Give the mark, in lines of so many letters."""
    return _wrapped(f"*** {slip.mark} ***", columns) if slip.mark else []


def above(slip: Slip, columns: int) -> list[str]:
    """Give what stands above the QR code, in lines of so many letters."""
    lines = [part for line in slip.lines for part in _wrapped(line, columns)]
    return [*lines, *([""] if lines else []), *(_wrapped(slip.caption, columns) if slip.caption else [])]


def below(slip: Slip, columns: int) -> list[str]:
    """Give what stands below the QR code, in lines of so many letters."""
    return _wrapped(slip.code or slip.url.rstrip("/").rpartition("/")[2], columns)


def text(slip: Slip, columns: int = COLUMNS) -> str:
    """Write a stub as plain text, its QR code in block letters (white on black). Raises BadInput `not_printable`."""
    drawn = terminal_lines(slip.url)
    written = [*heading(slip, columns), *above(slip, columns), "", *drawn, "", *below(slip, columns)]
    width = max(columns, len(drawn[0]))
    return "".join(f"{line.center(width).rstrip()}\n" for line in written)


def _wrapped(line: str, columns: int) -> list[str]:
    return textwrap.wrap(plain(line), columns) or [""]
