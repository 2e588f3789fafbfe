"""An apsw connection in the shape of sqlite3's, as far as the product's storage uses it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import apsw

CHECKPOINT_PAGES = 60
"""The log is carried over after so many pages, so that short stories have checkpoints too."""


class ApswCursor:
    """The result of one statement."""

    def __init__(self, connection: apsw.Connection, sql: str, parameters: Any) -> None:
        self._rows = connection.execute(sql, parameters)
        self.rowcount = connection.changes()
        self.lastrowid = connection.last_insert_rowid()

    def fetchone(self) -> Any:
        return self._rows.fetchone()

    def fetchall(self) -> list[Any]:
        return self._rows.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)


class ApswConnection:
    """Stands where `sqlite3.Connection` does."""

    def __init__(self, path: str, vfs: str) -> None:
        self._raw = apsw.Connection(path, vfs=vfs)
        self._raw.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")

    @property
    def in_transaction(self) -> bool:
        return self._raw.in_transaction

    @property
    def total_changes(self) -> int:
        return self._raw.total_changes()

    def execute(self, sql: str, parameters: Any = ()) -> ApswCursor:
        return ApswCursor(self._raw, sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any]) -> None:
        self._raw.executemany(sql, parameters).fetchall()

    def executescript(self, script: str) -> None:
        self._raw.execute(script).fetchall()

    def backup(self, target: "ApswConnection", *, pages: int, progress: Callable[[int, int, int], object]) -> None:
        with target._raw.backup("main", self._raw, "main") as copying:
            while not copying.done:
                copying.step(pages)
                progress(0, copying.remaining, copying.page_count)

    def set_progress_handler(self, handler: Callable[[], bool], operations: int) -> None:
        self._raw.set_progress_handler(handler, operations)

    def interrupt(self) -> None:
        self._raw.interrupt()

    def close(self) -> None:
        self._raw.close()
