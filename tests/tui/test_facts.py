"""What stands below the verdict, by what the agent's own status route says."""

from typing import Any

import pytest

from store_agent.domain.day import Tally
from store_agent.domain.lifecycle import State
from store_agent.domain.space import Outlook, Room
from store_agent.tui.facts import facts, shelf_words
from tests.tui.statuses import NOW, Store

pytestmark = pytest.mark.usefixtures("in_chicago")


async def told(store: Store, **shelves: dict[str, Any]) -> dict[str, str]:
    return dict(facts(await store.status(), shelves, NOW))


async def test_every_fact_is_there_when_all_is_well() -> None:
    found = await told(Store(tallies={State.DELIVERED: Tally(1_200, 0), State.SUPERSEDED: Tally(34, 0)}))
    assert found | {"Agent": ""} == {
        "Refused": "none",
        "Disk": "Room for 90,000 sales, 2 d 2 h of selling",
        "Catalog": "…",
        "Employees": "…",
        "Last backup": "04:00 (2 h ago)",
        "Clock": "agrees with the platform's",
        "Books": "1,234 taken = 1,200 at the platform + 34 others",
        "Agent": "",
    }
    assert found["Agent"].startswith("store-agent ")


@pytest.mark.parametrize(
    ("room", "outlook", "words"),
    [
        (Room.PLENTY, None, "Room, 1.5 GB free"),
        (Room.PLENTY, Outlook(1, None), "Room for 1 sale (nothing is sold just now)"),
        (Room.LOW, Outlook(600, 4_500.0), "! GETTING FULL: room for 600 sales, 1 h of selling"),
        (Room.LOW, Outlook(20, 190.0), "! GETTING FULL: room for 20 sales, 3 min 10 s of selling"),
        (Room.FULL, Outlook(0, 0.0), "✗ FULL: no room for new sales"),
    ],
)
async def test_room_is_told_in_sales_and_hours(room: Room, outlook: Outlook | None, words: str) -> None:
    assert (await told(Store(room=room, outlook=outlook)))["Disk"] == words


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (None, "not compared with the platform yet"),
        (1.9, "agrees with the platform's"),
        (-1.9, "agrees with the platform's"),
        (2.1, "2 s ahead of the platform's"),
        (-3_720.0, "1 h 2 min behind the platform's"),
    ],
)
async def test_the_clock_is_compared(ahead: float | None, words: str) -> None:
    assert (await told(Store(ahead=ahead)))["Clock"] == words


async def test_what_needs_somebody_is_marked() -> None:
    found = await told(Store(tallies={State.PARKED: Tally(2, 0)}, missing=1, failing={"backup": "There is no room."}))
    assert found["Refused"] == "! 2 sales need you: press 3"
    assert found["Last backup"] == "! There is no room. Last: 04:00 (2 h ago)"
    assert found["Books"].startswith("! DO NOT BALANCE: 3 taken = ")


def shelf(**changes: Any) -> dict[str, Any]:
    version = {"as_of": NOW - 600, "counts": {"items": 4_000, "modifiers": 2}}
    return {"version": version, "trouble": None, "upload": None} | changes


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (None, "…"),
        (shelf(version=None), "none was ever imported"),
        (shelf(version=None, trouble="It cannot be\x1b read."), "! It cannot be� read."),
        (shelf(), "as of 05:50 (10 min ago), 4,002 items"),
        (
            shelf(upload={"state": "delivered", "settled_at": NOW - 60, "error": None}),
            "as of 05:50 (10 min ago), 4,002 items; uploaded 1 min ago",
        ),
        (
            shelf(upload={"state": "parked", "settled_at": NOW, "error": "Item 7 has no name."}),
            "as of 05:50 (10 min ago), 4,002 items; ! its upload was refused: Item 7 has no name.",
        ),
        (
            shelf(upload={"state": "frozen", "settled_at": None, "error": None}),
            "as of 05:50 (10 min ago), 4,002 items; its upload waits",
        ),
        (
            shelf(upload={"state": "discarded", "settled_at": NOW, "error": None}),
            "as of 05:50 (10 min ago), 4,002 items",
        ),
    ],
)
def test_catalog_and_employees_are_told_with_their_age(known: dict[str, Any] | None, words: str) -> None:
    assert shelf_words(known, "item", "items", NOW) == words
