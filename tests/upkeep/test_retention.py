"""What is settled and old goes, nothing else, and no clock has a say in it."""

import itertools
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action, Deed
from store_agent.domain.settle import Deliver, Park
from store_agent.storage import retention as rules
from store_agent.storage import sqlite
from store_agent.storage.ahead import Ahead
from store_agent.storage.database import Database, open_database
from store_agent.storage.days import Days
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.repair import Repair
from store_agent.storage.retention import DAY_SECONDS, Keep, Limit, Retention
from store_agent.upkeep.retention import RetentionChore
from tests.support.arrivals import another, arrival, assemble

_ahead = itertools.count(1)

KEEP = Keep(days=30, sales_max=1_000_000)


class SetClock:
    """Both clocks stand where a test puts them."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0
        self.ran = 0.0

    def wall(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.ran


class Store:
    """A store over years: sells, delivers, lives."""

    def __init__(self, database: Database, keep: Keep = KEEP) -> None:
        self.clock = SetClock()
        self.database = database
        codes = itertools.count(1)
        self.intake = Intake(database, self.clock, lambda: f"code-{next(codes)}")
        self.outbox = Outbox(database, self.clock)
        self.repair = Repair(database, self.clock)
        self.days = Days(database, self.clock)
        self.chore = RetentionChore(Retention(database), self.clock, keep)

    async def sell(self, *names: str) -> None:
        await self.intake.accept([another(name) for name in names])

    async def answer(self, decision: Deliver | Park) -> None:
        for batch in await self.outbox.freeze(1_000, BatchLimits(count_max=1), assemble):
            await self.outbox.settle(batch, decision, assemble)

    async def deliver(self, *names: str) -> None:
        await self.sell(*names)
        await self.answer(Deliver("{}"))

    async def live(self, days: float, every: float = 1.0) -> None:
        """Run for so many days, with the chore `every` so many."""
        for _ in range(int(days / every)):
            self.clock.ran += every * DAY_SECONDS
            await self.chore.run_once()

    async def kept(self) -> dict[int, str]:
        return {row.sequence: row.state.value for row in (await self.outbox.page(0, 1_000)).rows}

    async def count(self, table: str) -> int:
        return await self.database.read(lambda raw: int(raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]))

    async def purged(self) -> int:
        return await self.database.read(lambda raw: int(raw.execute("SELECT sum(revisions) FROM purged").fetchone()[0]))


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


async def test_delivered_sales_go_after_their_days_with_all_that_belongs_to_them(store: Store) -> None:
    await store.deliver("T-1", "T-2")
    await store.live(29)
    assert set(await store.kept()) == {1, 2}
    await store.deliver("T-3")
    await store.live(3)
    assert set(await store.kept()) == {3}
    assert [await store.count(table) for table in ("payload", "batch", "receipt_code")] == [1, 1, 3]


async def test_the_tries_of_a_sale_go_with_it(store: Store) -> None:
    await store.sell("T-1")
    await store.answer(Park("refused", ""))
    await store.repair.do(Deed(Action.DISCARD, "Ada", "a test"), [1])
    assert await store.count("attempt") == 1
    await store.sell("T-2")
    await store.live(32)
    assert (await store.kept(), await store.count("attempt")) == ({2: "waiting"}, 0)


async def test_the_books_go_on_balancing_and_say_what_was_purged_G2(store: Store) -> None:
    await store.deliver("T-1", "T-2")
    await store.days.close(Deed(Action.DAY_CLOSE, "Ada"))
    await store.live(32)
    await store.deliver("T-3")
    await store.live(1)
    books = await store.outbox.books()
    assert books.balanced
    assert books.accepted.revisions == 3
    assert books.by_state[State.DELIVERED].revisions == 3
    assert (await store.days.books()).balanced
    assert (await store.count("revision"), await store.purged()) == (1, 2)


@pytest.mark.parametrize("state", [State.WAITING, State.FROZEN, State.HELD, State.PARKED])
async def test_what_is_not_settled_stays_for_ever_G2(store: Store, state: State) -> None:
    await store.sell("T-1")
    if state is State.FROZEN:
        await store.outbox.freeze(1, BatchLimits(), assemble)
    elif state is State.HELD:
        await store.repair.do(Deed(Action.HOLD, "Ada", ""), [1])
    elif state is State.PARKED:
        await store.answer(Park("no", ""))
    await store.sell("T-2")
    await store.live(40)
    assert await store.kept() == {1: state.value, 2: "waiting"}


async def test_no_jump_of_the_clock_deletes_anything_G14(store: Store) -> None:
    await store.deliver("T-1", "T-2", "T-3")
    await store.live(1)
    for at in (0.0, 4_000_000_000.0, -1.0, 1_800_000_000.0):
        store.clock.at = at
        await store.live(1)
    assert len(await store.kept()) == 3


async def test_age_by_the_clock_would_be_noticed_G14(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the test above: with wall time for the time that passed, a jump deletes."""
    monkeypatch.setattr(store.clock, "monotonic", lambda: store.clock.at)
    await store.deliver("T-1", "T-2", "T-3")
    await store.sell("T-4")
    for _ in range(3):
        store.clock.at += 100 * DAY_SECONDS
        await store.chore.run_once()
    assert len(await store.kept()) < 4


async def test_time_adds_up_over_restarts_and_is_never_taken_back_G14(store: Store) -> None:
    await store.deliver("T-1")
    await store.sell("T-2")
    for _ in range(70):
        store.clock.ran = 0.0
        store.chore = RetentionChore(Retention(store.database), store.clock, KEEP)
        await store.live(0.5, every=0.5)
    assert set(await store.kept()) == {2}


async def test_a_transaction_goes_as_a_whole_or_not_at_all_G4_G9(store: Store) -> None:
    old = arrival("T-1", subtotal=1)
    await store.intake.accept([old])
    await store.answer(Deliver(""))
    await store.live(31)
    await store.deliver("T-1", "T-2")
    await store.live(10)
    (again,) = await store.intake.accept([old])
    assert (again.repeated, again.sequence) == (True, 1)
    assert set(await store.kept()) == {1, 2, 3}


async def test_a_row_that_went_by_itself_would_be_noticed_G4_G9(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the test above: without looking at the other states, the old one goes and comes back."""
    for name in ("may_go", "purge"):
        blind = rules._SQL[name].replace("other.sequence > :sequence OR other.batch > :batch", ":batch < 0")
        alone = blind.replace("WHERE transaction_id =", "WHERE sequence <= :sequence AND transaction_id =")
        monkeypatch.setitem(rules._SQL, name, alone)
    old = arrival("T-1", subtotal=1)
    await store.intake.accept([old])
    await store.answer(Deliver(""))
    await store.live(31)
    await store.deliver("T-1", "T-2")
    await store.live(10)
    (again,) = await store.intake.accept([old])
    assert not again.repeated


async def test_a_sale_that_was_refused_keeps_its_newer_states_too_G4(store: Store) -> None:
    """Else a retry would send the older state after the newer one, which nothing remembers any more."""
    await store.sell("T-1")
    await store.answer(Park("no", ""))
    await store.deliver("T-1", "T-2")
    await store.live(40)
    await store.repair.do(Deed(Action.RETRY, "Ada", ""), [1])
    assert await store.kept() == {1: "superseded", 2: "delivered", 3: "delivered"}


async def test_a_sale_delivered_late_is_kept_from_then_on(store: Store) -> None:
    await store.sell("T-1", "T-2")
    await store.live(40)
    await store.answer(Deliver(""))
    await store.live(20)
    assert set(await store.kept()) == {1, 2}
    await store.live(20)
    assert set(await store.kept()) == {2}


async def test_a_purged_sale_that_comes_again_gets_its_codes_again_G8(store: Store) -> None:
    first_state = arrival("T-1")
    (first,) = await store.intake.accept([first_state])
    await store.answer(Deliver(""))
    await store.deliver("T-2")
    await store.live(32)
    assert set(await store.kept()) == {2}
    (again,) = await store.intake.accept([first_state])
    assert (again.repeated, again.codes) == (False, first.codes)
    (newer,) = await store.intake.accept([another("T-1")])
    assert newer.codes == first.codes
    assert await store.count("receipt_code") == 2


async def test_forgetting_the_codes_would_be_noticed_G8(store: Store) -> None:
    """The control for the test above."""
    first_state = arrival("T-1")
    (first,) = await store.intake.accept([first_state])
    await store.answer(Deliver(""))
    await store.deliver("T-2")
    await store.live(32)
    await store.database.write(lambda raw: raw.execute("DELETE FROM receipt_code"))
    (again,) = await store.intake.accept([first_state])
    assert again.codes != first.codes


async def test_codes_go_after_their_own_time_but_not_while_their_sale_is_back_G8(store: Store) -> None:
    await store.deliver("T-1", "T-2", "T-3")
    await store.live(32)
    await store.sell("T-2")
    await store.live(rules.CODES_KEEP_DAYS, every=20)
    left = await store.database.read(lambda raw: raw.execute("SELECT transaction_id FROM receipt_code").fetchall())
    assert sorted(left) == [("T-2",), ("T-3",)]


async def test_codes_that_no_sale_came_with_go_after_the_time_of_the_others_G8(store: Store) -> None:
    ahead = Ahead(store.database, store.clock, lambda: f"ahead-{next(_ahead)}")
    await store.live(10)
    for name in ("T-never", "T-comes", "T-1"):
        await ahead.codes("lane-1", name, [])
    await store.deliver("T-1", "T-2")
    await store.live(rules.CODES_KEEP_DAYS - 20, every=20)
    await store.deliver("T-comes")
    assert len(await ahead.codes("lane-1", "T-never", [])) == 1
    assert await store.count("receipt_code") == 4
    await store.live(20)
    left = await store.database.read(lambda raw: raw.execute("SELECT transaction_id FROM receipt_code").fetchall())
    assert sorted(left) == [("T-1",), ("T-2",), ("T-comes",)]


async def test_too_many_go_before_their_days_but_not_the_last_two_days_G11(database: Database) -> None:
    store = Store(database, Keep(days=30, sales_max=10))
    for day in range(5):
        await store.deliver(*(f"T-{day}-{number}" for number in range(8)))
        await store.live(1)
    kept = set(await store.kept())
    assert kept == set(range(25, 41))  # those of the last two days, though they are more than ten
    assert await store.count("batch") == 16


async def test_deleting_takes_small_commits_G11(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PURGE_MAX", 3)
    await store.deliver(*(f"T-{number}" for number in range(11)))
    await store.live(30)
    sizes: list[int] = []
    purge = rules._purge

    def watched(names: list[str], *rest: Any) -> int:
        sizes.append(len(names))
        return purge(names, *rest)

    monkeypatch.setattr(rules, "_purge", watched)
    await store.live(2)
    assert sizes == [3, 3, 3, 1]
    assert set(await store.kept()) == {11}


async def test_the_room_is_given_back_but_for_some_G11(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SPARE_PAGES", 20)
    monkeypatch.setattr(rules, "VACUUM_PAGES_MAX", 16)
    await store.deliver(*(f"T-{number}" for number in range(400)))

    def pages(raw: sqlite.Connection) -> tuple[int, int]:
        found = [raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count")]
        return found[0], found[1]

    before, _ = await store.database.read(pages)
    await store.live(32)
    after, free = await store.database.read(pages)
    assert free <= 20
    assert after < 0.7 * before


_ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([state.value for state in State]),
        st.one_of(st.none(), st.integers(1, 6)),
    ),
    min_size=1,
    max_size=14,
)


def _may(rows: list[tuple[int, str, int | None]], limit: Limit) -> set[int]:
    """Say it again in Python: transactions that are settled in all, and all old."""

    def old(number: int, state: str, batch: int | None) -> bool:
        settled = state in ("delivered", "superseded", "discarded")
        return settled and number <= limit.sequence and (batch or 0) <= limit.batch

    keeps = {name for number, (name, state, batch) in enumerate(rows, 1) if not old(number, state, batch)}
    return {number for number, (name, _, _) in enumerate(rows, 1) if name not in keeps}


def _plant(rows: list[tuple[int, str, int | None]], raw: sqlite.Connection) -> None:
    for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute("DROP INDEX revision_one_in_flight")
    for number in range(1, 7):
        raw.execute(
            "INSERT INTO batch (number, request_id, endpoint, state, members, frozen_at)"
            " VALUES (?, 'r', 'e', 'delivered', 1, 0)",
            (number,),
        )
    for name, state, batch in rows:
        raw.execute(
            "INSERT INTO revision (transaction_id, terminal, digest, forwarded, alone, size, closed, voided, live,"
            " accepted_at, state, batch) VALUES (?, 't', zeroblob(32), '', 0, 0, 0, 0, 0, 0, ?, ?)",
            (f"T-{name}", state, 1 if batch is None and state == "frozen" else batch),
        )


@given(rows=_ROWS, sequence=st.integers(0, 13), batch=st.integers(1, 6))
@settings(max_examples=40)
async def test_exactly_the_settled_and_old_may_go_G2_G4(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, int | None]], sequence: int, batch: int
) -> None:
    limit = Limit(min(sequence, len(rows) - 1), batch)
    path: Path = tmp_path_factory.mktemp("rules")
    async with open_database(path, SystemClock()) as database:
        await database.write(lambda raw: _plant(rows, raw))
        await Retention(database).purge(limit, 0)
        left = await database.read(lambda raw: {row[0] for row in raw.execute("SELECT sequence FROM revision")})
    assert set(range(1, len(rows) + 1)) - left == _may(rows, limit)


async def test_no_query_of_retention_looks_at_every_row_G11(database: Database) -> None:
    """But for those that go through what is oldest, from the front."""
    plans = {
        "may_go": "revision_by_state (state=? AND sequence>? AND sequence<?)",
        "batches_of": "revision_by_transaction",
        "purge": "revision_by_transaction",
        "orphan_codes": "receipt_code_by_transaction",
        "purge_batch": "revision_by_batch",
        "purge_old_batches": "revision_by_batch",
        "purge_codes": "receipt_code_orphaned",
        "milestone_at": "INTEGER PRIMARY KEY",
    }

    def explained(statement: str, raw: sqlite.Connection) -> str:
        values: Any = dict.fromkeys(re.findall(r":(\w+)", statement)) or [None] * statement.count("?")
        return "; ".join(row[3] for row in raw.execute("EXPLAIN QUERY PLAN " + statement, values).fetchall())

    for name, wanted in plans.items():
        plan = await database.read(partial(explained, rules._SQL[name]))
        assert wanted in plan, (name, plan)
        assert not re.search(r"SCAN (?!CONSTANT)", plan), (name, plan)
        assert "TEMP B-TREE FOR ORDER" not in plan, (name, plan)
