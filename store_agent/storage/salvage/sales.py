"""Saves the revisions, each by its fate."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from store_agent.domain.lifecycle import State
from store_agent.storage import sqlite
from store_agent.storage.packing import pack, unpack
from store_agent.storage.queries import load
from store_agent.storage.salvage.finds import Copy, Finds
from store_agent.storage.salvage.records import Value
from store_agent.storage.salvage.report import Recorder
from store_agent.storage.salvage.requests import Requests
from store_agent.storage.salvage.rules import FINAL, Fate, Seen, decide, known_state
from store_agent.storage.salvage.tables import insert
from store_agent.storage.seal import Facts, sale_intact

_SQL = load("salvage")

_KNOWN = ("transaction_id", "terminal", "amount", "accepted_at", "modified_at", "state", "batch")
_FLAGS = ("alone", "closed", "voided", "live", "burst")
_FURTHEST = (State.PARKED, State.FROZEN)

_DOUBT = (
    "The database of this machine was damaged, and this sale may have reached the platform before. Look there whether "
    "it has it: if not, retry this one; if it has, discard this one."
)

_STATES: dict[Value, State] = {state.value: state for state in State}

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class _Best:
    """The copy of a revision that is taken, and its text if both are as they were stored."""

    row: Row
    certain: bool
    text: bytes | None
    seal: int | None = None


class Sales:
    """Fills the revisions of the fresh database. `now` is wall time in milliseconds, a label."""

    def __init__(self, fresh: sqlite.Connection, requests: Requests, recorder: Recorder, now: int) -> None:
        self._fresh = fresh
        self._requests = requests
        self._recorder = recorder
        self._now = now
        self.newest = 0

    def fill(self, finds: Finds, accepted: int | None, purged: int) -> None:
        """Copy all revisions; `accepted` and `purged` are by the old books, None and 0 if those are unreadable.

        A revision of which there are older copies only is one that was purged, unless too many are missing for that.
        """
        gaps: list[tuple[int, int]] = []
        too_few = accepted is None or finds.count_certain("revision") < accepted - purged
        found = finds.together("revision", "payload", "revision_by_state", "revision_by_transaction")
        for sequence, copies in found:
            if not too_few and not any(copy.certain for same in copies.values() for copy in same):
                continue
            if self._fill_one(sequence, copies) or 0 < sequence <= (accepted or 0):
                self._note_gap(gaps, sequence - 1)
                self.newest = sequence
        self._note_gap(gaps, accepted or 0)
        self._recorder.report.may_be_more = accepted is None
        if sum(last - first + 1 for first, last in gaps) > purged:
            for first, last in gaps:
                self._recorder.missing(first, last)
            self._recorder.report.missing_count -= purged

    def _note_gap(self, gaps: list[tuple[int, int]], last: int) -> None:
        if last > self.newest:
            gaps.append((self.newest + 1, last))
            self.newest = last

    def _fill_one(self, sequence: int, copies: Mapping[str, list[Copy]]) -> bool:
        """Save one revision or note that it is lost; tells whether there is a second witness of its number."""
        best = self._best(sequence, copies["revision"], copies["payload"])
        indexed = _agreed(copies["revision_by_state"])
        witnesses = sum(any(copy.certain for copy in same) for same in copies.values())
        if best is None:
            self._lose(sequence, _witnessed(copies), copies["payload"])
            return witnesses > 1
        self._keep_codes(best.row)
        request, request_certain = self._requests.of(best.row.get("batch"))
        seen = Seen(_state(best.row), best.certain, indexed, best.text is not None, request, request_certain)
        if not self._carry_out(decide(seen), known_state(seen), best):
            self._lose(sequence, best.row, copies["payload"])
        return best.text is not None or witnesses > 1

    def _best(self, sequence: int, rows: list[Copy], texts: list[Copy]) -> _Best | None:
        """Choose the copy that is intact, then the one that is final, certain, furthest on its way."""
        options = [_paired(sequence, copy, text) for copy, text in product(rows, [*texts, None])]
        if not options:
            return None
        best = max(options, key=_rank)
        if best.text is None and _state(best.row) is State.FROZEN:
            return self._with_text_of_request(sequence, best, [_seal(text) for text in texts])
        rivals = {_state(one.row) for one in options if one.certain and (one.text is None) == (best.text is None)}
        return best if len(rivals) <= 1 else _Best(best.row, certain=False, text=best.text, seal=best.seal)

    def _with_text_of_request(self, sequence: int, best: _Best, seals: list[int | None]) -> _Best:
        """Look for the text in the bytes of the request: it stands in them as it is."""
        body = self._requests.body(best.row.get("batch"))
        for text, seal in product(_texts_in(body, best.row.get("size")), seals or [None]):
            if _is_intact(sequence, best.row, text, seal):
                return _Best(best.row, best.certain, text, seal)
        return best

    def _carry_out(self, fate: Fate, state: State | None, best: _Best) -> bool:
        row = _clean(best)
        frozen_already = (
            state is State.FROZEN and self._fresh.execute(_SQL["is_in_flight"], (row["transaction_id"],)).fetchone()
        )
        if fate is Fate.LOST:
            return False
        if fate is Fate.DOUBT or frozen_already or state is None:
            row |= {
                "state": "parked",
                "batch": None,
                "error": _DOUBT,
                "said": None,
                "settled_at": self._now,
                "burst": 0,
            }
        else:
            row["state"] = State.DELIVERED if fate is Fate.DELIVERED else state
        if not insert(self._fresh, "revision", row):
            return False
        self._fresh.execute(_SQL["insert_payload"], (row["sequence"], pack(best.text) if best.text else b"", best.seal))
        self._recorder.rows["revision"] += 1
        self._recorder.report.texts_dropped += best.text is None
        if row.get("error") == _DOUBT:
            self._recorder.doubtful({"sequence": row["sequence"], **_known(best.row)})
        return True

    def _keep_codes(self, row: Row) -> None:
        """Keep the receipt codes that stand in a revision: they are on paper (G8)."""
        for payment, code, minted, _ in _codes(row.get("codes")):
            values = (code, row["transaction_id"], payment, int(bool(minted)), row["accepted_at"])
            self._recorder.rows["receipt_code"] += self._fresh.execute(_SQL["insert_code"], values).rowcount

    def _lose(self, sequence: int, row: Row, texts: list[Copy]) -> None:
        """Note a sale that cannot be saved. One that was settled is not needed any more."""
        if _state(row) in FINAL:
            self._recorder.report.settled_lost += 1
            return
        text = texts[0].row["body"] if texts else None
        self._recorder.lost({"sequence": sequence, **_known(row)}, unpack(text) if isinstance(text, bytes) else None)


def _paired(sequence: int, copy: Copy, text: Copy | None) -> _Best:
    stored = text.row["body"] if text else None
    body = unpack(stored) if isinstance(stored, bytes) else None
    if text and body is not None and _is_intact(sequence, copy.row, body, _seal(text)):
        return _Best(copy.row, copy.certain, body, _seal(text))
    return _Best(copy.row, copy.certain, None)


def _seal(text: Copy) -> int | None:
    seal = text.row.get("seal")
    return seal if isinstance(seal, int) else None


def _rank(best: _Best) -> tuple[bool, bool, bool, int]:
    state = _state(best.row)
    distance = len(_FURTHEST) - _FURTHEST.index(state) if state in _FURTHEST else 0
    return best.text is not None, state in FINAL, best.certain, distance


def _is_intact(sequence: int, row: Row, body: bytes, seal: int | None) -> bool:
    """Tell whether a text belongs to a row and is as it was stored; without a seal by its size and what it names."""
    if seal is not None:
        facts = {name: row.get(name) for name in Facts._fields} | {"sequence": sequence}
        return sale_intact(Facts(**facts), body, seal)  # type: ignore[arg-type] # the seal judges what they are
    if len(body) != row.get("size"):
        return False
    try:
        read = json.loads(body)
    except ValueError:
        return False
    return isinstance(read, dict) and row["transaction_id"] in read.values()


def _texts_in(body: bytes, size: Value) -> Iterator[bytes]:
    """Give every part of a request that begins like an object and has a size."""
    start = body.find(b"{", 1)
    while isinstance(size, int) and 0 < start <= len(body) - size:
        yield body[start : start + size]
        start = body.find(b"{", start + 1)


def _agreed(index: list[Copy]) -> State | None:
    """Give the state by the index, if it says one thing."""
    states = {_state(copy.row) for copy in index if copy.certain}
    return states.pop() if len(states) == 1 else None


def _witnessed(copies: Mapping[str, list[Copy]]) -> Row:
    """Put together what the indexes tell of a revision whose row is unreadable."""
    row: Row = {}
    for noun in ("revision_by_transaction", "revision_by_state"):
        for copy in copies[noun][:1]:
            row |= copy.row
    return row


def _clean(best: _Best) -> Row:
    """Give the row as the database takes it: flags are flags, whatever a changed bit made of them."""
    row = dict(best.row)
    row |= {name: int(bool(row[name])) for name in _FLAGS if name in row}
    if best.text is not None:
        row["size"] = len(best.text)
    return row


def _state(row: Row) -> State | None:
    return _STATES.get(row.get("state"))


def _known(row: Row) -> Row:
    return {name: row[name] for name in _KNOWN if row.get(name) is not None}


def _codes(text: Value) -> list[tuple[str, str, int, int]]:
    try:
        found = json.loads(str(text)) if text else []
    except ValueError:
        return []
    return [tuple(code) for code in found if [type(part) for part in code] == [str, str, int, int]]
