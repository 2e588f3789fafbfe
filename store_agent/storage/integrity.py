"""Notices that a database is not what the agent wrote (G13).

Before SQLite opens the file: is it there, is its beginning right, is its journal whole (`examine`). Then through
SQLite, for a limited time, the most important first: the schema is what the migrations make, the seals of everything
that may still go out are right, the books balance against the rows, and SQLite's own check of all pages, rows and
indexes.
`integrity_check` and not `quick_check`: a revision that its index forgot would wait for ever.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from store_agent.clock import Clock
from store_agent.errors import Damaged
from store_agent.storage import sqlite
from store_agent.storage.cipher import MAGIC, RESERVED_BYTES
from store_agent.storage.marked import is_marked
from store_agent.storage.migrate import steps
from store_agent.storage.packing import unpack
from store_agent.storage.queries import load
from store_agent.storage.salvage.pages import Image
from store_agent.storage.salvage.wal import read_wal
from store_agent.storage.seal import Facts, request_intact, sale_intact

_SQL = load("integrity")

_FIXED = {0: MAGIC + b"\x10\x00", 21: b"\x40\x20\x20", 72: bytes(20)}
_FIXED_WITH_TABLES = {44: b"\0\0\0\4", 56: b"\0\0\0\1"}
_VERSIONS = (b"\1\1", b"\2\2")
_OPEN = ("waiting", "frozen", "held", "parked")
_STEPS_PER_LOOK = 10_000
_INTERRUPTED = 9
_NOT_DAMAGE = (5, 6, 7, 8, 10, 13, 14, 15)
"""Busy, locked, no memory, read-only, I/O, full, cannot open, protocol (sqlite.org/rescode.html)."""


_Sums = Mapping[str, tuple[int, ...]]
"""Revisions, and their amount, by state."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is damaged, in words (empty if nothing is), and whether everything was looked at."""

    damage: str
    complete: bool


def examine(path: Path, key: str = "") -> str:
    """Look at the files before SQLite opens them with a key; gives what is damaged, or nothing. Raises OSError."""
    made = is_marked(path.parent)
    if not path.exists() or path.stat().st_size == 0:
        made = made or bool(read_wal(path.with_name(path.name + "-wal")).frames)
        return "The database file is missing or empty." if made else ""
    with Image(path, key) as image:
        header = image.page(1)[:100]
        if image.wal.damage:
            return image.wal.damage
        if not _header_right(header, RESERVED_BYTES if key else 0, made=made):
            return "The beginning of the database file is damaged."
        if not image.holds(int.from_bytes(header[28:32], "big")):
            return "The end of the database file is missing."
    return ""


def _header_right(header: bytes, reserved: int, *, made: bool) -> bool:
    has_tables = header[60:64] != bytes(4)
    fixed = _FIXED | (_FIXED_WITH_TABLES if has_tables else {})
    right = header[20] == reserved
    right = right and all(header[start : start + len(wanted)] == wanted for start, wanted in fixed.items())
    return right and header[18:20] in _VERSIONS and (has_tables or not made)


def find_damage(raw: sqlite.Connection, seconds: float, clock: Clock) -> Findings:
    """Look through an open database for up to `seconds`. Raises StorageFailure where the disk cannot be read.

    What is committed meanwhile is not seen: all is compared as of one moment. A database of another schema is only
    checked as far as every schema goes.
    """
    end = clock.monotonic() + seconds
    raw.set_progress_handler(lambda: clock.monotonic() > end, _STEPS_PER_LOOK)
    try:
        raw.execute("BEGIN")
        damage = next((words for check in _checks(raw) if (words := check(raw))), "")
    except (sqlite.Error, UnicodeDecodeError) as error:
        return _unreadable(error)
    finally:
        raw.set_progress_handler(None, 0)
        if raw.in_transaction:
            raw.execute("ROLLBACK")
    return Findings(damage, complete=not damage)


def refuse_damaged(raw: sqlite.Connection, seconds: float, clock: Clock) -> bool:
    """Raise Damaged if damage is found in up to `seconds`; tells whether everything was looked at."""
    findings = find_damage(raw, seconds, clock)
    if findings.damage:
        raise Damaged(findings.damage)
    return findings.complete


def inspect(
    path: Path, connect: Callable[[], sqlite.Connection], seconds: float, clock: Clock, key: str = ""
) -> Findings:
    """Look at the files, then at what SQLite makes of them, for up to `seconds`; to be done before each opening.

    `connect` opens the database as the agent does, `key` is that of an encrypted one. Raises StorageFailure, OSError.
    """
    damage = examine(path, key)
    if damage or not path.exists():
        return Findings(damage, complete=not damage)
    try:
        raw = connect()
    except (sqlite.Error, UnicodeDecodeError) as error:
        return _unreadable(error)
    try:
        return find_damage(raw, seconds, clock)
    finally:
        raw.close()


def _unreadable(error: Exception) -> Findings:
    """Tell an interruption and a failing disk from damage; a damaged schema makes SQLite's words unreadable, too."""
    code = int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if isinstance(error, sqlite.Error) and code in _NOT_DAMAGE:
        raise sqlite.failure(error, "checking the database") from error
    return Findings("" if code == _INTERRUPTED else f"The database cannot be read ({error}).", complete=False)


def _checks(raw: sqlite.Connection) -> Iterator[Callable[[sqlite.Connection], str]]:
    version = int(raw.execute("PRAGMA user_version").fetchone()[0])
    yield partial(_schema, version)
    if version == len(steps()):
        yield from (_requests, _sales, _open_books, _codes)
    yield _structure
    if version == len(steps()):
        yield _books


def _schema(version: int, raw: sqlite.Connection) -> str:
    """Compare the schema with what the migrations make; of a newer one nothing is known.

    A number whose last byte is that of this program's schema is no newer one: a byte of it was changed.
    """
    known = len(steps())
    newer = version > known and version & 0xFF != known
    if newer or (version <= known and _shown(raw) == _made_by_migrations(version)):
        return ""
    return "The schema of the database is damaged."


def _shown(raw: sqlite.Connection) -> list[tuple[str, ...]]:
    found = raw.execute(_SQL["schema"]).fetchall()
    return [(kind, name, table, " ".join((sql or "").replace('"', "").split())) for kind, name, table, sql in found]


@cache
def _made_by_migrations(version: int) -> list[tuple[str, ...]]:
    raw = sqlite.connect(":memory:", isolation_level=None)
    try:
        for step in steps()[:version]:
            raw.executescript(step)
        return _shown(raw)
    finally:
        raw.close()


def _requests(raw: sqlite.Connection) -> str:
    for request_id, endpoint, body, seal, members, found in raw.execute(_SQL["frozen_requests"]):
        if not request_intact(request_id, endpoint, unpack(body), seal):
            return f"The stored request {request_id} is damaged."
        if members != found:
            return f"The request {request_id} should have {members} sales and has {found}."
    return ""


def _sales(raw: sqlite.Connection) -> str:
    for *facts, body, seal in raw.execute(_SQL["unsettled_sales"]):
        if body is None or not sale_intact(Facts(*facts), unpack(body), seal):
            return f"The stored text of sale {facts[0]} is missing or damaged."
    return ""


def _open_books(raw: sqlite.Connection) -> str:
    unbalanced = raw.execute(_SQL["unbalanced"]).fetchone()
    if unbalanced is not None:
        return f"The books do not balance: {unbalanced[0]} sales accepted, {unbalanced[1]} in all states."
    kept = {state: (count,) for state, count, _ in raw.execute(_SQL["books_by_tally"]) if state in _OPEN}
    return _difference(kept, {state: (count,) for state, count in raw.execute(_SQL["open_by_index"])})


def _books(raw: sqlite.Connection) -> str:
    kept = {state: (count, amount) for state, count, amount in raw.execute(_SQL["books_by_tally"])}
    return _difference(kept, {state: (count, amount) for state, count, amount in raw.execute(_SQL["books_by_rows"])})


def _difference(kept: _Sums, found: _Sums) -> str:
    for state in {*kept, *found}:
        one, other = kept.get(state, ()), found.get(state, ())
        if one != other and (any(one) or any(other)):
            return f"The books do not fit the rows: {one} {state} by the books, {other} by the rows."
    return ""


def _codes(raw: sqlite.Connection) -> str:
    found = raw.execute(_SQL["codes_of_unsettled"]).fetchone()
    return "" if found is None else f"A receipt code of sale {found[0]} is missing."


def _structure(raw: sqlite.Connection) -> str:
    (answer,) = raw.execute("PRAGMA integrity_check(1)").fetchone()
    return "" if answer == "ok" else f"SQLite finds: {answer}."
