"""Any history of sales and calls keeps the books, the bytes and the order (G2, G3, G4, G9)."""

import asyncio
import itertools
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from store_agent.clock import SystemClock
from store_agent.domain.batch import FrozenBatch, Request, pieces
from store_agent.domain.lifecycle import OPEN, State
from store_agent.domain.repair import Action
from store_agent.domain.settle import Deliver, Keep, Park, Split
from store_agent.storage import outbox as outbox_module
from store_agent.storage.database import Database, open_database
from tests.support.queued import Queue, assemble, call

TRANSACTIONS = ("A", "B", "C")
SUBJECTS = ("offer:1", "offer:2", "card")


@dataclass(frozen=True)
class Stored:
    """What came in: a sale of a transaction, or a call about a subject that may follow one."""

    sale: str | None = None
    subject: str | None = None
    follows: str | None = None

    def goes_before(self, later: "Stored") -> bool:
        """Tell whether this one, which came first, must be settled before the other one is sent."""
        if later.sale is not None:
            return later.sale in (self.sale, self.follows)
        about = self.subject is not None and self.subject == later.subject
        return about or (later.follows is not None and later.follows in (self.sale, self.follows))


class Histories(RuleBasedStateMachine):
    """Sales and calls come in, are frozen, answered, kept, held, let go, retried and discarded, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = self.loop.run_until_complete(self._open())
        self.numbers = itertools.count(1)
        self.stored: dict[int, Stored] = {}
        self.flying: list[FrozenBatch] = []
        self.tried: dict[str, bytes] = {}
        self.parked: set[int] = set()
        self.arrived: list[int] = []

    async def _open(self) -> AsyncExitStack:
        stack = AsyncExitStack()
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        self.queue = Queue(await stack.enter_async_context(open_database(Path(directory), SystemClock())))
        return stack

    def teardown(self) -> None:
        self.loop.run_until_complete(self.stack.aclose())
        self.loop.close()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @rule(names=st.lists(st.sampled_from(TRANSACTIONS), min_size=1, max_size=3))
    def sell(self, names: list[str]) -> None:
        self.stored |= {
            sequence: Stored(sale=name) for sequence, name in zip(self.run(self.queue.sell(*names)), names, strict=True)
        }

    @rule(
        subject=st.sampled_from(SUBJECTS),
        follows=st.sampled_from([None, *TRANSACTIONS]),
        payload=st.sampled_from(["{}", '{"a": 1.10}']),
        tried=st.booleans(),
    )
    def defer(self, subject: str, follows: str | None, payload: str, *, tried: bool) -> None:
        one = Stored(subject=subject, follows=follows)
        request = None
        if tried and not any(old.goes_before(one) for old in self.among(*OPEN)):
            name = f"tried-{next(self.numbers)}"
            request = Request(name, "unlock", f"{name} {payload}".encode())
        before = self.run(self.queue.states())
        sequence = self.run(self.queue.defer(call(subject, follows, payload=payload, request=request)))
        if sequence in before:
            assert State(before[sequence]) in OPEN
            return
        self.stored[sequence] = one
        if request is not None:
            self.tried[request.request_id] = request.body
            new = [batch for batch in self.run(self.queue.outbox.unsettled()) if batch.members == (sequence,)]
            assert [batch.request_id for batch in new] == [request.request_id]
            self.flying += new

    def among(self, *states: State) -> list[Stored]:
        found = self.run(self.queue.states())
        return [self.stored[sequence] for sequence, state in found.items() if State(state) in states]

    @rule()
    def freeze(self) -> None:
        before = self.run(self.queue.states())
        frozen = self.run(self.queue.freeze())
        self.flying += frozen
        for sequence in (member for batch in frozen for member in batch.members):
            for earlier, state in before.items():
                must_wait = earlier < sequence and State(state) in OPEN
                assert not (must_wait and self.stored[earlier].goes_before(self.stored[sequence])), (earlier, sequence)

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        if not self.flying:
            return
        batch = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        choices: list[Any] = [Deliver(""), Keep("w", "")]
        choices += [Split(tuple(pieces(batch.members)), "w", "")] if len(batch.members) > 1 else [Park("w", "")]
        decision = data.draw(st.sampled_from(choices))
        if isinstance(decision, Deliver):
            self.arrived += batch.members
        elif isinstance(decision, Park):
            self.parked |= set(batch.members)
        self.flying += self.run(self.queue.outbox.settle(batch, decision, assemble))
        if isinstance(decision, Keep):
            self.flying.append(batch)

    @rule(action=st.sampled_from([Action.RETRY, Action.HOLD, Action.RELEASE, Action.DISCARD]), data=st.data())
    def repair(self, action: Action, data: st.DataObject) -> None:
        if self.stored:
            self.run(self.queue.do(action, data.draw(st.sampled_from(sorted(self.stored)))))

    @rule()
    def restart(self) -> None:
        before = {(batch.number, batch.request_id, batch.members) for batch in self.flying}
        self.flying = self.run(self.queue.outbox.unsettled())
        assert {(batch.number, batch.request_id, batch.members) for batch in self.flying} == before

    @invariant()
    def the_books_balance(self) -> None:
        assert self.run(self.queue.accepted()) == len(self.stored)

    @invariant()
    def only_a_later_sale_takes_the_place_of_a_sale(self) -> None:
        for sequence, state in self.run(self.queue.states()).items():
            if state == "superseded":
                one = self.stored[sequence]
                assert one.sale is not None
                assert any(later.sale == one.sale for number, later in self.stored.items() if number > sequence)

    @invariant()
    def what_was_tried_keeps_its_bytes(self) -> None:
        for batch in self.flying:
            if batch.request_id in self.tried:
                assert self.run(self.queue.outbox.body(batch.number)) == self.tried[batch.request_id]

    @invariant()
    def all_arrive_in_order(self) -> None:
        """What a person sends again after a refusal comes later; nothing else does."""
        arrived = [sequence for sequence in self.arrived if sequence not in self.parked]
        for first, then in itertools.combinations(arrived, 2):
            assert first < then or not self.stored[then].goes_before(self.stored[first]), (first, then)


Histories.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_any_history_keeps_the_books_the_bytes_and_the_order_G2_G3_G4_G9 = Histories.TestCase


async def what_may_go(database: Database) -> list[list[int]]:
    """Give what may go of a history in which every condition of the order matters."""
    queue = Queue(database)
    await queue.sell("A")
    await queue.defer(call("offer:1", "A"))
    first = await queue.next()
    await queue.settle(Deliver(""))
    await queue.defer(call("offer:2", "A"))
    await queue.sell("A")
    return [first, await queue.next()]


async def test_sales_and_the_calls_that_follow_them_take_turns_G4(database: Database) -> None:
    assert await what_may_go(database) == [[1], [2]]


@pytest.mark.parametrize(
    ("condition", "goes"),
    [
        ("other.transaction_id IN (candidate.transaction_id, candidate.follows)", [[1, 2], [3]]),
        ("other.follows = candidate.transaction_id", [[1], [2, 4]]),
        ("other.follows = candidate.follows", [[1], [2, 3]]),
    ],
)
async def test_without_any_condition_of_the_order_something_would_go_too_early_G4(
    database: Database, monkeypatch: pytest.MonkeyPatch, condition: str, goes: list[list[int]]
) -> None:
    """The control."""
    query = outbox_module._SQL["waiting_candidates"]
    assert query.count(condition) == 1
    monkeypatch.setitem(outbox_module._SQL, "waiting_candidates", query.replace(condition, f"{condition} AND 1 = 2"))
    assert await what_may_go(database) == goes
