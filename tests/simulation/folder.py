"""Where the databases of a run lie: in memory if the machine has such a place, each a copy of one migrated file."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store_agent.storage import sqlite
from store_agent.storage.migrate import migrate, steps

_MEMORY = Path("/dev/shm")  # noqa: S108 - a place, not a file name


class Folder:
    """Gives empty databases, one at a time."""

    def __init__(self, path: Path) -> None:
        self._template = path / "template.db"
        self._path = path / "run.db"
        raw = sqlite.connect(str(self._template), isolation_level=None)
        raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
        raw.execute("PRAGMA journal_mode = WAL").fetchall()
        migrate(raw, self._template, steps())
        raw.close()

    def fresh(self) -> Path:
        """Return an empty database; the one before is gone."""
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._template, self._path)
        return self._path


@contextmanager
def open_folder() -> Iterator[Folder]:
    """Make a folder for as long as the context lasts."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None, prefix="simulation-") as path:
        yield Folder(Path(path))
