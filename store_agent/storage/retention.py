"""Letting go of what is settled and old, without trusting a clock (G14).

Age is measured in time the agent ran: each step of `live` adds what passed on the monotonic clock and notes how far
sequences and requests had come. What lies at or below such a milestone is at least as old as the milestone, whatever
the machine's clock said; time that the machine was off only makes things be kept for longer.

A transaction goes as a whole, once each of its revisions is settled and none of them, nor the request it went out in,
is newer than the limit. So no older state of a sale can come back while a newer one is still on its way (G4, G9).
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from store_agent.domain.lifecycle import State
from store_agent.storage import sqlite
from store_agent.storage.audit import let_go
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("retention")

DAY_SECONDS = 86_400

KEEP_DAYS_MIN = 2
"""Days that always stay, however many sales there are."""

CODES_KEEP_DAYS = 400
"""Days for which receipt codes outlive their sale, so that it gets the same ones should it come again (G8)."""

MILESTONE_SECONDS = 3_600
"""Milestones are at least so far apart; 30 days are 720 rows."""

PURGE_MAX = 100
"""Transactions, codes or requests deleted in one commit, some 15 ms, so that sales get their turn between."""

SPARE_PAGES = 2_048
"""Free pages that stay in the file for the next sales (8 MiB); giving all back would only be undone by them."""

VACUUM_PAGES_MAX = 256
"""Pages given back to the disk in one commit (1 MiB)."""

_SETTLED = (State.DELIVERED, State.SUPERSEDED, State.DISCARDED)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long settled sales are kept, in days that the agent ran, how many of them at most, and the audit's days."""

    days: int
    sales_max: int
    audit_days: int = 400


class Limit(NamedTuple):
    """The highest sequence and the highest number of a request that may go."""

    sequence: int
    batch: int


class Retention:
    """Deletes in small steps. Raises Busy or StorageFailure; what was deleted before stays deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def live(self, seconds: float, keep: Keep) -> int:
        """Add seconds that the agent ran, note a milestone, and give the lived time in seconds."""
        return await self._database.write(partial(_live, int(seconds), keep))

    async def limits(self, lived: int, keep: Keep) -> list[Limit]:
        """Tell up to where things may go: by age, and by number."""
        return await self._database.read(partial(_limits, lived, keep))

    async def purge(self, limit: Limit, lived: int) -> int:
        """Delete the transactions that may go up to a limit; gives how many revisions went."""
        gone = 0
        for state in _SETTLED:
            after = 0
            while found := await self._database.read(partial(_may_go, state, after, limit)):
                after = found[-1][0]
                names = list(dict.fromkeys(name for _, name in found))
                gone += await self._database.write(partial(_purge, names, limit, lived))
        return gone

    async def purge_batches(self, lived: int, keep: Keep) -> None:
        """Delete old requests that no revision refers to."""
        limit = await self._database.read(partial(_milestone, lived, keep.days))
        if limit is not None:
            await self._repeat("purge_old_batches", limit.batch)

    async def purge_codes(self, lived: int) -> None:
        """Delete the receipt codes of transactions that have been gone for CODES_KEEP_DAYS."""
        await self._repeat("purge_codes", lived - CODES_KEEP_DAYS * DAY_SECONDS)

    async def purge_audit(self, lived: int, keep: Keep) -> None:
        """Delete the entries of the audit that are old enough; the rest stays a chain that can be verified."""
        before = lived - keep.audit_days * DAY_SECONDS
        while await self._database.write(partial(let_go, before, PURGE_MAX)) == PURGE_MAX:
            pass

    async def give_back(self) -> None:
        """Give pages back to the disk, but for some that the next sales will need."""
        while await self._database.read(_spare_pages) > SPARE_PAGES:
            await self._database.write(_vacuum)

    async def _repeat(self, name: str, up_to: int) -> None:
        while await self._database.write(partial(_delete, name, up_to)) == PURGE_MAX:
            pass


def _live(seconds: int, keep: Keep, raw: sqlite.Connection) -> int:
    lived = int(raw.execute(_SQL["lived"]).fetchone()[0]) + seconds
    raw.execute(_SQL["live_on"], (lived,))
    raw.execute(_SQL["note_milestone"], {"lived": lived, "apart": MILESTONE_SECONDS})
    raw.execute(_SQL["forget_milestones"], (lived - keep.days * DAY_SECONDS,))
    return lived


def _limits(lived: int, keep: Keep, raw: sqlite.Connection) -> list[Limit]:
    found = [_milestone(lived, keep.days, raw), _by_number(lived, keep, raw)]
    return [limit for limit in found if limit is not None]


def _by_number(lived: int, keep: Keep, raw: sqlite.Connection) -> Limit | None:
    (kept,) = raw.execute(_SQL["settled_kept"]).fetchone()
    latest = _milestone(lived, KEEP_DAYS_MIN, raw)
    if latest is None or kept <= keep.sales_max:
        return None
    (oldest,) = raw.execute(_SQL["oldest_settled"], (kept - keep.sales_max,)).fetchone()
    return Limit(min(oldest or 0, latest.sequence), latest.batch)


def _milestone(lived: int, days: int, raw: sqlite.Connection) -> Limit | None:
    found = raw.execute(_SQL["milestone_at"], (lived - days * DAY_SECONDS,)).fetchone()
    return None if found is None else Limit(*found)


def _may_go(state: State, after: int, limit: Limit, raw: sqlite.Connection) -> list[tuple[int, str]]:
    asked = {"state": state.value, "after": after, "most": PURGE_MAX, **limit._asdict()}
    return raw.execute(_SQL["may_go"], asked).fetchall()


def _purge(names: list[str], limit: Limit, lived: int, raw: sqlite.Connection) -> int:
    return sum(_purge_one(name, limit, lived, raw) for name in names)


def _purge_one(name: str, limit: Limit, lived: int, raw: sqlite.Connection) -> int:
    batches = raw.execute(_SQL["batches_of"], (name,)).fetchall()
    gone = raw.execute(_SQL["purge"], {"transaction_id": name, **limit._asdict()}).rowcount
    if gone:
        raw.execute(_SQL["orphan_codes"], (lived, name))
        raw.executemany(_SQL["purge_batch"], batches)
    return gone


def _delete(name: str, up_to: int, raw: sqlite.Connection) -> int:
    return raw.execute(_SQL[name], (up_to, PURGE_MAX)).rowcount


def _spare_pages(raw: sqlite.Connection) -> int:
    return int(raw.execute(_SQL["spare_pages"]).fetchone()[0])


def _vacuum(raw: sqlite.Connection) -> None:
    raw.execute(f"PRAGMA incremental_vacuum({VACUUM_PAGES_MAX})").fetchall()
