"""What waits is printed in order, kept through crashes and printers that fail, and given up only in plain sight."""

import asyncio
from pathlib import Path

import pytest

from store_agent.domain.events import Event
from store_agent.domain.prints import Condition, PrintJob, PrintState
from store_agent.errors import Busy, StorageFailure
from store_agent.printing.delivery import SECOND_COPY
from store_agent.printing.paper import Paper
from store_agent.printing.printer import FileWay, NetworkWay, Printer, Way
from store_agent.storage.database import Database, open_database
from store_agent.storage.prints import KEEP_SECONDS, Due, Prints
from store_agent.upkeep.printing import HURRIED_REST_SECONDS, QUICK_TRIES, PrintChore, Rest
from store_agent.upkeep.stale_prints import StalePrintsChore
from tests.support.fake_printer import OUT_OF_PAPER, READY, FakePrinter, taking_nobody
from tests.support.hands import HandSetClock

KEEP = 3_600.0
RETRY = 10.0


class WatchedPrints(Prints):
    """Says when a chore goes on with a job."""

    def __init__(self, database: Database, clock: HandSetClock, keep_max: int) -> None:
        super().__init__(database, clock, keep_max)
        self.taken, self.begun = asyncio.Event(), asyncio.Event()

    async def oldest(self, printer: str) -> Due | None:
        due = await super().oldest(printer)
        self.taken.set()
        return due

    async def begin(self, job: Due) -> bool:
        begun = await super().begin(job)
        self.begun.set()
        return begun


class Store:
    """A database with its queue of print jobs; notes the events."""

    def __init__(self, database: Database) -> None:
        self.clock = HandSetClock()
        self.database = database
        self.prints = WatchedPrints(database, self.clock, keep_max=5)
        self.stale = StalePrintsChore(self.prints, self.clock, KEEP, self.tell)
        self.events: list[Event] = []
        self.conditions: dict[str, Condition] = {}

    def tell(self, event: Event) -> None:
        self.events.append(event)

    def chore(self, name: str, way: Way, timeout: float = 2.0) -> PrintChore:
        condition = self.conditions.setdefault(name, Condition())
        rest = Rest(self.clock, RETRY)
        return PrintChore(Printer(name, way, Paper(), timeout), self.prints, condition, self.tell, rest)

    async def pass_time(self, chore: PrintChore, seconds: float) -> None:
        """Let a chore be done as often as it is due in so many seconds."""
        for _ in range(int(seconds / RETRY)):
            await chore.run_once()
            self.clock.let_pass(RETRY)

    async def put(self, *contents: bytes, printer: str = "kitchen") -> list[int]:
        return [await self.prints.put(printer, content, "receipt R-1") for content in contents]

    async def job(self, number: int) -> PrintJob:
        job = await self.prints.find(number)
        assert job is not None
        return job

    async def states(self, *numbers: int) -> list[str]:
        return [(await self.job(number)).state.value for number in numbers]

    @property
    def told(self) -> list[str]:
        return [event.name for event in self.events]


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database)


def at(fake: FakePrinter) -> NetworkWay:
    return NetworkWay("127.0.0.1", fake.port)


async def test_what_waits_is_printed_oldest_first(store: Store, tmp_path: Path) -> None:
    numbers = await store.put(b"one\n", b"two\n", b"three\n")
    other = await store.put(b"elsewhere\n", printer="bar")
    await store.chore("kitchen", FileWay(tmp_path / "kitchen")).run_once()
    assert (tmp_path / "kitchen").read_bytes() == b"one\ntwo\nthree\n"
    assert await store.states(*numbers, *other) == ["printed"] * 3 + ["waiting"]
    assert await store.prints.waiting() == {"bar": 1}
    assert store.events == []


async def test_a_printer_in_trouble_is_told_once_and_keeps_what_waits(store: Store) -> None:
    first, second = await store.put(b"one", b"two")
    with FakePrinter(status=OUT_OF_PAPER) as fake:
        chore = store.chore("kitchen", at(fake))
        for _ in range(3):
            await chore.run_once()
        assert await store.states(first, second) == ["waiting"] * 2
        job = await store.job(first)
        assert (job.attempts, job.error) == (3, "The printer kitchen is out of paper: put in a new roll.")
        assert (await store.job(second)).attempts == 0, "the first that does not go holds the others of this printer"
        assert store.told == ["printer.trouble"]
        fake.refuse()
        await chore.run_once()
        assert store.told == ["printer.trouble"] * 2, "another trouble is told"
        fake.be_well()
        await chore.run_once()
        assert fake.wait_for_jobs(2) == [b"one", b"two"], "nothing says REPRINT: none of it had gone out"
    assert store.told[2:] == ["printer.well"]
    assert await store.states(first, second) == ["printed"] * 2


async def test_a_printer_that_said_it_has_no_paper_is_not_printed_to_blindly_once_it_is_silent(store: Store) -> None:
    """Its answer may come too late on a busy machine; what it is sent would vanish."""
    (number,) = await store.put(b"one")
    with FakePrinter(status=OUT_OF_PAPER) as fake:
        kitchen = store.chore("kitchen", at(fake))
        await kitchen.run_once()
        fake.status = None
        await kitchen.run_once()
        assert "does not react any more" in store.conditions["kitchen"].trouble
        assert await store.states(number) == ["waiting"]
        fake.status = READY
        await kitchen.run_once()
        assert fake.wait_for_jobs(1) == [b"one"]


async def test_what_was_being_printed_when_the_agent_crashed_is_printed_again_and_says_so(tmp_path: Path) -> None:
    clock = HandSetClock()
    async with open_database(tmp_path / "data", clock) as database:
        await Store(database).put(b"one\n")
        prints = Store(database).prints
        job = await prints.oldest("kitchen")
        assert job is not None
        assert await prints.begin(job)
    async with open_database(tmp_path / "data", clock) as database:
        await Store(database).chore("kitchen", FileWay(tmp_path / "out")).run_once()
    assert (tmp_path / "out").read_bytes() == SECOND_COPY + b"one\n"


async def test_a_printer_that_prints_and_fails_is_tried_ever_less_often(store: Store) -> None:
    (number,) = await store.put(b"one")
    with FakePrinter("resets") as fake:
        chore = store.chore("kitchen", at(fake))
        await store.pass_time(chore, QUICK_TRIES * RETRY)
        assert fake.calls == QUICK_TRIES
        await store.pass_time(chore, KEEP)
        assert fake.calls == 10, "each copy may have cost paper"
        assert (await store.job(number)).state is PrintState.WAITING
        fake.be_well()
        await store.pass_time(chore, KEEP)
        assert fake.wait_for_jobs(1) == [SECOND_COPY + b"one"]
    assert store.told == ["printer.trouble", "printer.well"]


async def test_the_next_job_of_a_printer_that_fails_costs_no_more_paper(store: Store) -> None:
    numbers = await store.put(b"one", b"two", b"three")
    with FakePrinter("resets") as fake:
        chore = store.chore("kitchen", at(fake))
        await store.pass_time(chore, KEEP)
        calls = fake.calls
        for number in numbers[:2]:
            await store.prints.give_up(number, "by Ada")
            await store.pass_time(chore, RETRY)
        assert fake.calls == calls
        await store.pass_time(chore, KEEP)
        assert fake.calls == calls + 1, "it rests as long for this job as for the last"
        fake.be_well()
        await store.pass_time(chore, KEEP)
        assert fake.wait_for_jobs(1) == [SECOND_COPY + b"three"]


async def test_whoever_asks_for_paper_waits_a_minute_at_most_once_the_printer_is_well(store: Store) -> None:
    await store.put(b"one")
    with FakePrinter("resets") as fake:
        chore = store.chore("kitchen", at(fake))
        await store.pass_time(chore, KEEP)
        calls = fake.calls
        fake.be_well()
        await store.pass_time(chore, HURRIED_REST_SECONDS)
        assert fake.calls == calls, "the control: nobody asked"
        chore.hurry()
        await chore.run_once()
        assert fake.wait_for_jobs(1) == [SECOND_COPY + b"one"]
        await store.put(b"two")
        await chore.run_once()
        assert fake.wait_for_jobs(2)[1] == b"two", "it begins anew"


async def test_a_till_that_prints_each_sale_does_not_empty_a_roll(store: Store) -> None:
    await store.put(b"one")
    with FakePrinter("resets") as fake:
        chore = store.chore("kitchen", at(fake))
        await store.pass_time(chore, KEEP)
        calls = fake.calls
        for _ in range(int(KEEP)):
            chore.hurry()
            await chore.run_once()
            store.clock.let_pass(1.0)
        assert fake.calls - calls <= KEEP / HURRIED_REST_SECONDS


async def test_trouble_without_any_paper_does_not_make_a_printer_wait(store: Store) -> None:
    await store.put(b"one")
    with FakePrinter(status=OUT_OF_PAPER) as fake:
        chore = store.chore("kitchen", at(fake))
        await store.pass_time(chore, 20 * RETRY)
        assert fake.calls == 20


async def stop_while_it_connects(store: Store, chore: PrintChore) -> None:
    store.prints.taken.clear()
    connecting = asyncio.create_task(chore.run_once())
    await store.prints.taken.wait()
    await asyncio.to_thread(chore._delivery._threads.submit(int).result)  # after the look-up of the address
    assert not connecting.done()
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)


async def test_what_was_stopped_before_its_first_byte_left_is_printed_once_and_unmarked(store: Store) -> None:
    (number,) = await store.put(b"one")
    with taking_nobody() as port, FakePrinter() as fake:
        for _ in range(3):
            await stop_while_it_connects(store, store.chore("kitchen", NetworkWay("127.0.0.1", port), 60.0))
        assert (await store.job(number)).attempts == 0
        await store.chore("kitchen", at(fake)).run_once()
        assert fake.wait_for_jobs(1) == [b"one"]
    assert await store.states(number) == ["printed"]


async def test_what_was_stopped_while_it_printed_may_have_come_out(store: Store, tmp_path: Path) -> None:
    """The control for the test above."""
    await store.put(b"one")
    with FakePrinter("stalls") as fake:
        chore = store.chore("kitchen", at(fake), 60.0)
        printing = asyncio.create_task(chore.run_once())
        await store.prints.begun.wait()
        printing.cancel()
        await asyncio.gather(printing, return_exceptions=True)
    await store.chore("kitchen", FileWay(tmp_path / "out")).run_once()
    assert (tmp_path / "out").read_bytes() == SECOND_COPY + b"one"


async def test_what_is_in_its_printer_cannot_be_given_up(store: Store) -> None:
    (number,) = await store.put(b"x" * 40_000)
    with FakePrinter("stalls") as fake:
        chore = store.chore("kitchen", at(fake), 60.0)
        printing = asyncio.create_task(chore.run_once())
        await store.prints.begun.wait()
        assert not await store.prints.give_up(number, "by Ada")
        store.clock.let_pass(2 * KEEP)
        await store.stale.run_once()
        assert await store.states(number) == ["waiting"]
        fake.refuse()
        await printing
    await store.stale.run_once()
    assert await store.states(number) == ["given_up"], "the printer failed, and it is too old by now"


async def test_what_is_given_up_before_its_first_byte_leaves_is_not_printed(store: Store) -> None:
    number, _ = await store.put(b"one", b"two")
    with FakePrinter() as fake:
        chore = store.chore("kitchen", at(fake))
        job = await store.prints.oldest("kitchen")
        assert job is not None
        assert await store.prints.give_up(number, "by Ada")
        await chore._print(job)
        await chore.run_once()
        assert fake.wait_for_jobs(1) == [b"two"]
        assert len(fake.jobs) == 1


async def test_what_nobody_waits_for_any_more_is_given_up_with_an_event(store: Store) -> None:
    (old,) = await store.put(b"one")
    store.clock.let_pass(KEEP / 2)
    await store.stale.run_once()
    (young,) = await store.put(b"two")
    store.clock.let_pass(KEEP / 2)
    await store.stale.run_once()
    assert await store.states(old, young) == ["given_up", "waiting"]
    (event,) = store.events
    assert event.name == "print.given_up"
    assert event.words == "Receipt R-1 was not printed and is given up. It could not be printed within 1 h."
    assert event.details == {"job": old, "printer": "kitchen", "who": None}


async def test_no_jump_of_the_clock_gives_anything_up_G14(store: Store) -> None:
    (number,) = await store.put(b"one")
    for jump in (10 * KEEP, -100 * KEEP):
        store.clock.at += jump
        await store.stale.run_once()
    assert await store.states(number) == ["waiting"]


async def test_giving_up_by_the_wall_clock_would_be_noticed_G14(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the test above."""
    monkeypatch.setattr(store.clock, "monotonic", store.clock.wall)
    store.stale = StalePrintsChore(store.prints, store.clock, KEEP, store.tell)
    (number,) = await store.put(b"one")
    store.clock.at += 10 * KEEP
    await store.stale.run_once()
    assert await store.states(number) == ["given_up"]


async def test_more_than_is_kept_is_refused_and_nothing_is_lost_for_it(store: Store) -> None:
    kept = await store.put(*([b"x"] * 5))
    with pytest.raises(Busy, match="5 receipts wait for the printer kitchen already, and no more are kept"):
        await store.put(b"one too many")
    assert await store.states(*kept) == ["waiting"] * 5
    assert await store.put(b"x", printer="bar"), "another printer has its own"


async def test_a_settled_job_is_forgotten_after_a_day_and_its_content_at_once(store: Store, tmp_path: Path) -> None:
    (number,) = await store.put(b"one")
    await store.chore("kitchen", FileWay(tmp_path / "out")).run_once()
    left = "SELECT count(*) FROM print_job WHERE content IS NOT NULL"
    assert await store.database.read(lambda raw: raw.execute(left).fetchone()[0]) == 0
    await store.stale.run_once()
    assert await store.states(number) == ["printed"]
    lived = f"UPDATE meta SET value = '{KEEP_SECONDS}' WHERE key = 'lived_seconds'"
    await store.database.write(lambda raw: raw.execute(lived).rowcount)
    await store.stale.run_once()
    assert await store.prints.find(number) is None


async def test_a_settled_job_cannot_be_changed(store: Store) -> None:
    (number,) = await store.put(b"one")
    job = await store.prints.oldest("kitchen")
    assert job is not None
    assert await store.prints.give_up(number, "by Ada")
    await store.prints.printed(job, told=True)
    await store.prints.fail(job, "too late", doubtful=True, told=True)
    assert not await store.prints.begin(job)
    assert await store.states(number) == ["given_up"]
    with pytest.raises(StorageFailure, match="settled"):
        await store.database.write(lambda raw: raw.execute("UPDATE print_job SET error = 'x'").rowcount)


async def test_a_printer_that_hangs_holds_up_no_other(store: Store, tmp_path: Path) -> None:
    first, second = await store.put(b"one", b"two")
    await store.put(b"elsewhere", printer="bar")
    with FakePrinter() as fake:
        kitchen = store.chore("kitchen", at(fake), 60.0)
        await kitchen.run_once()
        (last,) = await store.put(b"three")
        fake.mood = "stalls"
        hanging = asyncio.create_task(kitchen.run_once())
        await asyncio.to_thread(fake.wait_for_calls, 3)
        await store.chore("bar", FileWay(tmp_path / "bar")).run_once()
        assert (tmp_path / "bar").read_bytes() == b"elsewhere"
        await hanging
        assert "does not react any more" in store.conditions["kitchen"].trouble
        assert await store.states(first, second, last) == ["printed", "printed", "waiting"]
