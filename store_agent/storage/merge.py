"""Brings what happened since a backup into the backup: so that nothing delivered since is ever sent again (G2, G3).

`main` is the restored database, a copy of the backup; `present` is the one in use until now, or an empty one where that
cannot be read. Revisions are the same if sequence and text are. For each, in this order:

- It is in both: the later state wins, and with it the request it went out in.
- It is only in the backup, and open there: whether it was delivered since cannot be known, so it is held for a person
  to look at. One that was being sent stays so: its request goes out again to the letter, which does no harm (G3).
- It is only in the present database: it is carried over, with its text, request and codes.

Tries, receipt codes, terminals, the audit, print jobs, closed days and found damage are carried over too. All of it is
one transaction.
"""

from pathlib import Path
from typing import NamedTuple

from store_agent.domain.repair import Action, Deed
from store_agent.storage import sqlite
from store_agent.storage.audit import audit, chain
from store_agent.storage.packing import unpack
from store_agent.storage.queries import load
from store_agent.storage.seal import Facts, sale_intact, seal_of_sale
from store_agent.storage.unguarded import unguarded

_SQL = load("merge")

_BESIDE = (
    "forget_attempts",
    "carry_attempts",
    "carry_codes",
    "carry_terminals",
    "forget_offer_uses",
    "carry_offer_uses",
    "forget_prints",
    "carry_prints",
    "acknowledge_incidents",
    "carry_incidents",
)
"""What is taken over of the tables beside the outbox."""

_NOT_SENT = "Nothing of it was left to send when a backup was restored."


class Merged(NamedTuple):
    """Revisions carried over, held because nobody knows, and frozen ones that may go out once more; the newest one."""

    carried: int
    held: int
    frozen: int
    newest: int


class Restoring(NamedTuple):
    """Who restores, when (milliseconds since 1970), what is audited, and the reason for what must be held."""

    who: str
    at: int
    reason: str
    held_words: str


def merge(raw: sqlite.Connection, present: Path, restoring: Restoring, key: str = "") -> Merged:
    """Bring the database at `present`, with its key, into the open one. Raises sqlite.Error, nothing changed then."""
    raw.execute("PRAGMA foreign_keys = OFF")  # rows come in any order; they are checked at the end
    raw.execute(_SQL["attach"], (str(present), f"x'{key}'" if key else ""))
    for name in ("same", "batch_moved", "carried"):
        raw.execute(_SQL[name])
    with unguarded(raw):
        _merge(raw, restoring)
        if raw.execute("PRAGMA main.foreign_key_check").fetchone() is not None:
            raise sqlite.Error("rows refer to others that are not there")
    merged = Merged(*raw.execute(_SQL["outcome"], {"words": restoring.held_words}).fetchone())
    raw.execute(_SQL["detach"])
    return merged


def _merge(raw: sqlite.Connection, restoring: Restoring) -> None:
    raw.execute(_SQL["find_same"])
    words = {"words": restoring.held_words}
    continues = {"continues": raw.execute(_SQL["continues"]).fetchone()[0]}
    raw.execute(_SQL["hold"], words)
    raw.execute(_SQL["keep_parked"])
    for name in ("move_batches", "answer_batches", "carry_batches", "take_later_states"):
        raw.execute(_SQL[name])
    raw.execute(_SQL["carry"], continues)
    raw.execute(_SQL["carry_revisions"])
    raw.execute(_SQL["carry_payloads"])
    _seal_anew(raw)
    raw.execute(_SQL["supersede_overtaken"], {**words, "at": restoring.at})
    raw.execute(_SQL["hold_without_request"], words)
    raw.execute(_SQL["end_empty_batches"], {"words": _NOT_SENT, "at": restoring.at})
    for name in _BESIDE:
        raw.execute(_SQL[name])
    raw.execute(_SQL["carry_days"], continues)
    raw.execute(_SQL["purge_as_known"])
    raw.execute(_SQL["give_no_sequence_twice"])
    _carry_audit(raw)
    chain(raw)
    audit(Deed(Action.RESTORE, restoring.who, restoring.reason), None, restoring.at, raw)


def _carry_audit(raw: sqlite.Connection) -> None:
    if raw.execute(_SQL["audit_continues"]).fetchone()[0]:
        raw.execute(_SQL["continue_audit"])
        raw.execute(_SQL["give_no_entry_twice"])
    else:
        raw.execute(_SQL["carry_audit"])


def _seal_anew(raw: sqlite.Connection) -> None:
    """Seal those whose sequence has changed; one that was damaged keeps a seal that does not fit (G13)."""
    for new, *facts, stored, seal in raw.execute(_SQL["renumbered"]).fetchall():
        was, body = Facts(*facts), unpack(stored)
        if seal is not None and body is not None and sale_intact(was, body, seal):
            raw.execute(_SQL["seal_anew"], (seal_of_sale(was._replace(sequence=new), body), new))
