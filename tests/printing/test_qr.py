"""A drawn code is read by somebody else's decoder, as a phone would read it from the screen."""

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.printing.qr import BORDER, terminal_lines

URL = "https://rewards.example.com/r/"

SCALE = 4
"""Pixels of a module."""

MARGIN = 2
"""Modules of white beside what is drawn: a screen rarely ends where the code does."""

_INK = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
"""Which half of a letter is light, on a dark ground."""


def read(lines: list[str]) -> str | None:
    """Photograph letters and decode them; None if there is no code to be seen."""
    modules: list[list[bool]] = []
    for line in lines:
        modules += [[_INK[letter][half] for letter in line] for half in (0, 1)]
    width = len(modules[0]) + 2 * MARGIN
    blank = [True] * width
    rows = [blank] * MARGIN + [[True] * MARGIN + row + [True] * MARGIN for row in modules] + [blank] * MARGIN
    pixels = b"".join(bytes(255 * light for light in row for _ in range(SCALE)) * SCALE for row in rows)
    picture = memoryview(pixels).cast("B", (len(rows) * SCALE, width * SCALE))
    found = zxingcpp.read_barcodes(picture)
    return found[0].text if found else None


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ-", min_size=1, max_size=60))
@settings(max_examples=50)
def test_every_code_is_read_as_what_was_drawn(code: str) -> None:
    assert read(terminal_lines(URL + code)) == URL + code


@pytest.mark.parametrize("content", ["1", "A" * 300, URL + "a?b=ü&c=%20", "https://例え.jp/" + "x" * 500])
def test_short_long_and_foreign_contents_are_read_too(content: str) -> None:
    assert read(terminal_lines(content)) == content


def test_a_code_fits_a_small_terminal_with_its_quiet_zone() -> None:
    lines = terminal_lines(URL + "7K3M-9QXT-2B")
    assert len(lines) <= 20
    assert len(set(map(len, lines))) == 1
    assert lines[0] == "█" * len(lines[0])
    assert all(line[:BORDER] == line[-BORDER:] == "█" * BORDER for line in lines)


def test_what_is_too_long_for_a_code_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity|too large|fit|version"):
        terminal_lines("x" * 3_000)


def test_a_code_that_is_drawn_wrongly_would_be_noticed() -> None:
    lines = terminal_lines(URL + "7K3M-9QXT-2B")
    middle = len(lines) // 2
    assert read(lines[:middle] + lines[middle + 3 :]) is None
    assert read([line.translate(str.maketrans("▀▄", "▄▀")) for line in lines]) is None
