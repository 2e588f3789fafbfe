"""Amounts and times as POS systems write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain import money
from store_agent.domain.timestamps import read_time


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("9", Decimal(9)),
        (".35", Decimal("0.35")),
        (" 1.10 ", Decimal("1.10")),
        ("-3.", Decimal(-3)),
        (7, Decimal(7)),
        (Decimal("1E+3"), Decimal(1000)),
        ("", None),
        ("abc", None),
        ("NaN", None),
        ("1_000", None),
        ("1" * 65, None),
        ("1e9999999", None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_numbers_are_read_from_numbers_and_from_strings(value: object, number: Decimal | None) -> None:
    assert money.read_decimal(value) == number


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_whatever_is_countable_becomes_whole_units_without_overflow(amount: Decimal) -> None:
    if money.countable(amount):
        units = money.to_units(amount)
        assert abs(units) <= money.LIMIT * money.UNITS
        assert abs(Decimal(units) / money.UNITS - amount) <= Decimal("0.00005")


@pytest.mark.parametrize("amount", ["1E+999999", "100000000.01", "1E-999999"])
def test_what_is_no_price_is_not_counted(amount: str) -> None:
    assert not money.countable(Decimal(amount))


@pytest.mark.parametrize(("units", "shown"), [(10_000, "1.00"), (12_345, "1.2345"), (-5_000, "-0.50"), (0, "0.00")])
def test_units_are_shown_with_at_least_two_decimals(units: int, shown: str) -> None:
    assert str(money.from_units(units)) == shown


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2018-06-29T19:49:14.257Z", "2018-06-29T19:49:14.257000+00:00"),
        ("2025-04-16 10:20:00.000", "2025-04-16T10:20:00+00:00"),
        ("2018-09-20 09:30:00.2727288Z", "2018-09-20T09:30:00.272728+00:00"),
        ("2018-03-28T10:20:00Z", "2018-03-28T10:20:00+00:00"),
        ("2017-01-02T12:34:56-04:00", "2017-01-02T16:34:56+00:00"),
        ("2017-01-02T12:34:56+0530", "2017-01-02T07:04:56+00:00"),
    ],
)
def test_documented_and_recorded_forms_of_times_are_read_as_utc(value: str, moment: str) -> None:
    found = read_time(value)
    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize("value", ["", "yesterday", "2025-13-01T00:00:00Z", "0001-01-01T00:00:00+05:00", 5, None])
def test_what_is_no_time_is_none(value: object) -> None:
    assert read_time(value) is None
