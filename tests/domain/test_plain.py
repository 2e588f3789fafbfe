"""Other people's text is harmless once it is plain: it moves no cursor, colours nothing and turns no line around."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.plain import REPLACEMENT, plain

HARMFUL = (
    [chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))]  # C0 with ESC, DEL, C1 with CSI
    + list("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # turn a line around
    + list("\u200b\u2028\u2029\ufeff\ud800\U000e0041")  # nothing to see, new lines, half a character, tags
)

texts = st.text(st.characters() | st.sampled_from(HARMFUL))


@pytest.mark.parametrize("letter", HARMFUL, ids=lambda letter: f"U+{ord(letter):04X}")
def test_no_letter_that_steers_a_terminal_is_left(letter: str) -> None:
    made = plain(f"a{letter}b")
    assert made in (f"a{REPLACEMENT}b", "a b")
    assert letter not in made


@given(texts)
def test_everything_that_is_left_can_be_printed(text: str) -> None:
    made = plain(text)
    assert made.isprintable()
    assert not {unicodedata.category(letter) for letter in made} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(texts)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert len(plain(text)) == len(text)


@given(st.text(st.characters(categories=("L", "N", "P", "S", "M")) | st.just(" ")))
def test_what_can_be_printed_is_shown_to_the_letter(text: str) -> None:
    assert plain(text) == text


def test_blanks_of_all_kinds_become_plain_ones() -> None:
    assert plain("a\tb\nc\u00a0d\u3000e") == "a b c d e"


@pytest.mark.parametrize(("value", "text"), [(None, "None"), (7, "7"), (["a\x1b"], "['a\\x1b']")])
def test_anything_can_be_made_plain(value: object, text: str) -> None:
    assert plain(value) == text
