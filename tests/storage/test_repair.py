"""What people do to the queue, the way back to waiting, and the books of a day: on a real database."""

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits
from store_agent.domain.day import Tally
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import FROM_STATE, Action, Deed, why_not
from store_agent.domain.settle import Deliver, Park
from store_agent.storage import revisions, sqlite
from store_agent.storage.database import Database
from store_agent.storage.days import Days
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.repair import Repair
from store_agent.storage.revisions import Filter
from tests.support.arrivals import another, arrival, assemble


class Store:
    def __init__(self, database: Database) -> None:
        clock = SystemClock()
        self.database = database
        self.intake = Intake(database, clock, None)
        self.outbox = Outbox(database, clock)
        self.repair = Repair(database, clock)
        self.days = Days(database, clock)

    async def sell(self, *names: str) -> None:
        await self.intake.accept([another(name) for name in names])

    async def answer(self, decision: Deliver | Park) -> None:
        for batch in await self.outbox.freeze(100, BatchLimits(count_max=1), assemble):
            await self.outbox.settle(batch, decision, assemble)

    async def do(self, action: Action, *sequences: int, reason: str = "because") -> list[tuple[State | None, str]]:
        done = await self.repair.do(Deed(action, "Ada", reason), sequences)
        return [(one.state, one.problem) for one in done]

    async def states(self) -> list[str]:
        return [row.state.value for row in (await self.outbox.page(0, 1_000)).rows]


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


async def test_a_refused_sale_goes_again_when_a_person_retries_it(store: Store) -> None:
    await store.sell("T-1")
    await store.answer(Park("no", ""))
    assert await store.do(Action.RETRY, 1) == [(State.WAITING, "")]
    await store.answer(Deliver(""))
    assert await store.states() == ["delivered"]


async def test_an_old_state_is_not_sent_after_a_newer_one_G4(store: Store) -> None:
    await store.sell("T-1")
    await store.answer(Park("no", ""))
    await store.sell("T-1")
    await store.answer(Deliver(""))
    assert await store.do(Action.RETRY, 1) == [(State.SUPERSEDED, "")]


async def test_sending_what_was_overtaken_would_be_noticed_G4(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the rule an older state would reach the platform after a newer one."""
    monkeypatch.setitem(store_waiting()._SQL, "supersede_if_overtaken", "SELECT ?, ?")
    await store.sell("T-1")
    await store.answer(Park("no", ""))
    await store.sell("T-1")
    await store.answer(Deliver(""))
    assert await store.do(Action.RETRY, 1) == [(State.WAITING, "")]


def store_waiting():
    from store_agent.storage import waiting

    return waiting


async def test_of_two_refused_states_the_newer_one_goes_G4(store: Store) -> None:
    for _ in range(2):
        await store.sell("T-1")
        await store.answer(Park("no", ""))
    assert await store.do(Action.RETRY, 1, 2) == [(State.SUPERSEDED, ""), (State.WAITING, "")]
    assert await store.states() == ["superseded", "waiting"]


async def test_an_older_state_may_go_when_all_newer_ones_were_given_up(store: Store) -> None:
    await store.sell("T-1")
    await store.answer(Park("no", ""))
    await store.sell("T-1", "T-1")
    await store.answer(Park("no", ""))
    await store.do(Action.DISCARD, 3)
    assert await store.states() == ["parked", "superseded", "discarded"]
    assert await store.do(Action.RETRY, 1) == [(State.WAITING, "")]


async def test_a_held_sale_stays_until_it_is_released_and_keeps_later_states_back_G4(store: Store) -> None:
    await store.sell("T-1", "T-2")
    assert await store.do(Action.HOLD, 1) == [(State.HELD, "")]
    await store.sell("T-1")
    await store.answer(Deliver(""))
    assert await store.states() == ["held", "delivered", "waiting"]
    assert await store.do(Action.RELEASE, 1) == [(State.SUPERSEDED, "")]
    await store.answer(Deliver(""))
    assert await store.states() == ["superseded", "delivered", "delivered"]


async def test_discarding_names_who_and_why_G2(store: Store) -> None:
    await store.sell("T-1")
    await store.answer(Park("no", ""))
    assert await store.do(Action.DISCARD, 1, reason="training sale") == [(State.DISCARDED, "")]
    (entry,) = await store.repair.history(1)
    assert (entry.who, entry.action, entry.reason) == ("Ada", Action.DISCARD, "training sale")
    assert (await store.outbox.books()).balanced


async def test_nothing_is_discarded_without_a_trace_G2(store: Store) -> None:
    """The control: the database refuses it even to SQL that forgets the audit, and an audit without a reason."""
    await store.sell("T-1")
    await store.answer(Park("no", ""))
    with pytest.raises(Exception, match="without an entry in the audit"):
        await store.database.write(lambda raw: raw.execute("UPDATE revision SET state = 'discarded'"))
    with pytest.raises(Exception, match="audit_discard_has_a_reason"):
        await store.do(Action.DISCARD, 1, reason="")
    assert await store.states() == ["parked"]


async def test_the_audit_cannot_be_changed_or_deleted(store: Store) -> None:
    await store.repair.note(Deed(Action.DRAIN, "Ada"))

    def change(statement: str):
        def work(raw: sqlite.Connection) -> None:
            raw.execute(statement)

        return work

    for statement in ("UPDATE audit SET who = 'Bob'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="the audit cannot be"):
            await store.database.write(change(statement))
    (entry,) = await store.repair.audit(None, 10)
    assert await store.repair.audit(entry.number, 10) == []


@pytest.mark.parametrize("action", list(FROM_STATE))
@pytest.mark.parametrize("state", list(State))
def test_what_cannot_be_done_is_explained(action: Action, state: State) -> None:
    assert bool(why_not(action, state)) == (FROM_STATE[action] is not state)


async def test_what_does_not_fit_is_left_alone_and_the_rest_is_done(store: Store) -> None:
    await store.sell("T-1", "T-2")
    await store.do(Action.HOLD, 1)
    (held, waiting, unknown) = await store.do(Action.RELEASE, 1, 2, 99)
    assert held == (State.WAITING, "")
    assert waiting[0] is State.WAITING
    assert "Only a held sale can be released" in waiting[1]
    assert unknown == (None, "There is no such sale.")
    assert [entry.action for entry in await store.repair.audit(None, 10)] == [Action.RELEASE, Action.HOLD]


async def test_what_a_burst_parked_goes_back_to_waiting_G6(store: Store) -> None:
    await store.sell("T-1", "T-2", "T-3")
    await store.answer(Park("no", "", burst=(1, 3)))
    assert await store.outbox.unpark_burst(None) == 2
    assert await store.states() == ["waiting", "parked", "waiting"]


async def test_what_was_refused_again_goes_back_only_for_a_person_G6(store: Store) -> None:
    await store.sell("T-1")
    for _ in range(2):
        await store.answer(Park("no", "", burst=(1,)))
        last = await store.outbox.unpark_burst(1)
    assert last == 0
    assert await store.outbox.unpark_burst(None) == 1


async def test_lists_are_filtered_by_terminal_age_and_text(store: Store) -> None:
    await store.intake.accept([arrival("Till-A", terminal="lane-1"), arrival("B_%", terminal="lane-2")])

    async def found(which: Filter) -> list[int]:
        return [row.sequence for row in (await store.outbox.page(0, 10, which)).rows]

    taken = (await store.outbox.page(0, 1)).rows[0].accepted_at
    assert await found(Filter(terminal="lane-2")) == [2]
    assert await found(Filter(text="till-a")) == [1]
    assert await found(Filter(text="_%")) == [2]
    assert await found(Filter(taken_before=taken - 1)) == []
    assert await found(Filter(taken_after=taken)) == [1, 2]
    assert await found(Filter(State.WAITING, terminal="lane-1", text="A")) == [1]
    await store.answer(Park("Employee 1000", ""))
    assert await found(Filter(State.PARKED, text="employee")) == [1, 2]


async def test_a_page_looks_at_a_bounded_number_and_says_where_to_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revisions, "SCAN_MAX", 4)
    await store.sell(*[f"T-{number}" for number in range(10)])
    after: int | None = 0
    seen, pages = [], 0
    while after is not None:
        page = await store.outbox.page(after, 3, Filter(text="T-9"))
        seen += [row.sequence for row in page.rows]
        after, pages = page.next_after, pages + 1
    assert (seen, pages) == ([10], 3)


async def test_a_day_ends_when_everything_of_it_is_at_the_platform_G2(store: Store) -> None:
    await store.sell("T-1", "T-1", "T-2")
    books, closed = await store.days.close(Deed(Action.DAY_CLOSE, "Ada"))
    assert (closed, books.unfinished.revisions) == (False, 2)
    await store.answer(Deliver(""))
    books, closed = await store.days.close(Deed(Action.DAY_CLOSE, "Ada"))
    assert closed
    assert books.balanced
    assert books.accepted == Tally(3, 321_000)
    assert (books.by_state[State.DELIVERED].revisions, books.by_state[State.SUPERSEDED].revisions) == (2, 1)


async def test_what_stays_open_is_carried_into_the_next_day_G2(store: Store) -> None:
    await store.sell("T-1", "T-2")
    _, closed = await store.days.close(Deed(Action.DAY_CLOSE, "Ada", "the line is down"))
    assert closed
    await store.sell("T-3")
    await store.answer(Deliver(""))
    books = await store.days.books()
    assert (books.number, books.carried.revisions, books.accepted.revisions) == (2, 2, 1)
    assert books.by_state[State.DELIVERED].revisions == 3
    assert books.balanced
    (entry,) = await store.repair.audit(None, 10)
    assert (entry.action, entry.reason) == (Action.DAY_CLOSE, "the line is down")
    assert [day.number for day in await store.days.closed(10)] == [1]


async def test_a_day_s_books_that_miss_a_sale_would_be_noticed_G2(store: Store) -> None:
    """The control: a sale that leaves the tallies makes the day not balance."""
    await store.sell("T-1")
    await store.database.write(lambda raw: raw.execute("UPDATE tally SET revisions = 0 WHERE state = 'waiting'"))
    assert not (await store.days.books()).balanced
