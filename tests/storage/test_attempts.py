"""Every try that did not deliver is kept in words: in the commit that settles it, once for many alike, and bounded."""

import asyncio
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits, FrozenBatch, Request, pieces
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action, Deed
from store_agent.domain.settle import Decision, Deliver, Keep, Park, Split
from store_agent.errors import StorageFailure
from store_agent.storage import attempts as keeping
from store_agent.storage.attempts import ATTEMPTS_MAX, Attempt
from store_agent.storage.database import Database, open_database
from store_agent.storage.deferral import AGENT, Deferral, defer
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.repair import Repair
from tests.support.arrivals import another, arrival, assemble
from tests.support.hands import HandSetClock

NO_LINE = "The platform cannot be reached: it does not answer."
REFUSED = "The platform does not know employee 1000."


class Store:
    """Sells and settles on a clock that a test moves."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandSetClock(at=1_000.0)
        self.outbox = Outbox(database, self.clock)

    async def sell(self, count: int = 1) -> list[FrozenBatch]:
        await Intake(self.database, self.clock, None).accept([arrival(f"T-{number}") for number in range(count)])
        return await self.outbox.freeze(1, BatchLimits(), assemble)

    async def settle(self, batch: FrozenBatch, decision: Decision) -> list[FrozenBatch]:
        self.clock.let_pass(1.0)
        return await self.outbox.settle(batch, decision, assemble)

    async def words(self, sequence: int) -> list[tuple[str, int]]:
        return [(one.words, one.times) for one in await self.outbox.tries(sequence)]


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


async def test_what_each_try_came_to_is_told_oldest_first(store: Store) -> None:
    (batch,) = await store.sell()
    await store.settle(batch, Keep(NO_LINE, ""))
    await store.settle(batch, Keep(NO_LINE, ""))
    await store.settle(batch, Keep(NO_LINE, ""))
    await store.settle(batch, Park(REFUSED, '{"status": "Error"}'))
    assert await store.outbox.tries(1) == [
        Attempt(1_001_000, 1_003_000, 3, NO_LINE, None),
        Attempt(1_004_000, 1_004_000, 1, REFUSED, '{"status": "Error"}'),
    ]


async def test_days_without_a_line_are_one_row_for_each_sale_G11(store: Store) -> None:
    (batch,) = await store.sell(10)
    for _ in range(500):
        await store.settle(batch, Keep(NO_LINE, ""))
    for sequence in batch.members:
        assert await store.words(sequence) == [(NO_LINE, 500)]


async def test_of_many_turns_the_first_and_the_newest_stay_G11(store: Store) -> None:
    (batch,) = await store.sell(2)
    for number in range(ATTEMPTS_MAX + 30):
        await store.settle(batch, Keep(f"{number}", ""))
    newest = range(31, ATTEMPTS_MAX + 30)
    assert await store.words(1) == await store.words(2) == [("0", 1), *((f"{number}", 1) for number in newest)]


async def test_without_the_bound_there_would_be_more_G11(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the test above."""
    monkeypatch.setitem(keeping._SQL, "forget", "SELECT :batch, :newest")
    (batch,) = await store.sell()
    for number in range(ATTEMPTS_MAX + 30):
        await store.settle(batch, Keep(f"{number}", ""))
    assert len(await store.words(1)) == ATTEMPTS_MAX + 30


async def test_a_split_is_a_try_of_every_member_and_its_parts_go_on_from_there(store: Store) -> None:
    (batch,) = await store.sell(3)
    parts = await store.settle(batch, Split(tuple(pieces(batch.members)), "One of them is refused.", ""))
    await store.settle(parts[0], Park(REFUSED, ""))
    await store.settle(parts[1], Deliver("{}"))
    assert await store.words(1) == [("One of them is refused.", 1), (REFUSED, 1)]
    assert await store.words(2) == await store.words(3) == [("One of them is refused.", 1)]


async def test_a_halted_line_is_told_although_it_counts_as_no_attempt(store: Store) -> None:
    (batch,) = await store.sell()
    await store.settle(batch, Keep("The platform refuses this store's credentials (401).", "", counts=False))
    assert len(await store.words(1)) == 1
    assert [row.attempts for row in (await store.outbox.page(0, 10)).rows] == [0]


async def test_a_retried_sale_keeps_what_it_was_refused_for(store: Store) -> None:
    (batch,) = await store.sell()
    await store.settle(batch, Park(REFUSED, ""))
    await Repair(store.database, store.clock).do(Deed(Action.RETRY, "Ada", ""), [1])
    (again,) = await store.outbox.freeze(1, BatchLimits(), assemble)
    await store.settle(again, Park(REFUSED, ""))
    assert await store.words(1) == [(REFUSED, 2)]


async def test_a_call_that_was_tried_at_the_counter_begins_with_that_try(store: Store) -> None:
    request = Request("r-1", "unlock", b"{}")
    call = Deferral(AGENT, "unlock", "offer-1", "{}", request=request)
    sequence = await store.database.write(lambda raw: defer(raw, call, 7))
    (row,) = (await store.outbox.page(0, 10)).rows
    assert await store.outbox.tries(sequence) == [Attempt(7, 7, 1, row.error or "", None)]


async def test_a_sale_that_arrives_at_its_first_try_costs_no_write(store: Store) -> None:
    (batch,) = await store.sell(10)
    asked: list[str] = []
    await store.database.write(lambda raw: raw.set_trace_callback(asked.append))
    await store.settle(batch, Deliver("{}"))
    assert any("UPDATE revision" in statement for statement in asked)
    assert [statement for statement in asked if "attempt " in statement] == []
    assert await store.words(1) == []


async def test_a_try_is_noted_with_what_it_came_to_or_not_at_all_G2(store: Store) -> None:
    """What fails after the note takes the note with it."""
    fails = "CREATE TRIGGER fails BEFORE UPDATE OF error ON revision BEGIN SELECT RAISE(ABORT, 'no disk'); END"
    (batch,) = await store.sell()
    await store.database.write(lambda raw: raw.execute(fails).rowcount)
    for decision in (Keep(NO_LINE, ""), Park(REFUSED, ""), Split(((1,),), "refused", "")):
        with pytest.raises(StorageFailure):
            await store.settle(batch, decision)
        assert await store.words(1) == []
        assert [row.state for row in (await store.outbox.page(0, 10)).rows] == [State.FROZEN]
    await store.database.write(lambda raw: raw.execute("DROP TRIGGER fails").rowcount)
    await store.settle(batch, Park(REFUSED, ""))
    assert await store.words(1) == [(REFUSED, 1)]


async def test_settling_twice_counts_one_try(store: Store) -> None:
    (batch,) = await store.sell()
    for _ in range(2):
        await store.settle(batch, Park(REFUSED, ""))
    assert await store.words(1) == [(REFUSED, 1)]


class TriesMachine(RuleBasedStateMachine):
    """Any order of answers, repairs and restarts: tries are told alike, coalesced and bounded (G11)."""

    MAX = 4

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(keeping, "ATTEMPTS_MAX", self.MAX)
        self.loop = asyncio.new_event_loop()
        self.stack = ExitStack()
        self.directory = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.clock = HandSetClock()
        self.sold = 0
        self.tried: dict[int, list[list[Any]]] = defaultdict(list)
        self.run(self.open())

    async def open(self) -> None:
        self.opened = open_database(self.directory, SystemClock())
        self.database = await self.opened.__aenter__()
        self.outbox = Outbox(self.database, self.clock)

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.stack.close()
        self.loop.close()
        self.patch.undo()

    @rule(names=st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=4))
    def sell(self, names: list[str]) -> None:
        taken = self.run(Intake(self.database, self.clock, None).accept([another(name) for name in names]))
        self.sold = max(one.sequence for one in taken)

    @rule(count_max=st.integers(1, 4))
    def freeze(self, count_max: int) -> None:
        self.run(self.outbox.freeze(2, BatchLimits(count_max), assemble))

    @rule(words=st.sampled_from(["none", "one", "two"]), data=st.data(), again=st.integers(1, 3))
    def answer(self, words: str, data: st.DataObject, again: int) -> None:
        flying = self.run(self.outbox.unsettled())
        if not flying:
            return
        batch = data.draw(st.sampled_from(flying))
        single = len(batch.members) == 1
        last = Park(words, "") if single else Split(tuple(pieces(batch.members)), words, "")
        decision = data.draw(st.sampled_from([Deliver(""), Keep(words, ""), Keep(words, ""), last]))
        for _ in range(again if isinstance(decision, Keep) else 1):
            self.clock.let_pass(1.0)
            self.run(self.outbox.settle(batch, decision, assemble))
            if not isinstance(decision, Deliver):
                self._expect(batch.members, words)

    def _expect(self, members: tuple[int, ...], words: str) -> None:
        now = int(self.clock.at * 1000)
        for sequence in members:
            known = self.tried[sequence]
            if known and known[-1][3] == words:
                known[-1][1:3] = [now, known[-1][2] + 1]
            else:
                known.append([now, now, 1, words, None])

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        if self.sold:
            sequence = data.draw(st.integers(1, self.sold))
            self.run(Repair(self.database, self.clock).do(Deed(Action.RETRY, "Ada", ""), [sequence]))

    @rule()
    def restart(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.run(self.open())

    @invariant()
    def the_tries_are_told(self) -> None:
        for sequence in range(1, self.sold + 1):
            known = self.tried[sequence]
            kept = known if len(known) <= self.MAX else [known[0], *known[1 - self.MAX :]]
            assert self.run(self.outbox.tries(sequence)) == [Attempt(*one) for one in kept]


TriesMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
test_any_history_of_tries_is_told_and_bounded_G11 = TriesMachine.TestCase
