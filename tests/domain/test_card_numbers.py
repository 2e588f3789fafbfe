"""Card numbers and tracks are found however they are written, masked, and seldom seen where there are none."""

import time
import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from store_agent.domain.card_numbers import find_numbers, find_tracks, is_card_number, mask_text
from tests.support.cards import (
    NUMBERS,
    SEPARATORS,
    TRACK_1,
    TRACK_2,
    VISA,
    apart,
    card_numbers,
    in_script,
    passes,
    with_check_digit,
)

ZEROS = ("0", "\uff10", "\u0660", "\u06f0", "\u0966", "\U0001d7ce")


@pytest.mark.parametrize("scheme", NUMBERS)
def test_the_numbers_of_every_scheme_are_known(scheme: str) -> None:
    number = NUMBERS[scheme]
    assert is_card_number(number)
    assert find_numbers(f"paid with {number}, thanks") == [(10, 10 + len(number))]


@pytest.mark.parametrize("scheme", NUMBERS)
def test_any_other_check_digit_is_no_card(scheme: str) -> None:
    number = NUMBERS[scheme]
    others = [number[:-1] + last for last in "0123456789" if last != number[-1]]
    assert not any(is_card_number(other, declared=True) for other in others)


@pytest.mark.parametrize(
    "number",
    [
        "2220991234567894",
        "2721001234567896",
        "9111111111111111",
        "7992739871300000",
        "0000000000000000",
        "411111111111",
    ],
)
def test_what_no_scheme_has_is_no_card(number: str) -> None:
    assert find_numbers(number) == []


@pytest.mark.parametrize("number", ["4222222222222", "6759000000005", "501800000009"])
def test_lengths_of_barcodes_count_only_where_a_name_says_card(number: str) -> None:
    assert passes(number)
    assert find_numbers(number) == []
    assert find_numbers(number, declared=True) == [(0, len(number))]


@given(number=card_numbers(), zero=st.sampled_from(ZEROS), separator=st.sampled_from(SEPARATORS), data=st.data())
def test_a_number_is_found_in_any_groups_and_script_and_masked_G16(
    number: str, zero: str, separator: str, data: st.DataObject
) -> None:
    sizes = data.draw(st.lists(st.integers(1, 8), max_size=6))
    before, behind = data.draw(st.tuples(*[st.text("abcXYZ ,:;#/é", max_size=12)] * 2))
    written = apart(in_script(number, zero), sizes, separator)
    text = before + written + behind
    masked = mask_text(text)
    digits = [letter for letter in masked if letter.isdecimal() or letter == "*"]
    assert "".join(str(int(one)) if one != "*" else one for one in digits) == (
        number[:6] + "*" * (len(number) - 10) + number[-4:]
    )
    assert len(masked) == len(text)
    assert masked.startswith(before)
    assert masked.endswith(behind)
    assert [one for one in masked if not one.isdecimal() and one != "*"] == [one for one in text if not one.isdecimal()]


@given(st.text(st.sampled_from("0123456789 -.xD=^;%?\u200b\uff14"), max_size=200))
@example("4111 1111 1111 4111 1111 1111 1111")
@example(VISA * 3)
def test_what_is_masked_holds_nothing_any_more(text: str) -> None:
    masked = mask_text(text)
    assert find_numbers(masked) == []
    assert find_tracks(masked) == []
    assert mask_text(masked) == masked
    assert len(masked) == len(text)


@given(st.text(max_size=200))
def test_other_text_stays_as_it_is(text: str) -> None:
    if not find_numbers(text) and not find_tracks(text):
        assert mask_text(text) == text


@given(st.text("0123456789", min_size=1, max_size=30))
def test_the_check_digit_is_computed_as_in_the_book(digits: str) -> None:
    if is_card_number(digits, declared=True):
        assert passes(digits)


def test_a_number_among_other_digits_is_found() -> None:
    assert mask_text(f"2025 {apart(VISA, (4, 4, 4), ' ')} 12/25") == "2025 4111 11** **** 1111 12/25"
    assert mask_text(f"table 7 - {VISA} - 20") == "table 7 - 411111******1111 - 20"


@pytest.mark.parametrize("track", [f";{VISA}=", f";{VISA}=0", ";4222222222222=25121010000?", ";4222222222222=0000?"])
def test_a_sentinel_makes_a_track_of_less(track: str) -> None:
    assert len(find_tracks(track)) == (0 if track.endswith(("=", "=0")) else 1)


def test_two_numbers_that_share_digits_are_both_masked() -> None:
    one = with_check_digit("411111111111400")
    other = with_check_digit(one[-4:] + "11111111111")
    shared = apart(one + other[4:], (4,) * 6, " ")
    assert mask_text(shared) == f"4111 11** **** {other[:4]} 11** **** {other[-4:]}"


@pytest.mark.parametrize("text", [VISA + "0", "1" + VISA, VISA * 2, f"x{'7' * 40}x"])
def test_a_part_of_a_longer_number_is_no_card(text: str) -> None:
    assert find_numbers(text) == []


@pytest.mark.parametrize(
    "track",
    [
        TRACK_1,
        TRACK_1[1:-1],
        TRACK_1[2:],
        TRACK_2,
        TRACK_2[1:-1],
        TRACK_2.replace("=", "D").strip(";?"),
        f"{VISA}d2512101",
        "%B4111 1111 1111 1111^DOE/JOHN^2512101?",
        f"swiped {TRACK_2} at till 4",
        f"lane 12 {TRACK_2.strip(';?')}",
        f"2 0 {VISA}^DOE/JOHN^25121010000000000000",
    ],
)
def test_a_track_is_found_with_sentinels_or_without_and_nothing_of_it_stays_G16(track: str) -> None:
    assert len(find_tracks(track)) == 1
    masked = mask_text(track)
    assert "DOE" not in masked
    assert "2512101" not in masked
    assert "1111" not in masked.replace("411111", "").replace("4111 11", "")


@pytest.mark.parametrize(
    "text",
    [
        "4006381333931=12,99",
        "id=4006381333931",
        f"{VISA}=2599101",
        ";6371234567890123=0000?",
        "a^b^c 12^2",
        "=====",
        ";=",
    ],
)
def test_equations_and_the_stripes_of_loyalty_cards_are_no_tracks(text: str) -> None:
    assert find_tracks(text) == []


def test_what_looks_like_a_card_in_an_identifier_is_chance() -> None:
    looks = uuid.UUID("41111111-1111-4111-8111-1111111111ab")
    assert find_numbers(str(looks)) == []
    assert find_numbers(f"a1b2{'c' * 12}{VISA}") == []
    assert find_numbers(f"{VISA}A{'0' * 20}") == [(0, 16)]
    assert find_numbers(f"a1b2 {VISA}") == [(5, 21)]
    assert find_numbers(f"VISA{VISA}EXP") == [(4, 20)]


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 50_000, "4 " * 20_000, "4" * 100_000, "4111 " * 20_000, "1^" * 50_000, ";" * 100_000,
        ("1" * 12 + "^" + " " * 39) * 2_000, ("4" * 13 + "d1234") * 5_000, "\u200b" * 100_000, "1" + " " * 100_000,
        f"{TRACK_2} " * 20_000,
    ],
)  # fmt: skip
def test_no_text_takes_long_to_look_through(text: str) -> None:
    begin = time.process_time()
    mask_text(text)
    assert time.process_time() - begin < 5.0
