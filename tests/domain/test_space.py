"""When sales are refused for want of room, and when they are taken again (G12)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.space import RETURN_MIN, Levels, Outlook, Room, look_ahead, plan, words

LEVELS = Levels(refuse=1_000_000, warn=5_000_000, reserve=500_000)


def test_room_gets_less_and_comes_back_G12() -> None:
    room, reserve, seen = Room.PLENTY, True, []
    for free in (9_000_000, 4_000_000, 999_999, 600_000, 499_999, 900_000, 1_600_000, 1_750_000, 9_000_000):
        decided = plan(room, free, LEVELS, reserve=reserve)
        room, reserve = decided.room, decided.reserve
        seen.append((room.value, reserve))
    assert seen == [
        ("plenty", True),
        ("low", True),
        ("full", True),
        ("full", True),
        ("full", False),
        ("full", False),
        ("full", False),
        ("low", True),
        ("plenty", True),
    ]


def test_a_disk_around_the_minimum_does_not_flutter() -> None:
    room, changes = Room.PLENTY, 0
    for free in [990_000, 1_010_000] * 10:
        before, room = room, plan(room, free, LEVELS, reserve=True).room
        changes += before is not room
    assert changes == 1


@given(before=st.sampled_from(Room), free=st.integers(0, 10**7), reserve=st.booleans())
def test_sales_are_never_taken_below_the_minimum_G12(before: Room, free: int, *, reserve: bool) -> None:
    decided = plan(before, free, LEVELS, reserve=reserve)
    if free < LEVELS.refuse:
        assert decided.room is Room.FULL
    if decided.room is not Room.FULL:
        assert free - (0 if reserve else LEVELS.reserve) >= LEVELS.refuse


def test_without_a_minimum_a_failed_write_still_asks_for_some_room() -> None:
    nothing = Levels(0, 0, 0)
    assert plan(Room.PLENTY, 0, nothing, reserve=True).room is Room.PLENTY
    assert plan(Room.FULL, RETURN_MIN - 1, nothing, reserve=True).room is Room.FULL
    assert plan(Room.FULL, RETURN_MIN, nothing, reserve=True).room is Room.PLENTY


@pytest.mark.parametrize(
    ("free", "rate", "outlook"),
    [(1_600_000, 0.1, Outlook(100, 1_000.0)), (1_600_000, 0.0, Outlook(100, None)), (10, 0.1, Outlook(0, 0.0))],
)
def test_how_long_the_room_lasts(free: int, rate: float, outlook: Outlook) -> None:
    assert look_ahead(free, LEVELS, 6_000, rate) == outlook


def test_the_words_say_what_it_means_for_sales() -> None:
    assert words(Room.PLENTY, 1, LEVELS.returns, Outlook(0, None)) == ""
    low = words(Room.LOW, 4_000_000, LEVELS.returns, Outlook(500, 7_200.0))
    assert "4.0 MB free" in low
    assert "room for 500 sales, about 2 h at the present rate" in low
    full = words(Room.FULL, 10, LEVELS.returns, Outlook(0, None))
    assert "refused until 1.2 MB are free" in full
    assert "go on by" in full or "goes on by" in full
