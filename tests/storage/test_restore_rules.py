"""Whatever happened before and after a backup, restoring it comes out at what is known to be true."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action, Deed
from store_agent.domain.settle import Deliver, Keep, Park, Split
from store_agent.storage import merge as merging
from store_agent.storage.backup import Backups
from store_agent.storage.database import FILE_NAME, Database, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.merge import Restoring
from store_agent.storage.outbox import Outbox
from store_agent.storage.repair import Repair
from store_agent.storage.restore import prepared
from tests.support.arrivals import another, assemble

Row = tuple[str, bytes, str]
Step = tuple[str, int]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "sell", "freeze", "deliver", "park", "keep", "split", "hold", "release", "retry"]),
        st.integers(0, 3),
    ),
    max_size=14,
)
BY_ADA = Restoring("Ada", 1_000, "backup", "nobody knows")


async def act(database: Database, steps: list[Step]) -> None:
    outbox, repair = Outbox(database, SystemClock()), Repair(database, SystemClock())
    for step, number in steps:
        if step == "sell":
            await Intake(database, SystemClock(), None).accept([another(f"T-{number}")])
        elif step == "freeze":
            await outbox.freeze(1, BatchLimits(count_max=number + 1), assemble)
        elif step in ("hold", "release", "retry"):
            everything = [row.sequence for row in (await outbox.page(0, 100)).rows]
            await repair.do(Deed(Action(step), "Ada", ""), everything[number::4])
        else:
            for batch in (await outbox.unsettled())[:1]:
                await outbox.settle(batch, _decision(step, batch.members), assemble)


def _decision(step: str, members: tuple[int, ...]) -> Deliver | Keep | Park | Split:
    if step == "deliver":
        return Deliver("{}")
    if step == "keep":
        return Keep("no answer", "", counts=True, blamed=False)
    if step == "park" and len(members) == 1:
        return Park("no", "")
    return Split(tuple((member,) for member in members), "apart", "")


async def rows_of(directory: Path) -> list[Row]:
    """Open it and give every revision in order, with the books checked."""

    def read(raw: Any) -> list[Row]:
        return list(raw.execute("SELECT transaction_id, digest, state FROM revision ORDER BY sequence").fetchall())

    async with open_database(directory, SystemClock()) as database:
        rows = await database.read(read)
        books = await Outbox(database, SystemClock()).books()
        counted = Counter(state for _, _, state in rows)
        assert {state: tally.revisions for state, tally in books.by_state.items()} == {
            state: counted[state.value] for state in State
        }
        for batch in await Outbox(database, SystemClock()).unsettled():
            assert batch.members
            assert await Outbox(database, SystemClock()).body(batch.number)
    return rows


async def history(directory: Path, before: list[Step], after: list[Step]) -> Path:
    """Do something, back up, do something more; gives the backup."""
    async with open_database(directory, SystemClock()) as database:
        await act(database, before)
        backups = Backups(directory, directory / "backups", keep=1, free_min=0)
        backup = backups.make(0.0, threading.Event()).path
        await act(database, after)
    return backup


def restore(directory: Path, backup: Path) -> None:
    with prepared(directory, backup, BY_ADA, SystemClock()) as ready:
        ready.put_in_place()


async def later_states_win(directory: Path, before: list[Step], after: list[Step]) -> None:
    backup = await history(directory, before, after)
    known = await rows_of(directory)
    restore(directory, backup)
    assert await rows_of(directory) == known


@given(before=STEPS, after=STEPS)
@example(before=[("sell", 0), ("freeze", 0)], after=[("split", 0)])  # in flight in both, by another request
@settings(max_examples=25)
async def test_what_the_present_database_knows_is_what_counts_G2_G3_G4(
    tmp_path_factory: pytest.TempPathFactory, before: list[Step], after: list[Step]
) -> None:
    await later_states_win(tmp_path_factory.mktemp("known"), before, after)


async def test_ignoring_later_states_would_be_noticed_G2_G3_G4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the test above."""
    monkeypatch.setitem(merging._SQL, "take_later_states", "SELECT 1")
    with pytest.raises(AssertionError):
        await later_states_win(tmp_path, [("sell", 1)], [("freeze", 1), ("deliver", 1)])


@given(before=STEPS, after=STEPS)
@settings(max_examples=15)
async def test_what_nobody_knows_is_never_sent_by_itself_G2_G3(
    tmp_path_factory: pytest.TempPathFactory, before: list[Step], after: list[Step]
) -> None:
    directory = tmp_path_factory.mktemp("unknown")
    backup = await history(directory, before, after)
    async with open_database(directory / "copy", SystemClock()):
        pass
    (directory / "copy" / FILE_NAME).write_bytes(backup.read_bytes())
    backed_up = await rows_of(directory / "copy")
    for path in directory.glob(f"{FILE_NAME}*"):
        path.unlink()
    restore(directory, backup)
    held = [(name, digest, "held" if state == "waiting" else state) for name, digest, state in backed_up]
    assert await rows_of(directory) == held


@given(before=STEPS, elsewhere=STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
async def test_another_machine_s_sales_keep_their_states_and_order_G2_G3_G4(
    tmp_path_factory: pytest.TempPathFactory, before: list[Step], elsewhere: list[Step]
) -> None:
    old, new = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("new")
    backup = await history(old, before, [])
    backed_up = await rows_of(old)
    async with open_database(new, SystemClock()) as database:
        await act(database, elsewhere)
    known = await rows_of(new)
    restore(new, backup)
    restored = await rows_of(new)
    assert restored[len(backed_up) :] == known
    for (name, digest, was), (_, _, now) in zip(backed_up, restored, strict=False):
        assert restored.count((name, digest, now)) == 1
        assert now == was or (was in ("waiting", "frozen") and now in ("held", "superseded")), (was, now)
    in_flight = [name for name, _, state in restored if state == "frozen"]
    assert len(in_flight) == len(set(in_flight))
    assert not {name for name, _, state in restored[: len(backed_up)] if state == "waiting"}
