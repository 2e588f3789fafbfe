"""Receipt stubs in the language of receipt printers (Epson ESC/POS)."""

import codecs

from store_agent.printing.layout import Slip
from store_agent.printing.paper import Paper

_START, _CUT = b"\x1b@", b"\x1dV\x42\x00"
_LEVELS = {"L": b"0", "M": b"1", "Q": b"2", "H": b"3"}


def render(slip: Slip, paper: Paper) -> bytes:
    """Give the bytes that print a slip."""
    above = [line for line in (slip.mark, *slip.lines) if line]
    text = "".join(f"{line}\n" for line in above)
    parts = [_START, _encoded(text, paper), _qr_code(slip.url, paper), _encoded(f"\n{slip.caption}\n\n\n", paper)]
    return b"".join(parts) + (_CUT if paper.cut else b"")


def _encoded(text: str, paper: Paper) -> bytes:
    return text.encode(codecs.lookup(paper.code_page).name, errors="replace")


def _qr_code(content: str, paper: Paper) -> bytes:
    data = b"1P0" + content.encode()
    commands = (b"1A2\x00", b"1C" + bytes([paper.module_dots]), b"1E" + _LEVELS[paper.error_correction], data, b"1Q0")
    return b"".join(b"\x1d(k" + len(command).to_bytes(2, "little") + command for command in commands)
