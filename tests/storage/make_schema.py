"""Writes tests/data/schemas/schema-N.sql: a database of schema N in use, as text that makes it again.

    python -m tests.storage.make_schema 6      when migration 6 was added
    python -m tests.storage.make_schema        all of them, while none of them was released

What a released version wrote must not change: its file is only ever added. The content is made up by plain SQL and not
by the product, which knows only its newest schema; the text is the same each time.
"""

import hashlib
import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from store_agent.storage import sqlite
from store_agent.storage.migrate import steps
from store_agent.storage.seal import Facts, seal_of_request, seal_of_sale
from tests.support.sales import sale

FOLDER = Path(__file__).parent.parent / "data" / "schemas"

AT = 1_772_359_500_000
"""Milliseconds since 1970 at which everything happened."""

STATES = {
    1: ("T-delivered", "delivered"),
    2: ("T-changed", "superseded"),
    3: ("T-changed", "waiting"),
    4: ("T-held", "held"),
    5: ("T-frozen-a", "frozen"),
    6: ("T-frozen-b", "frozen"),
    7: ("T-parked", "parked"),
    8: ("T-discarded", "discarded"),
    9: ("T-alone", "frozen"),
    10: ("T-old", "delivered"),
    11: ("T-waiting", "waiting"),
}
"""Sequence -> transaction and the state that it ends in."""

REQUESTS = {1: (1, 10), 2: (5, 6), 3: (7,), 4: (8,), 5: (9,)}
"""Number of a request -> the sequences in it."""

_MOVES = {
    "waiting": (),
    "held": ("held",),
    "superseded": ("superseded",),
    "frozen": ("frozen",),
    "delivered": ("frozen", "delivered"),
    "parked": ("frozen", "parked"),
    "discarded": ("frozen", "parked", "discarded"),
}


def body_of(sequence: int) -> bytes:
    name, _ = STATES[sequence]
    return json.dumps(sale(name, guest_receipt_code=code_of(name), note=f"état {sequence}")).encode()


def code_of(name: str) -> str:
    return f"00000000-0000-4000-8000-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def request_of(number: int) -> tuple[str, str, bytes]:
    """Give request_id, endpoint and body, in the shape of the platform."""
    bodies = [body_of(sequence) for sequence in REQUESTS[number]]
    request_id = f"00000000-0000-4000-9000-{number:012}"
    head = f'{{"store_id": "1234x", "client_id": "retailer-1", "request_id": "{request_id}", "request_payload": '
    single = len(bodies) == 1
    payload = bodies[0] if single else b'{"transactions": [' + b", ".join(bodies) + b"]}"
    return request_id, "send_transaction" if single else "send_batch_transaction", head.encode() + payload + b"}"


def facts_of(sequence: int) -> Facts:
    name, _ = STATES[sequence]
    codes = json.dumps([["", code_of(name), 1, 1]])
    return Facts(sequence, name, "lane-1", hashlib.sha256(body_of(sequence)).digest(), "", 0, 107_000, codes)


def make(raw: sqlite.Connection, schema: int) -> None:
    """Fill an empty database."""
    raw.execute("PRAGMA foreign_keys = ON")
    for number, step in enumerate(steps()[:schema], 1):
        raw.executescript(f"{step}\nPRAGMA user_version = {number};")
    _terminals(raw)
    _accept(raw)
    if schema >= 2:
        _repair(raw)
    _requests(raw)
    for sequence, (_, state) in STATES.items():
        for move in _MOVES[state]:
            raw.execute("UPDATE revision SET state = ? WHERE sequence = ?", (move, sequence))
    raw.execute("UPDATE revision SET settled_at = ? WHERE state NOT IN ('waiting', 'frozen', 'held')", (AT + 9,))
    raw.execute("UPDATE revision SET attempts = 1, error = 'The platform does not know employee 1000.' WHERE batch = 3")
    if schema >= 2:
        raw.execute("UPDATE revision SET refusals = 1, fields = ? WHERE batch = 3", ('["pos_employee_id"]',))
    for since, add in _LATER.items():
        if schema >= since:
            add(raw)


def _terminals(raw: sqlite.Connection) -> None:
    rows = [("lane-1", hashlib.sha256(b"one").digest(), AT, None), ("lane-2", bytes(32), AT, AT + 1)]
    raw.executemany("INSERT INTO terminal (name, token_hash, added_at, revoked_at) VALUES (?, ?, ?, ?)", rows)


def _accept(raw: sqlite.Connection) -> None:
    columns = "sequence, transaction_id, terminal, digest, forwarded, alone, amount, codes"
    for sequence in STATES:
        facts, body = facts_of(sequence), body_of(sequence)
        raw.execute(
            f"INSERT INTO revision ({columns}, size, opened_at, modified_at, closed, voided, live, accepted_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '2026-03-01T10:00:00.000Z', '2026-03-01T10:05:00.000Z', 1, 0, 1, ?)",
            (*facts[:8], len(body), AT + sequence),
        )
        raw.execute("INSERT INTO payload (sequence, body) VALUES (?, ?)", (sequence, body))
    codes = [(code_of(name), name, AT) for name in dict.fromkeys(name for name, _ in STATES.values())]
    raw.executemany(
        "INSERT INTO receipt_code (code, transaction_id, payment, minted, kept_at) VALUES (?, ?, '', 1, ?)", codes
    )


def _repair(raw: sqlite.Connection) -> None:
    deeds = [("hold", 4, ""), ("discard", 8, "training sale"), ("day_close", None, "left over")]
    raw.executemany(
        f"INSERT INTO audit (at, who, action, sequence, reason) VALUES ({AT}, 'Ada', ?, ?, ?)",
        deeds,
    )
    tallies = json.dumps({"accepted": [1, 107_000], "waiting": [1, 107_000]})
    raw.execute("INSERT INTO business_day VALUES (1, ?, 'Ada', 'left over', ?)", (AT, tallies))


def _requests(raw: sqlite.Connection) -> None:
    for number, members in REQUESTS.items():
        request_id, endpoint, body = request_of(number)
        values = (number, request_id, endpoint, body, len(members), AT)
        raw.execute(
            "INSERT INTO batch (number, request_id, endpoint, body, members, frozen_at) VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )
        raw.executemany("UPDATE revision SET batch = ? WHERE sequence = ?", [(number, one) for one in members])
    for number, state in ((1, "delivered"), (3, "parked"), (4, "parked")):
        raw.execute(
            "UPDATE batch SET state = ?, body = NULL, answered_at = ? WHERE number = ?", (state, AT + 9, number)
        )


def _retention(raw: sqlite.Connection) -> None:
    """A sale that went, and the code that it left."""
    raw.execute("DELETE FROM revision WHERE sequence = 10")
    raw.execute("UPDATE receipt_code SET orphaned = 90000 WHERE transaction_id = 'T-old'")
    raw.execute("INSERT INTO milestone (lived, sequence, batch) VALUES (3600, 6, 2)")
    raw.execute("UPDATE meta SET value = '90000' WHERE key = 'lived_seconds'")


def _seals(raw: sqlite.Connection) -> None:
    for (sequence,) in raw.execute("SELECT sequence FROM payload").fetchall():
        seal = seal_of_sale(facts_of(sequence), body_of(sequence))
        raw.execute("UPDATE payload SET seal = ? WHERE sequence = ?", (seal, sequence))
    for number in REQUESTS:
        raw.execute("UPDATE batch SET seal = ? WHERE number = ?", (seal_of_request(*request_of(number)), number))
    raw.execute(
        "INSERT INTO incident (at, words, details) VALUES (?, 'The end of the database file is missing.', '{}')", (AT,)
    )
    raw.execute("UPDATE meta SET value = '11' WHERE key = 'sequences_given'")


def _counter(raw: sqlite.Connection) -> None:
    """An offer that is locked for a sale that is held."""
    raw.execute(
        "INSERT INTO offer_use (transaction_id, terminal, employee, action, code, digest, request_id, asked_at)"
        " VALUES ('T-held', 'lane-1', '1000', 'lock', 'offer-1', ?, 'lock-1', ?)",
        (bytes(32), AT),
    )
    answer = b'{"status": "OK", "payload": {"reference_id": "offer-1", "status": "LOCKED", "amount": 5}}'
    raw.execute("UPDATE offer_use SET state = 'applied', offer = 'offer-1', guest = 'guest-1', answer = ?", (answer,))


def _tries(raw: sqlite.Connection) -> None:
    """A sale that was refused after the line had been down, and a terminal that called."""
    rows = [
        (7, 1, AT + 1, AT + 8, 5, "The platform cannot be reached: it does not answer.", None),
        (7, 2, AT + 9, AT + 9, 1, "The platform does not know employee 1000.", '{"status": "Error"}'),
    ]
    raw.executemany("INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    raw.execute("UPDATE terminal SET seen_at = ? WHERE name = 'lane-1'", (AT + 9,))


def _receipts(raw: sqlite.Connection) -> None:
    """A code printed ahead that no sale came with, and one whose guest was found later."""
    raw.execute(
        "INSERT INTO receipt_code (code, transaction_id, payment, minted, kept_at, orphaned, ahead)"
        " VALUES (?, 'T-to-come', '', 1, ?, 90000, 'lane-1')",
        (code_of("T-to-come"), AT + 10),
    )
    raw.execute("UPDATE receipt_code SET retired_at = ? WHERE transaction_id = 'T-delivered'", (AT + 10,))


def _prints(raw: sqlite.Connection) -> None:
    """A receipt that waits for its printer, and one that was printed."""
    rows = [
        ("kitchen", b"\x1b@T-waiting\n", "waiting", 2, 1, "The printer kitchen is out of paper.", None, None),
        ("counter", None, "printed", 1, 1, None, AT + 9, 90_000),
    ]
    raw.executemany(
        "INSERT INTO print_job"
        " (printer, about, content, state, attempts, doubts, error, age, created_at, settled_at, settled_lived)"
        f" VALUES (?, 'receipt {code_of('T-waiting')}', ?, ?, ?, ?, ?, 60, {AT}, ?, ?)",
        rows,
    )


def _roles(raw: sqlite.Connection) -> None:
    """A manager's terminal, whose token before is good for half an hour more."""
    raw.execute(
        "UPDATE terminal SET role = 'manager', former_hash = ?, former_seconds = 1800 WHERE name = 'lane-1'",
        (bytes(32),),
    )


_LATER = {4: _retention, 5: _seals, 6: _counter, 7: _tries, 9: _receipts, 10: _prints, 12: _roles}
"""Schema -> what a database holds since then."""


def written(schema: int) -> Iterator[str]:
    """Give the lines of the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "made.db")
        with closing(sqlite.connect(file, isolation_level=None)) as raw:
            make(raw, schema)
        with closing(sqlite3.connect(file)) as dumped:
            yield "PRAGMA auto_vacuum = INCREMENTAL;"
            yield from dumped.iterdump()
    yield f"PRAGMA user_version = {schema};"


def main(arguments: Sequence[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for schema in [int(one) for one in arguments] or range(1, len(steps()) + 1):
        path = FOLDER / f"schema-{schema}.sql"
        path.write_text("\n".join(written(schema)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
