"""What the verdict looks at, as the database tells it."""

import time

from store_agent.api.health import vitals_of
from store_agent.api.status import describe
from store_agent.domain.health import WAITING_TOO_LONG_SECONDS, judge
from store_agent.domain.link import Link
from store_agent.domain.repair import Action
from store_agent.storage.database import Database
from tests.support.queued import Queue, call
from tests.support.roomy import Roomy

BESIDE = {"incidents": [], "chores": {}, "backup": {"made_at": None}, "clock": {"ahead_seconds": None}}


async def words_and_cure(queue: Queue) -> tuple[str, str]:
    """Judge it two days from now."""
    now = time.time() + 2 * WAITING_TOO_LONG_SECONDS
    status = describe(Link(since=0.0), await queue.outbox.books(), Roomy(), now) | BESIDE
    health = judge(vitals_of(status, [], stuck=False, now=now, backup_every=1.0))
    return health.words, health.findings[0].cure


async def test_a_call_that_is_stuck_is_not_told_as_a_sale_that_waits(database: Database) -> None:
    queue = Queue(database)
    await queue.defer(call())
    assert (await words_and_cure(queue))[0].startswith("1 sale or call waits, the oldest for ")
    await queue.sell("T-1")
    assert (await words_and_cure(queue))[0].startswith("2 sales or calls wait, the oldest for ")


async def test_sales_that_are_held_on_purpose_are_told_how_to_go(database: Database) -> None:
    queue = Queue(database)
    await queue.sell("T-1", "T-2")
    assert (await words_and_cure(queue))[1] == "Look at the store's line, and at: store-agent doctor"
    await queue.do(Action.HOLD, 1, 2)
    words, cure = await words_and_cure(queue)
    assert words.startswith("2 sales wait")
    assert cure.startswith("2 are held back until somebody decides: store-agent outbox list --state held")
