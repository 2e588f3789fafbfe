"""An offer locked for a sale that was never closed goes back to its guest, by time that the agent ran (G14)."""

import hashlib
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.events import Event
from store_agent.domain.offers import OfferAction
from store_agent.errors import StorageFailure
from store_agent.gateway.tidying import Tidying
from store_agent.storage.database import Database
from store_agent.storage.intake import Intake
from store_agent.storage.offers import Applied, Asked, Offers
from store_agent.storage.outbox import Outbox
from tests.gateway.far import MadeUpLine
from tests.support.arrivals import arrival
from tests.support.hands import HandSetClock
from tests.support.uses import ANSWER

HOUR = 3_600.0


class Store:
    """Offers in use, and the chore that looks after them every now and then."""

    def __init__(self, database: Database) -> None:
        self.clock = HandSetClock()
        self.offers = Offers(database, self.clock)
        self.outbox = Outbox(database, self.clock)
        self.line = MadeUpLine()
        self.events: list[Event] = []
        self.start()

    def start(self) -> None:
        self.chore = Tidying(self.offers, self.line, self.clock, HOUR, self.events.append)

    async def lock(self, name: str = "T-1", action: OfferAction = OfferAction.LOCK, **applied: Any) -> None:
        asked = Asked(
            name, "lane-1", "1000", action, "offer-1", hashlib.sha256(name.encode()).digest(), name, "offer-1"
        )
        number = (await self.offers.ask(asked)).number
        await self.offers.apply(number, Applied("offer-1", None, ANSWER, **applied))

    async def wait(self, seconds: float, steps: int = 1) -> None:
        for _ in range(steps):
            self.clock.let_pass(seconds / steps)
            await self.chore.run_once()

    async def calls(self) -> int:
        return (await self.outbox.books()).accepted.revisions


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


@pytest.mark.parametrize("steps", [1, 7, 60])
async def test_what_is_open_for_too_long_goes_back_with_a_trace(store: Store, steps: int) -> None:
    await store.lock()
    await store.wait(HOUR - 1, steps)
    assert (store.events, await store.calls()) == ([], 0)
    await store.wait(1.5)
    (event,) = store.events
    assert (event.name, event.details["offer"], event.details["transaction_id"]) == (
        "offer.taken_back",
        "offer-1",
        "T-1",
    )
    assert "goes back to the guest" in event.words
    assert (await store.calls(), store.line.woken) == (1, [None])


async def test_time_that_the_agent_did_not_run_makes_nothing_older_G14(store: Store) -> None:
    await store.lock()
    await store.wait(HOUR / 2)
    store.clock.let_pass(100 * HOUR)
    store.start()
    store.clock.at += 1e9
    await store.chore.run_once()
    await store.wait(HOUR / 2 - 1)
    assert store.events == []
    await store.wait(1)
    assert len(store.events) == 1


async def test_a_chore_that_counted_by_the_wall_clock_would_be_noticed_G14(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(store.clock, "monotonic", store.clock.wall)
    store.start()
    await store.lock()
    store.clock.at += 1e6
    await store.chore.run_once()
    assert len(store.events) == 1


@pytest.mark.parametrize(
    ("action", "applied", "words", "calls"),
    [
        (OfferAction.REDEEM, {}, "reinstate it", 0),
        (OfferAction.LOCK, {"day": "2026-03-01", "reached": False}, "never heard of it", 0),
        (OfferAction.LOCK, {"day": "2026-03-01", "reached": True}, "goes back to the guest", 1),
        (OfferAction.REDEEM, {"day": "2026-03-01", "reached": True}, "goes back to the guest", 1),
    ],
)
async def test_the_trace_says_what_becomes_of_the_offer(
    store: Store, action: OfferAction, applied: dict[str, Any], words: str, calls: int
) -> None:
    await store.lock(action=action, **applied)
    await store.wait(HOUR)
    (event,) = store.events
    assert words in event.words
    assert await store.calls() == calls


async def test_parts_of_a_second_are_not_lost(store: Store) -> None:
    await store.lock()
    await store.wait(HOUR / 9, 1_000)
    await store.wait(HOUR * 8 / 9 + 1)
    assert len(store.events) == 1


async def test_an_offer_in_a_closed_sale_stays_in_it(store: Store, database: Database) -> None:
    await store.lock()
    await Intake(database, SystemClock(), None).accept([arrival(discounts=[{"reference_id": "offer-1"}])])
    await store.wait(9 * HOUR)
    assert store.events == []


async def test_any_number_goes_back_and_what_the_disk_does_not_take_is_done_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_agent.storage.offers.TIDY_MAX", 2)
    for number in range(5):
        await store.lock(f"T-{number}")
    aged = store.offers.grow_older

    async def fails(_: int) -> None:
        raise StorageFailure("The disk failed.")

    monkeypatch.setattr(store.offers, "grow_older", fails)
    with pytest.raises(StorageFailure):
        await store.wait(HOUR)
    monkeypatch.setattr(store.offers, "grow_older", aged)
    await store.chore.run_once()
    assert len(store.events) == 5
