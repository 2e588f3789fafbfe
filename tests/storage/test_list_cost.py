"""Looking through the queue costs the same at any size, from either end and with any filter (DESIGN, section 5)."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from store_agent.domain.lifecycle import Listed, State
from store_agent.storage import desk, outbox, revisions, sqlite
from store_agent.storage.database import Database
from store_agent.storage.desk import AmountAsked
from store_agent.storage.receipts import _find, _of_transaction
from store_agent.storage.revisions import Filter, read_extent, read_page, read_page_before
from tests.support.queued import Queue
from tests.support.steps import steps_of

LAST = 2**63 - 1
NOWHERE = Filter(State.WAITING, cause="none", amount_min=1, text="nowhere")

LOOKS: dict[str, Callable[[sqlite.Connection], Any]] = {
    "the books": outbox._books,
    "the oldest": partial(read_page, 0, 20, Filter()),
    "the newest": partial(read_page_before, LAST, 20, Filter()),
    "the newest of a state": partial(read_page_before, LAST, 20, Filter(State.WAITING)),
    "what nothing matches": partial(read_page, 0, 20, NOWHERE),
    "what nothing matches, backwards": partial(read_page_before, LAST, 20, NOWHERE),
    "the extent": partial(read_extent, None),
    "the extent of a state": partial(read_extent, Listed.WAITING),
    "an unknown receipt": partial(_find, ["none"]),
    "the codes of a sale": partial(_of_transaction, "T-1"),
    "the receipts of a sale": partial(desk._of_transaction, "T-1"),
    "an end that many share": partial(desk._ending, "same"),
    "an end that nothing has": partial(desk._ending, "none"),
    "an amount of a year ago": partial(desk._of_amount, AmountAsked(107_000, 0, 1)),
    "an amount of all times": partial(desk._of_amount, AmountAsked(107_000, 0, LAST)),
}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "SCAN_MAX", 100)
    monkeypatch.setattr(desk, "END_SCAN_MAX", 100)
    monkeypatch.setattr(desk, "AMOUNT_SCAN_MAX", 100)


async def steps_at(database: Database, size: int, look: Callable[[sqlite.Connection], Any]) -> int:
    """Fill the queue up to a size; gives what a look costs then."""
    queue = Queue(database, mint=lambda: str(uuid.uuid4()))
    have = (await queue.outbox.kept(None)).revisions
    await queue.sell(*(f"T-{number}-same" for number in range(have, size)))
    return (await database.read(partial(steps_of, look)))[1]


@pytest.mark.parametrize("name", LOOKS)
async def test_a_look_at_the_queue_costs_the_same_at_any_size_G11(database: Database, name: str) -> None:
    small = await steps_at(database, 300, LOOKS[name])
    assert await steps_at(database, 3_000, LOOKS[name]) <= small * 1.2 + 2


async def test_a_look_that_grows_would_be_noticed_G11(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the bound, what nothing matches is looked for in all rows."""
    monkeypatch.setattr(revisions, "SCAN_MAX", 1_000_000)
    look = LOOKS["what nothing matches"]
    small = await steps_at(database, 300, look)
    assert await steps_at(database, 3_000, look) > small * 5


@pytest.mark.parametrize("name", ["an end that many share", "an amount of all times"])
async def test_a_search_at_the_desk_that_grows_would_be_noticed_G11(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The control: without their bounds, searches look at all that shares an end, or an amount."""
    monkeypatch.setattr(desk, "END_SCAN_MAX", 1_000_000)
    monkeypatch.setattr(desk, "AMOUNT_SCAN_MAX", 1_000_000)
    small = await steps_at(database, 300, LOOKS[name])
    assert await steps_at(database, 3_000, LOOKS[name]) > small * 3
