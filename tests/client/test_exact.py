"""JSON with every digit."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.client import read_json, write_json

numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.text() | numbers,
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


@given(values)
def test_what_is_written_is_read_again_with_every_digit(value: Any) -> None:
    text = write_json(value)
    assert read_json(text) == value
    assert write_json(read_json(text)) == text
    json.loads(text)


@pytest.mark.parametrize("text", ["1.10", "123456789012345678901234567890.12345", "-0.0", "1E+5", "1E-7", "7"])
def test_digits_stay_as_they_were_written(text: str) -> None:
    assert write_json(read_json(text)) == text


def test_floats_are_refused_with_their_place() -> None:
    with pytest.raises(TypeError, match=r"request_payload.items.1.unit_price is the float 0.1, which is not exact"):
        write_json({"request_payload": {"items": [{"unit_price": 1}, {"unit_price": 0.1}]}})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), {"a": object()}, {1: "a"}, b"text", {1, 2}])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        write_json(value)


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "[Infinity]", "[" * 100_000, b"\xff", "1e99999999999999999999", "9" * 5000]
)
def test_what_is_not_json_is_one_kind_of_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        read_json(text)
