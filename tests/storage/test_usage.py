"""Room is made by dropping texts that nobody needs, in steps that cost the same at any size (G11, G12)."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits
from store_agent.domain.settle import Deliver
from store_agent.storage import sqlite, usage
from store_agent.storage.database import FILE_NAME, Database, Mending, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.key import PLAIN, Keys
from store_agent.storage.outbox import Outbox
from store_agent.storage.usage import Usage
from tests.support.arrivals import another, assemble

COUNT = 23


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "SHED_MAX", 5)


async def sell(database: Database, count: int) -> None:
    await Intake(database, SystemClock(), None).accept([another(f"T-{number}") for number in range(count)])


async def deliver(database: Database) -> None:
    outbox = Outbox(database, SystemClock())
    for batch in await outbox.freeze(1_000, BatchLimits(count_max=1), assemble):
        await outbox.settle(batch, Deliver("{}"), assemble)


async def texts(database: Database) -> list[int]:
    found = await database.read(lambda raw: raw.execute("SELECT sequence FROM payload ORDER BY 1").fetchall())
    return [sequence for (sequence,) in found]


async def shed_all(relief: Usage) -> list[int]:
    steps = []
    while step := await relief.shed():
        steps.append(step)
    return steps


@pytest.mark.parametrize("keys", [PLAIN, Keys("ab" * 32, ("ab" * 32,))], ids=["plain", "encrypted"])
async def test_what_is_used_is_told_in_bytes_whether_encrypted_or_not(tmp_path: Path, keys: Keys) -> None:
    mending = Mending(2.0, lambda _: None)
    async with open_database(tmp_path / "data", SystemClock(), mending, keys) as database:
        await sell(database, COUNT)
        await database.fold()
        used = await Usage(database).measure()
    assert used.rows == used.newest == COUNT
    assert 0 < used.size <= (tmp_path / "data" / FILE_NAME).stat().st_size


async def test_the_oldest_settled_texts_go_first_in_small_steps_and_no_other_G2_G12(database: Database) -> None:
    await sell(database, COUNT)
    await deliver(database)
    await sell(database, 3)
    relief = Usage(database)
    assert await relief.shed() == 5
    assert await texts(database) == list(range(6, COUNT + 4))
    assert await shed_all(relief) == [5, 5, 5, 3]
    assert await texts(database) == [COUNT + 1, COUNT + 2, COUNT + 3]
    assert (await Outbox(database, SystemClock()).books()).balanced


async def test_texts_that_are_gone_already_do_not_end_it_G12(database: Database) -> None:
    await sell(database, COUNT)
    await deliver(database)
    await shed_all(Usage(database))
    await sell(database, COUNT)
    await deliver(database)
    assert sum(await shed_all(Usage(database))) == COUNT


async def test_what_settles_later_with_a_lower_number_goes_too_G12(database: Database) -> None:
    await sell(database, 12)
    outbox = Outbox(database, SystemClock())
    early, *later = await outbox.freeze(1_000, BatchLimits(count_max=1), assemble)
    for batch in later:
        await outbox.settle(batch, Deliver("{}"), assemble)
    relief = Usage(database)
    assert sum(await shed_all(relief)) == 11
    await outbox.settle(early, Deliver("{}"), assemble)
    assert await shed_all(relief) == [1]


async def test_no_step_goes_again_over_what_was_done_G11(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await sell(database, COUNT)
    await deliver(database)
    asked: list[int] = []
    settled = usage._settled

    def watched(state: Any, after: int, raw: sqlite.Connection) -> Any:
        asked.append(after)
        return settled(state, after, raw)

    monkeypatch.setattr(usage, "_settled", watched)
    relief = Usage(database)
    await shed_all(relief)
    assert asked == [0, 5, 10, 15, 20, COUNT]
    asked.clear()
    assert await relief.shed() == 0
    assert asked == [], "nothing has settled since"


def explained(statement: str, raw: sqlite.Connection) -> str:
    values: Any = dict.fromkeys(re.findall(r":(\w+)", statement)) or [None] * statement.count("?")
    return "; ".join(row[3] for row in raw.execute("EXPLAIN QUERY PLAN " + statement, values).fetchall())


async def test_no_query_looks_at_every_row_G11(database: Database) -> None:
    plan = await database.read(partial(explained, usage._SQL["settled"]))
    assert "revision_by_state (state=? AND sequence>?)" in plan
    assert "payload USING INTEGER PRIMARY KEY" in plan
    assert "TEMP B-TREE" not in plan
    for name in ("moves", "shed", "rows"):
        plan = await database.read(partial(explained, usage._SQL[name]))
        assert not re.search("SCAN (revision|payload|tally)", plan), (name, plan)


async def test_a_query_over_all_states_would_be_noticed_G11(database: Database) -> None:
    """The control for the test above: asked for several states at once, all rows are sorted first."""
    many = usage._SQL["settled"].replace("state = :state", "state IN ('delivered', 'superseded')")
    assert "TEMP B-TREE FOR ORDER" in await database.read(partial(explained, many))
