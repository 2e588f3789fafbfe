"""The plain text of a stub."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.printing.layout import Slip, receipt_slip, text
from tests.printing.test_qr import ADDRESS, addresses
from tests.support.scanner import blocks_of, from_blocks, scan

SLIP = receipt_slip("T-1", "P1", "2121d92f-2d4c-4bd6-9f0e-7ef6c0f5a3c1", ADDRESS, "Scan to collect your points")


def test_a_stub_says_which_sale_and_payment_and_shows_the_code_for_typing() -> None:
    lines = [line.strip() for line in text(replace(SLIP, mark="TEST PAGE")).splitlines()]
    assert lines[:5] == ["*** TEST PAGE ***", "Sale T-1", "Payment P1", "", "Scan to collect your points"]
    assert lines[-1] == "2121d92f-2d4c-4bd6-9f0e-7ef6c0f5a3c1"


def test_a_code_of_the_pos_is_shown_whole_and_without_one_the_end_of_the_address() -> None:
    slip = receipt_slip("T-1", None, "R/17 B", "https://rewards.example.com/r/R/17 B", "")
    assert text(slip).splitlines()[-1].strip() == "R/17 B"
    assert text(replace(slip, code="")).splitlines()[-1].strip() == "17 B"


@settings(max_examples=40)
@given(addresses, st.integers(min_value=24, max_value=64))
def test_the_code_in_a_text_holds_the_address(address: str, columns: int) -> None:
    assert scan(from_blocks(blocks_of(text(replace(SLIP, url=address), columns)))) == address


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_text_moves_no_cursor(line: str, caption: str) -> None:
    written = text(Slip((line,), ADDRESS, caption, mark=line, code=caption))
    assert all(part.isprintable() for part in written.split("\n"))
