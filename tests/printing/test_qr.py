"""Whatever a code is drawn as, a phone reads the address that it was drawn from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.errors import BadInput
from store_agent.printing import qr
from store_agent.printing.qr import Drawing
from tests.support.scanner import enlarged, from_blocks, level_of, picture, rasterised, scan

ADDRESS = "https://rewards.example.com/r/2121d92f-2d4c-4bd6-9f0e-7ef6c0f5a3c1"

hosts = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,10}){1,2}(:[0-9]{2,5})?", fullmatch=True)
paths = st.from_regex(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%?-]{0,40}){0,3}", fullmatch=True)
addresses = st.builds(
    "{}://{}{}/{}".format, st.sampled_from(["https", "http", "HTTPS"]), hosts, paths, st.uuids().map(str)
)
drawings = st.builds(
    Drawing, st.integers(1, 8), st.sampled_from(["l", "m", "q", "h"]), st.integers(min_value=2, max_value=16)
)


@settings(max_examples=40)
@given(addresses, drawings)
def test_a_picture_holds_the_address(address: str, drawing: Drawing) -> None:
    image = picture(qr.png(address, drawing))
    assert scan(enlarged(image)) == address


@settings(max_examples=40)
@given(addresses, drawings)
def test_a_vector_drawing_holds_the_address(address: str, drawing: Drawing) -> None:
    image = rasterised(qr.svg(address, drawing))
    assert scan(enlarged(image)) == address


@settings(max_examples=40)
@given(addresses)
def test_block_letters_hold_the_address(address: str) -> None:
    assert scan(from_blocks(qr.terminal_lines(address))) == address


@pytest.mark.parametrize("content", ["1", "A" * 300, ADDRESS + "?b=ü&c=%20", "https://例え.jp/" + "x" * 500])
def test_block_letters_hold_short_long_and_foreign_contents_too(content: str) -> None:
    assert scan(from_blocks(qr.terminal_lines(content))) == content


def test_a_code_fits_a_small_terminal_with_its_quiet_zone() -> None:
    lines = qr.terminal_lines("https://rewards.example.com/r/7K3M-9QXT-2B")
    assert len(lines) <= 20
    assert len(set(map(len, lines))) == 1
    assert lines[0] == "█" * len(lines[0])
    border = qr.TERMINAL_BORDER
    assert all(line[:border] == line[-border:] == "█" * border for line in lines)


def test_an_address_in_any_script_is_read_as_it_is() -> None:
    address = "https://prämien.example/квитанция/ポイント/1"
    assert scan(picture(qr.png(address, Drawing()))) == address
    assert scan(rasterised(qr.svg(address, Drawing()))) == address


def test_size_error_correction_and_quiet_zone_are_as_set() -> None:
    small, large = (picture(qr.png(ADDRESS, Drawing(scale))) for scale in (3, 6))
    assert (small.width * 2, small.height * 2) == large.size
    assert picture(qr.png(ADDRESS, Drawing(3, quiet_zone=6))).width == small.width + 2 * 2 * 3
    for level in ("l", "m", "q", "h"):
        assert level_of(picture(qr.png(ADDRESS, Drawing(6, level)))) == level.upper()


def test_the_same_address_gives_the_same_bytes() -> None:
    assert qr.svg(ADDRESS, Drawing()) == qr.svg(ADDRESS, Drawing())
    assert qr.png(ADDRESS, Drawing()) == qr.png(ADDRESS, Drawing())


@pytest.mark.parametrize("content", ["https://x.example/" + "9" * 3_000, "https://x.example/\x1b@"])
def test_what_no_code_can_hold_is_refused_in_words(content: str) -> None:
    for draw in (
        lambda: qr.svg(content, Drawing()),
        lambda: qr.png(content, Drawing()),
        lambda: qr.terminal_lines(content),
    ):
        with pytest.raises(BadInput, match="The address of this receipt") as refused:
            draw()
        assert refused.value.code == "not_printable"


def test_a_code_drawn_wrongly_would_be_noticed() -> None:
    """The control: another address, a picture half dark, and block letters lost or upside down do not pass."""
    assert scan(picture(qr.png(ADDRESS + "x", Drawing()))) != ADDRESS
    torn = picture(qr.png(ADDRESS, Drawing())).convert("L")
    torn.paste(0, (0, 0, torn.width // 2, torn.height))
    with pytest.raises(ValueError, match="not enough values"):
        scan(torn)
    lines = qr.terminal_lines(ADDRESS)
    middle = len(lines) // 2
    upside_down = [line.translate(str.maketrans("▀▄", "▄▀")) for line in lines]
    for wrong in (lines[:middle] + lines[middle + 3 :], upside_down):
        with pytest.raises(ValueError, match="not enough values"):
            scan(from_blocks(wrong))
