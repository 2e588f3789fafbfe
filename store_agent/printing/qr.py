"""QR codes by segno (ISO/IEC 18004)."""

import segno

BORDER = 2
"""Modules of quiet zone: the standard asks for 4, which a terminal of 24 lines has no room for; scanners take 2."""

_HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""Upper and lower module, dark or not, as one letter in light ink on a dark ground."""


def terminal_lines(content: str) -> list[str]:
    """Draw a code with block letters, two modules a line; show it in white on black so that it scans.

    Raises ValueError for what is too long for a code (some 2,900 letters).
    """
    code = segno.make(content, error="l", micro=False, boost_error=False)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=BORDER)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs]
