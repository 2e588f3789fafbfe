"""The audit: what people and the program did, by whom and why, chained by hashes (`domain.chain`)."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from store_agent.domain.card_numbers import mask_text
from store_agent.domain.chain import HASH_BYTES, Chained, Facts, Link, faults, hash_of, read_link
from store_agent.domain.repair import Deed
from store_agent.storage import sqlite
from store_agent.storage.queries import load

_SQL = load("audit")

FAULTS_MAX = 100
"""Faults that are named; a record with more is no record any more."""

NUMBER_MAX = 1_000_000_000
"""No store has as many entries; a number beyond is damage, and SQLite gives none after its own highest."""


class Verdict(NamedTuple):
    """What the chain goes on from, the newest entry, how many there are, and what is wrong with them."""

    anchor: Link
    newest: Link
    entries: int
    faults: list[str]


def audit(deed: Deed, sequence: int | None, now: int, raw: sqlite.Connection) -> None:
    """Write an entry, `now` in milliseconds since 1970, in the caller's unit of work.

    What is typed may hold a card number, also where no API looks at it (G16).
    """
    raw.execute(_SQL["add"], (now, mask_text(deed.who), deed.action.value, sequence, mask_text(deed.reason)))
    chain(raw)


def chain(raw: sqlite.Connection) -> None:
    """Chain the entries that are not, in order, in the caller's unit of work."""
    for row in raw.execute(_SQL["unchained"]).fetchall():
        facts = Facts(*row)
        found = raw.execute(_SQL["hash_before"], (facts.number,)).fetchone()
        previous = _anchor(raw).hash if found is None else found[0]
        raw.execute(_SQL["chain"], (previous, hash_of(previous, facts), facts.number))


def chain_older(raw: sqlite.Connection) -> None:
    """Chain in one commit what an older version of the program wrote, if anything."""
    if raw.execute(_SQL["unchained"]).fetchone() is None:
        return
    raw.execute("BEGIN IMMEDIATE")
    try:
        chain(raw)
    except BaseException:
        raw.execute("ROLLBACK")
        raise
    raw.execute("COMMIT")


def verify(raw: sqlite.Connection, noted: Link | None = None) -> Verdict:
    """Look through the whole audit; `noted` is an entry that somebody wrote down elsewhere. Raises sqlite.Error."""
    anchor = _anchor(raw)
    (given,) = raw.execute(_SQL["given"]).fetchone()
    found = list(islice(faults(anchor, _entries(raw), given), FAULTS_MAX))
    if noted is not None and (fault := _compared(noted, anchor, raw)):
        found.insert(0, fault)
    newest = raw.execute(_SQL["newest"]).fetchone()
    (entries,) = raw.execute(_SQL["count"], (anchor.number,)).fetchone()
    return Verdict(anchor, anchor if newest is None else Link(*newest), entries, found)


def let_go(lived: int, most: int, raw: sqlite.Connection) -> int:
    """Delete up to `most` of the oldest entries, written before the agent had run for `lived` seconds; gives how many.

    The newest stays. The chain is anchored behind what goes.
    """
    found = raw.execute(_SQL["may_go"], {"lived": lived, "most": most}).fetchone()
    if found is None:
        return 0
    raw.execute(_SQL["move_anchor"], (str(Link(*found)),))
    return raw.execute(_SQL["let_go"], (found[0],)).rowcount


def let_go_again(raw: sqlite.Connection) -> None:
    """Delete what the chain is anchored behind, where a salvage found it once more."""
    raw.execute(_SQL["let_go"], (_anchor(raw).number,))


def give_none_twice(given: int, raw: sqlite.Connection) -> None:
    """Go on behind the highest number that was given, where a salvage lost the last entries: they are missing then.

    One that cannot be right is left alone.
    """
    if 0 < given <= NUMBER_MAX:
        raw.execute(_SQL["begin_to_give"])
        raw.execute(_SQL["go_on_giving"], (given,))


def _anchor(raw: sqlite.Connection) -> Link:
    try:
        return read_link(raw.execute(_SQL["anchor"]).fetchone()[0])
    except ValueError:  # damaged or gone; what it stood for then counts as missing
        return Link(0, bytes(HASH_BYTES))


def _entries(raw: sqlite.Connection) -> Iterator[Chained]:
    for *said, previous, hashed in raw.execute(_SQL["entries"]):
        yield Chained(Facts(*said), previous, hashed)


def _compared(noted: Link, anchor: Link, raw: sqlite.Connection) -> str:
    found = raw.execute(_SQL["hash_of"], (noted.number,)).fetchone()
    if found is None and noted.number < anchor.number:
        return f"Entry {noted.number} was let go by retention, so that what was noted of it proves nothing any more."
    if (anchor if found is None else Link(noted.number, found[0])) == noted:
        return ""
    return f"Entry {noted.number} is not the one that was noted: the record was written anew up to it, or cut off."
