"""Queues of the Python world that keep what they hold in SQLite, at `synchronous = FULL` as the agent's."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peer import Blocking, Peer, Queue

FULL = 2
"""What `PRAGMA synchronous` says of FULL."""


@contextmanager
def _persist_queue(directory: Path) -> Iterator[Queue]:
    from persistqueue import SQLiteAckQueue

    queue: Any = SQLiteAckQueue(str(directory), multithreading=True)
    _assert_full(queue._putter)  # noqa: SLF001 - it offers no other way to see it

    def take(count: int) -> int:
        found = [queue.get(block=False, raw=True) for _ in range(count)]
        for one in found:
            queue.ack(id=one["pqid"])
        return len(found)

    yield Blocking(lambda: queue.put, take)
    queue.close()


@contextmanager
def _litequeue(directory: Path) -> Iterator[Queue]:
    from litequeue import LiteQueue

    def connect() -> Any:
        queue = LiteQueue(directory / "queue.db", timeout=30)
        queue.conn.execute("PRAGMA synchronous = FULL")
        _assert_full(queue.conn)
        return queue

    def put() -> Callable[[bytes], object]:
        own = connect()
        return lambda text: own.put(text.decode())

    consumer = connect()

    def take(count: int) -> int:
        found = [consumer.pop() for _ in range(count)]
        for one in found:
            consumer.done(one.message_id)
        return len(found)

    yield Blocking(put, take)
    consumer.conn.close()


@contextmanager
def _huey(directory: Path) -> Iterator[Queue]:
    from huey.storage import SqliteStorage

    storage: Any = SqliteStorage(filename=str(directory / "huey.db"), fsync=True, strict_fifo=True)
    _assert_full(storage.conn)

    def take(count: int) -> int:
        return sum(storage.dequeue() is not None for _ in range(count))

    yield Blocking(lambda: storage.enqueue, take)
    storage.close()


def _assert_full(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA synchronous").fetchone()[0]
    if found != FULL:
        raise RuntimeError(f"synchronous is {found} and not FULL: this would not be the same durability")


PEERS = (
    Peer(
        "persist-queue",
        "SQLiteAckQueue on SQLite, a sync for each put, get and ack",
        (
            "At least once: what was taken and not acknowledged comes again after a restart.",
            "No commit is shared, and what was acknowledged stays until it is cleared.",
        ),
        _persist_queue,
    ),
    Peer(
        "litequeue",
        "SQLite with synchronous FULL, a sync for each put, pop and done",
        (
            "Its own setting, NORMAL, may lose the last sales when the power fails.",
            "What was taken and not done stays locked until somebody retries it.",
        ),
        _litequeue,
    ),
    Peer(
        "huey",
        "SqliteStorage on SQLite with fsync, a sync for each enqueue and dequeue",
        ("At most once: dequeue deletes, so what was taken and not yet sent is gone after a crash.",),
        _huey,
    ),
)
