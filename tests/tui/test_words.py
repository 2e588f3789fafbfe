"""Times in the store's own time, ages, amounts and names, as the screens write them."""

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.lifecycle import State
from store_agent.tui import words


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.usefixtures("in_chicago")
@pytest.mark.parametrize(
    ("moment", "now", "told"),
    [
        ("2026-03-01 20:02", "2026-03-01 23:00", "14:02"),
        ("2026-03-02 05:59", "2026-03-02 07:00", "1 Mar 23:59"),  # the day begins at midnight of the store
        ("2026-03-02 06:00", "2026-03-02 07:00", "00:00"),
        ("2025-12-24 20:02", "2026-03-01 23:00", "24 Dec 2025 14:02"),
        ("2026-07-01 20:02", "2026-07-01 23:00", "15:02"),  # summer
    ],
)
def test_a_time_is_the_store_s_and_as_short_as_can_be(moment: str, now: str, told: str) -> None:
    assert words.clock_time(at(moment), at(now)) == told


def test_another_zone_gives_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert words.stamp(at("2026-03-01 20:02:11")) == "2026-03-02 05:02:11"
    time.tzset()


@pytest.mark.usefixtures("in_chicago")
def test_a_moment_has_its_age() -> None:
    now = at("2026-03-01 20:10")
    assert words.moment(at("2026-03-01 20:02"), now) == "14:02 (8 min ago)"
    assert words.moment(None, now) == "never"
    assert (words.clock_time(None, now), words.stamp(None)) == ("-", "-")


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (59, "59 s"), (61, "1 min"), (7_300, "2 h"), (200_000, "2 d"), (-5, "0 s")]
)
def test_an_age_is_told_in_its_largest_unit(seconds: float, told: str) -> None:
    assert words.age(1_000_000 - seconds, 1_000_000) == told


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("31876.4", "31,876.40"),
        ("0", "0.00"),
        ("-5", "-5.00"),
        ("0.3333", "0.3333"),
        (Decimal("1000000.5"), "1,000,000.50"),
        (None, "-"),
        ("free", "free"),
        ("\x1b[2J", "�[2J"),
        ("Infinity", "Infinity"),
        ("1e999999", "1e999999"),
    ],
)
def test_an_amount_is_written_as_people_read_it(amount: str | Decimal | None, told: str) -> None:
    assert words.money(amount) == told


@given(st.text() | st.decimals())
def test_whatever_stands_for_an_amount_it_can_be_shown(amount: str | Decimal) -> None:
    assert words.money(amount).isprintable()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, max_value=10**8, min_value=-(10**8)))
def test_no_digit_of_an_amount_is_lost(amount: Decimal) -> None:
    assert Decimal(words.money(amount).replace(",", "")) == amount


@pytest.mark.parametrize(
    ("call", "sale", "told"),
    [
        (None, "T-1", "T-1"),
        (None, "T\x1b1", "T�1"),
        ("/api/2.0/offers/unlock", "T-1", "(unlock of T-1)"),
        ("/api/2.0/upload_catalog", None, "(upload_catalog)"),
    ],
)
def test_a_sale_and_a_call_have_a_name(call: str | None, sale: str | None, told: str) -> None:
    assert words.sale_name({"call": call, "transaction_id": sale}) == told


def test_every_state_has_a_word_a_sign_and_a_meaning_of_its_own() -> None:
    for table in (words.STATE_WORDS, words.STATE_SIGNS, words.STATE_MEANING):
        assert list(table) == [state.value for state in State]
        assert len(set(table.values())) == len(table)


def test_the_end_of_a_long_name_stays() -> None:
    assert words.ending("S-0314-0084", 14) == "S-0314-0084"
    assert words.ending("2121d92f-0000-4000-8000-000000000417", 14) == "…-000000000417"
    assert words.ending("寿司寿司寿司", 6) == "…寿司"
