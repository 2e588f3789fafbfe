"""The outbox accepts once, freezes within limits, settles exactly, and its books always balance."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits, FrozenBatch, pieces
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action, Deed
from store_agent.domain.settle import Deliver, Keep, Park, Split
from store_agent.errors import StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.books import Books
from store_agent.storage.database import Database, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.repair import Repair
from store_agent.storage.revisions import Filter
from tests.support.arrivals import another, arrival, assemble
from tests.support.sales import payment

LIMITS = BatchLimits()


def numbered() -> Iterator[str]:
    return (f"code-{number}" for number in itertools.count(1))


@pytest.fixture
def intake(database: Database) -> Intake:
    codes = numbered()
    return Intake(database, SystemClock(), lambda: next(codes))


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database, SystemClock())


async def states(outbox: Outbox) -> dict[int, str]:
    return {row.sequence: row.state.value for row in (await outbox.page(0, 1_000)).rows}


async def test_the_same_state_again_gets_the_same_answer_and_no_second_row_G9(intake: Intake, outbox: Outbox) -> None:
    (first,) = await intake.accept([arrival()])
    (again,) = await intake.accept([arrival()])
    assert again.repeated
    assert (again.sequence, again.digest, again.codes, again.warnings) == (
        first.sequence,
        first.digest,
        first.codes,
        first.warnings,
    )
    assert (await outbox.books()).accepted.revisions == 1


async def test_a_late_repeat_of_an_older_state_does_not_bring_it_back_G9(intake: Intake, outbox: Outbox) -> None:
    old = arrival(subtotal=9)
    (first,) = await intake.accept([old])
    await intake.accept([arrival()])
    (again,) = await intake.accept([old])
    assert (again.repeated, again.sequence) == (True, first.sequence)
    assert (await outbox.books()).accepted.revisions == 2


async def test_a_repeat_and_its_codes_are_found_after_any_number_of_revisions_G8_G9(
    intake: Intake, outbox: Outbox
) -> None:
    first_state = arrival(payments=[payment("P1"), payment("P2")])
    (first,) = await intake.accept([first_state])
    for _ in range(60):
        await intake.accept([another("T-1")])
    (again,) = await intake.accept([first_state])
    assert (again.repeated, again.codes) == (True, first.codes)
    (split,) = await intake.accept([arrival(payments=[payment("P2"), payment("P1")])])
    assert {code.code for code in split.codes} == {code.code for code in first.codes}
    assert (await outbox.books()).accepted.revisions == 62


@pytest.mark.parametrize("change", [{"terminal": "lane-2"}, {"forwarded": '"culture": "de"'}, {"subtotal": 9}])
async def test_whatever_differs_is_a_new_revision_G9(intake: Intake, outbox: Outbox, change: dict[str, Any]) -> None:
    await intake.accept([arrival()])
    (other,) = await intake.accept([arrival(**change)])
    assert not other.repeated
    assert (await outbox.books()).accepted.revisions == 2


async def test_repeats_within_one_call_and_one_commit_count_once_G9(intake: Intake, outbox: Outbox) -> None:
    answers = await intake.accept([arrival(), arrival(), arrival("T-2")])
    both = await asyncio.gather(intake.accept([arrival("T-3")]), intake.accept([arrival("T-3")]))
    assert [one.sequence for one in answers] == [1, 1, 2]
    assert [answer[0].sequence for answer in both] == [3, 3]
    assert (await outbox.books()).accepted.revisions == 3


async def test_a_newer_revision_supersedes_an_unsent_older_one(intake: Intake, outbox: Outbox) -> None:
    await intake.accept([arrival(subtotal=1), arrival(subtotal=2), arrival("T-2")])
    assert await states(outbox) == {1: "superseded", 2: "waiting", 3: "waiting"}


async def test_the_codes_of_a_transaction_stay_the_same_over_its_revisions_G8(intake: Intake, outbox: Outbox) -> None:
    opened = arrival(payments=[], is_closed=False)
    paid = arrival(payments=[payment("P1")])
    split = arrival(payments=[payment("P1"), payment("P2")])
    codes = [
        [(code.payment, code.code) for code in (await intake.accept([one]))[0].codes] for one in (opened, paid, split)
    ]
    assert codes == [[("", "code-1")], [("", "code-1")], [("", "code-1"), ("P1", "code-2"), ("P2", "code-3")]]
    (again,) = await intake.accept([arrival(payments=[payment("P2"), payment("P1")], table_id="7")])
    assert {code.payment: code.code for code in again.codes} == {"": "code-1", "P1": "code-2", "P2": "code-3"}
    detail = await outbox.show(again.sequence)
    assert detail is not None
    assert detail.payload is not None
    assert [one["receipt_code"] for one in json.loads(detail.payload)["payments"]] == ["code-3", "code-2"]


async def test_a_code_used_by_two_transactions_stays_with_the_first_G8(intake: Intake) -> None:
    (first,) = await intake.accept([arrival(guest_receipt_code="same")])
    (second,) = await intake.accept([arrival("T-2", guest_receipt_code="same")])
    assert first.warnings == []
    assert [warning["code"] for warning in second.warnings] == ["receipt_code_in_use"]
    assert "T-1" in second.warnings[0]["message"]


async def test_a_minted_code_that_exists_already_is_never_given_out_G8(database: Database) -> None:
    stuck = Intake(database, SystemClock(), lambda: "the-only-one")
    await stuck.accept([arrival()])
    with pytest.raises(StorageFailure, match="already in use"):
        await stuck.accept([arrival("T-2")])
    with pytest.raises(StorageFailure, match="already in use"):
        await stuck.accept([arrival("T-3", guest_receipt_code="brought"), arrival("T-4")])


async def test_one_code_in_two_places_stays_in_both_over_revisions_G8(intake: Intake) -> None:
    for number in range(2):
        paid = [payment("P1", receipt_code="tx")]
        (one,) = await intake.accept([arrival(guest_receipt_code="tx", payments=paid, table_id=str(number))])
        assert {code.payment for code in one.codes} == {"", "P1"}


async def test_a_code_the_pos_brought_stays_the_pos_s_over_revisions_G8(intake: Intake) -> None:
    for number in range(2):
        (one,) = await intake.accept([arrival(guest_receipt_code="mine", table_id=str(number))])
        assert [(code.code, code.minted) for code in one.codes] == [("mine", False)]
        assert one.warnings == []


async def test_sales_are_frozen_oldest_first_in_tens_G5(intake: Intake, outbox: Outbox) -> None:
    await intake.accept([arrival(f"T-{number}") for number in range(25)])
    frozen = await outbox.freeze(4, LIMITS, assemble)
    assert [len(batch.members) for batch in frozen] == [10, 10, 5]
    assert [member for batch in frozen for member in batch.members] == list(range(1, 26))
    assert await outbox.freeze(4, LIMITS, assemble) == []


async def test_the_frozen_bytes_are_what_is_read_back_after_a_restart_G3(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()) as database:
        await Intake(database, SystemClock(), None).accept([arrival(f"T-{number}") for number in range(12)])
        frozen = await Outbox(database, SystemClock()).freeze(2, LIMITS, assemble)
    async with open_database(tmp_path, SystemClock()) as database:
        outbox = Outbox(database, SystemClock())
        assert await outbox.unsettled() == [replace(batch, body=None) for batch in frozen]
        assert [await outbox.body(batch.number) for batch in frozen] == [batch.body for batch in frozen]


async def test_two_revisions_of_a_transaction_are_never_in_flight_together_G4(intake: Intake, outbox: Outbox) -> None:
    await intake.accept([arrival(subtotal=1)])
    (batch,) = await outbox.freeze(1, LIMITS, assemble)
    await intake.accept([arrival(subtotal=2)])
    assert await outbox.freeze(1, LIMITS, assemble) == []
    await outbox.settle(batch, Deliver(""), assemble)
    (second,) = await outbox.freeze(1, LIMITS, assemble)
    assert second.members == (2,)


async def test_the_database_itself_refuses_two_in_flight_G4(intake: Intake, database: Database) -> None:
    """The control: even SQL that ignores the rule cannot break it."""
    await intake.accept([arrival(subtotal=1)])
    await Outbox(database, SystemClock()).freeze(1, LIMITS, assemble)
    await intake.accept([arrival(subtotal=2)])

    def forced(raw: sqlite.Connection) -> None:
        raw.execute("UPDATE revision SET state = 'frozen', batch = 1 WHERE sequence = 2")

    with pytest.raises(Exception, match="UNIQUE constraint failed: revision.transaction_id"):
        await database.write(forced)


async def test_a_held_revision_keeps_later_ones_of_its_transaction_back_G4(
    intake: Intake, outbox: Outbox, database: Database
) -> None:
    await intake.accept([arrival(subtotal=1), arrival("T-2")])
    await database.write(lambda raw: raw.execute("UPDATE revision SET state = 'held' WHERE sequence = 1"))
    await intake.accept([arrival(subtotal=2)])
    (batch,) = await outbox.freeze(1, LIMITS, assemble)
    assert batch.members == (2,)


async def test_revisions_with_other_container_fields_never_share_a_request_G7(intake: Intake, outbox: Outbox) -> None:
    await intake.accept(
        [
            arrival("T-1", forwarded='"culture": "en"'),
            arrival("T-2", forwarded='"culture": "de"'),
            arrival("T-3", forwarded='"user_id": "u"', alone=True),
            arrival("T-4", forwarded='"culture": "en"'),
            arrival("T-5", forwarded='"user_id": "u"', alone=True),
        ]
    )
    frozen = await outbox.freeze(9, LIMITS, assemble)
    assert [batch.members for batch in frozen] == [(1, 4), (2,), (3,), (5,)]


async def frozen_three(intake: Intake, outbox: Outbox) -> FrozenBatch:
    await intake.accept([arrival(f"T-{number}") for number in range(3)])
    (batch,) = await outbox.freeze(1, LIMITS, assemble)
    return batch


async def test_a_refused_revision_is_parked_with_the_reason(intake: Intake, outbox: Outbox) -> None:
    await intake.accept([arrival()])
    (batch,) = await outbox.freeze(1, LIMITS, assemble)
    await outbox.settle(batch, Park("Not known.", '{"their": "words"}', ("pos_employee_id",)), assemble)
    (row,) = (await outbox.page(0, 10, Filter(State.PARKED))).rows
    detail = await outbox.show(row.sequence)
    assert detail is not None
    assert (row.error, detail.said, detail.fields) == ("Not known.", '{"their": "words"}', ["pos_employee_id"])


async def test_a_kept_batch_stays_as_it_is_and_notes_the_reason_G3(intake: Intake, outbox: Outbox) -> None:
    batch = await frozen_three(intake, outbox)
    await outbox.settle(batch, Keep("no line", "", blamed=True), assemble)
    (kept,) = await outbox.unsettled()
    assert (kept.request_id, kept.members) == (batch.request_id, batch.members)
    assert await outbox.body(kept.number) == batch.body
    assert kept.platform_failures == 1
    rows = (await outbox.page(0, 10, Filter(State.FROZEN))).rows
    assert [(row.attempts, row.error) for row in rows] == [(1, "no line")] * 3


async def test_a_split_batch_goes_out_again_as_two_new_requests_G6(intake: Intake, outbox: Outbox) -> None:
    batch = await frozen_three(intake, outbox)
    parts = await outbox.settle(batch, Split(tuple(pieces(batch.members)), "refused", ""), assemble)
    assert [part.members for part in parts] == [(1,), (2, 3)]
    assert len({batch.request_id, *(part.request_id for part in parts)}) == 3
    assert [batch.members for batch in await outbox.unsettled()] == [(1,), (2, 3)]


async def test_a_split_leaves_out_what_was_overtaken_meanwhile_G4(intake: Intake, outbox: Outbox) -> None:
    batch = await frozen_three(intake, outbox)
    await intake.accept([another("T-1")])
    parts = await outbox.settle(batch, Split(tuple(pieces(batch.members)), "refused", ""), assemble)
    assert [part.members for part in parts] == [(1,), (3,)]
    assert await states(outbox) == {1: "frozen", 2: "superseded", 3: "frozen", 4: "waiting"}


async def test_settling_twice_changes_nothing_more_G2(intake: Intake, outbox: Outbox) -> None:
    batch = await frozen_three(intake, outbox)
    await outbox.settle(batch, Deliver("yes"), assemble)
    assert await outbox.settle(batch, Park("no", ""), assemble) == []
    assert set((await states(outbox)).values()) == {"delivered"}


async def test_pages_follow_the_sequence_and_the_state(intake: Intake, outbox: Outbox) -> None:
    await intake.accept([arrival(f"T-{number}") for number in range(5)])
    await outbox.freeze(1, BatchLimits(count_max=2), assemble)
    assert [row.sequence for row in (await outbox.page(0, 2)).rows] == [1, 2]
    assert [row.sequence for row in (await outbox.page(2, 9)).rows] == [3, 4, 5]
    assert [row.sequence for row in (await outbox.page(3, 9, Filter(State.WAITING))).rows] == [4, 5]
    assert await outbox.show(99) is None


async def test_amounts_are_summed_exactly(intake: Intake, outbox: Outbox) -> None:
    await intake.accept([arrival(f"T-{number}", subtotal="0.1", tax_total=0.2) for number in range(10)])
    assert (await outbox.books()).by_state[State.WAITING].amount == 30_000


def recounted(raw: sqlite.Connection) -> dict[str, tuple[int, int]]:
    counted = raw.execute("SELECT state, count(*), coalesce(sum(amount), 0) FROM revision GROUP BY state").fetchall()
    return {state: (count, amount) for state, count, amount in counted}


class OutboxMachine(RuleBasedStateMachine):
    """Any order of sales, freezes, answers and repairs: the books balance and order holds (G2, G4, G5, G8)."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = self.loop.run_until_complete(self._open())
        codes = numbered()
        self.intake = Intake(self.database, SystemClock(), lambda: next(codes))
        self.outbox = Outbox(self.database, SystemClock())
        self.flying: list[FrozenBatch] = []
        self.arrived: dict[str, list[int]] = {}
        self.codes: dict[str, str] = {}
        self.accepted = 0

    async def _open(self) -> Any:
        import tempfile
        from contextlib import AsyncExitStack

        stack = AsyncExitStack()
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        self.database = await stack.enter_async_context(open_database(Path(directory), SystemClock()))
        return stack

    def teardown(self) -> None:
        self.loop.run_until_complete(self.stack.aclose())
        self.loop.close()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @rule(names=st.lists(st.sampled_from("ABCDEFGHIJKLMNOP"), min_size=1, max_size=6))
    def sell(self, names: list[str]) -> None:
        for one in self.run(self.intake.accept([another(name) for name in names])):
            self.accepted += 1
            (code,) = one.codes
            assert self.codes.setdefault(one.transaction_id, code.code) == code.code

    @rule(batches=st.integers(1, 3), count_max=st.integers(1, 10))
    def freeze(self, batches: int, count_max: int) -> None:
        frozen = self.run(self.outbox.freeze(batches, BatchLimits(count_max), assemble))
        assert all(len(batch.members) <= count_max for batch in frozen)
        self.flying += frozen

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        if not self.flying:
            return
        batch = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        choices: list[Any] = [Deliver(""), Keep("w", "")]
        if len(batch.members) > 1:
            choices.append(Split(tuple(pieces(batch.members)), "w", ""))
        else:
            choices += [Park("w", ""), Park("w", "", burst=batch.members)]
        decision = data.draw(st.sampled_from(choices))
        if isinstance(decision, Deliver):
            for sequence in batch.members:
                detail = self.run(self.outbox.show(sequence))
                self.arrived.setdefault(detail.row.transaction_id, []).append(sequence)
        self.flying += self.run(self.outbox.settle(batch, decision, assemble))
        if isinstance(decision, Keep):
            self.flying.append(batch)

    @rule()
    def restart(self) -> None:
        before = {(batch.number, batch.body or self.body(batch)) for batch in self.flying}
        self.flying = self.run(self.outbox.unsettled())
        assert {(batch.number, self.body(batch)) for batch in self.flying} == before

    def body(self, batch: FrozenBatch) -> bytes:
        return self.run(self.outbox.body(batch.number))  # type: ignore[no-any-return]

    @rule(action=st.sampled_from([Action.RETRY, Action.HOLD, Action.RELEASE, Action.DISCARD]), data=st.data())
    def repair(self, action: Action, data: st.DataObject) -> None:
        if self.accepted:
            sequence = data.draw(st.integers(1, self.accepted))
            self.run(Repair(self.database, SystemClock()).do(Deed(action, "m", "because"), [sequence]))

    @rule(refusals_max=st.sampled_from([None, 1]))
    def unpark_burst(self, refusals_max: int | None) -> None:
        self.run(self.outbox.unpark_burst(refusals_max))

    @invariant()
    def the_books_balance(self) -> None:
        books: Books = self.run(self.outbox.books())
        assert books.balanced
        assert books.accepted.revisions == self.accepted
        real = self.run(self.database.read(recounted))
        for state, tally in books.by_state.items():
            assert (tally.revisions, tally.amount) == real.get(state.value, (0, 0))

    @invariant()
    def each_transaction_arrives_in_order(self) -> None:
        assert all(sequences == sorted(set(sequences)) for sequences in self.arrived.values())

    @invariant()
    def no_transaction_is_twice_in_flight(self) -> None:
        members = [member for batch in self.flying for member in batch.members]
        owners = [self.run(self.outbox.show(member)).row.transaction_id for member in members]
        assert len(owners) == len(set(owners))


OutboxMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
test_any_history_keeps_the_books_and_the_order_G2_G4 = OutboxMachine.TestCase


async def test_books_kept_wrongly_would_be_noticed_G2(intake: Intake, outbox: Outbox, database: Database) -> None:
    """The control: without the trigger that counts moves, the books do not balance."""
    await database.write(lambda raw: raw.execute("DROP TRIGGER revision_moved"))
    await intake.accept([arrival(subtotal=1), arrival(subtotal=2)])
    real = await database.read(recounted)
    tally = (await outbox.books()).by_state[State.SUPERSEDED]
    assert (tally.revisions, real["superseded"][0]) == (0, 1)
