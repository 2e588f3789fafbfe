"""Opens what a power cut left with the product's own code, and holds it against the ledger."""

import threading
import uuid
from pathlib import Path

from store_agent.clock import SystemClock
from store_agent.errors import AgentError
from store_agent.storage import sqlite
from store_agent.storage.ahead import Ahead
from store_agent.storage.database import Database, open_database
from store_agent.storage.duplicate import check
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from tests.power.findings import Found
from tests.power.ledger import Answered, Ledger, Left, Minted

_COUNTED = "SELECT state, count(*), coalesce(sum(amount), 0) FROM revision GROUP BY state ORDER BY state"
_TALLIED = (
    "SELECT state, tally.revisions - coalesce(purged.revisions, 0) AS kept, tally.amount - coalesce(purged.amount, 0)"
    " FROM tally LEFT JOIN purged USING (state) WHERE state <> 'accepted' AND kept > 0 ORDER BY state"
)
_ALL = "SELECT count(*), coalesce(sum(amount), 0) FROM revision"
_ACCEPTED = (
    "SELECT revisions - (SELECT sum(revisions) FROM purged), amount - (SELECT sum(amount) FROM purged)"
    " FROM tally WHERE state = 'accepted'"
)
_STATES = "SELECT DISTINCT state FROM revision WHERE sequence IN (SELECT value FROM json_each(?))"


async def inspect(directory: Path, ledger: Ledger, cut: int) -> Found:
    """Open the directory as the agent does after a power cut that came after `cut` operations."""
    found = Found()
    try:
        async with open_database(directory, SystemClock()) as database:
            await database.read(lambda raw: found.words.extend(_whole(raw)))
            found.words += _check_backups(directory, ledger, cut)
            await _check_requests(database, ledger, cut, found)
            gone = {sequence for sequence, at in ledger.may_be_gone.items() if at <= cut}
            await _check_sales(database, [sale for sale in ledger.sales if sale.at <= cut], gone, found)
            await _check_ahead(database, [minted for minted in ledger.ahead if minted.at <= cut], found)
            await database.read(lambda raw: found.words.extend(_whole(raw)))
    except AgentError as error:
        found.words.append(f"it does not open: {error}")
    return found


async def _check_sales(database: Database, sales: list[Answered], gone: set[int], found: Found) -> None:
    """Send every sale again that was answered: the answers must be the same, and the queue must not grow.

    Sales that may be `gone`, since they were settled and purged, are taken anew and keep their codes.
    """
    found.acknowledged = len(sales)
    before = await database.read(_count)
    again = await Intake(database, SystemClock(), _mint).accept([sale.arrival for sale in sales])
    taken_anew = 0
    for sale, answer in zip(sales, again, strict=True):
        name = f"{sale.accepted.transaction_id} (sequence {sale.accepted.sequence})"
        if not answer.repeated and sale.accepted.sequence in gone and answer.codes == sale.accepted.codes:
            taken_anew += 1
        elif not answer.repeated:
            found.lost += 1
            found.words.append(f"{name} was answered and is not there")
        elif (answer.sequence, answer.codes) != (sale.accepted.sequence, sale.accepted.codes):
            found.words.append(f"{name} was answered with {sale.accepted}, now with {answer}")
    found.doubled = await database.read(_count) - before - found.lost - taken_anew


async def _check_ahead(database: Database, minted: list[Minted], found: Found) -> None:
    """Ask again for all codes that were given ahead of a sale: they must be the same."""
    ahead = Ahead(database, SystemClock(), _mint)
    for one in minted:
        codes = await ahead.codes("lane-1", one.transaction_id, one.payments)
        if not set(one.codes) <= set(codes):
            found.words.append(f"{one.transaction_id} had {one.codes} ahead, now {codes}")


async def _check_requests(database: Database, ledger: Ledger, cut: int, found: Found) -> None:
    outbox = Outbox(database, SystemClock())
    frozen = {batch.number: batch for batch in await outbox.unsettled()}
    for number, left in ledger.requests.items():
        if left.at > cut:
            continue
        batch = frozen.get(number)
        if batch is not None and cut < left.settled_at:
            same = (batch.request_id, batch.endpoint, batch.members, await outbox.body(number))
            sent = (left.batch.request_id, left.batch.endpoint, left.batch.members, left.batch.body)
            found.words += [] if same == sent else [f"request {number} left as {sent} and is now {same}"]
        elif batch is None and cut <= left.answer_at:
            found.words.append(f"request {number} left and is not frozen any more")
        elif batch is not None:
            found.words.append(f"request {number} was settled and is frozen again")
        elif cut >= left.settled_at:
            found.words += await _check_members(database, left)


async def _check_members(database: Database, left: Left) -> list[str]:
    """The members of a settled request are where its answer put them, or purged; those of a split one went on."""
    sequences = str(list(left.batch.members))
    states = await database.read(lambda raw: [state for (state,) in raw.execute(_STATES, (sequences,)).fetchall()])
    fine = not left.state or states in ([left.state], [])
    return [] if fine else [f"request {left.batch.number} was {left.state}, its sales are {states}"]


def _check_backups(directory: Path, ledger: Ledger, cut: int) -> list[str]:
    """What bears the name of a backup is whole, and a backup that was reported is there."""
    there = {path.name for path in directory.glob("store-agent-*.db")}
    missing = [name for name, at in ledger.backups.items() if at <= cut and name not in there]
    return [f"backup {name} is not there" for name in missing] + [
        word for name in there for word in _unsound(directory / name)
    ]


def _unsound(backup: Path) -> list[str]:
    try:
        check(backup, threading.Event())
    except AgentError as error:
        return [f"backup {backup.name}: {error}"]
    return []


def _mint() -> str:
    return str(uuid.uuid4())


def _count(raw: sqlite.Connection) -> int:
    return int(raw.execute("SELECT count(*) FROM revision").fetchone()[0])


def _whole(raw: sqlite.Connection) -> list[str]:
    """Say what is wrong with the file and with the books."""
    (verdict,) = raw.execute("PRAGMA integrity_check").fetchone()
    counted, tallied = raw.execute(_COUNTED).fetchall(), raw.execute(_TALLIED).fetchall()
    accepted, there = raw.execute(_ACCEPTED).fetchone(), raw.execute(_ALL).fetchone()
    words = [] if verdict == "ok" else [f"integrity: {verdict}"]
    words += [f"foreign keys: {row}" for row in raw.execute("PRAGMA foreign_key_check").fetchall()]
    if counted != tallied or accepted != there:
        words.append(f"the books say {accepted} and {tallied}, there are {there} and {counted}")
    return words
