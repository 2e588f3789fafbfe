"""The database, read without disturbing an agent that runs: its schema, damage, the books, what waits."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.agent.keys import key_path, storage_keys
from store_agent.clock import SystemClock
from store_agent.config.exposure import exposed_mode
from store_agent.config.settings import Settings
from store_agent.domain import money
from store_agent.domain.lifecycle import OPEN, State
from store_agent.domain.summary import count, duration
from store_agent.errors import ConfigurationError, StorageFailure, Unavailable
from store_agent.storage import sqlite
from store_agent.storage.books import Books, read_books
from store_agent.storage.connection import connect_looking
from store_agent.storage.database import FILE_NAME
from store_agent.storage.integrity import examine, find_damage
from store_agent.storage.locked import is_encrypted, key_of
from store_agent.storage.migrate import steps

OLD_SECONDS = 86_400.0
"""Sales that wait for longer than a day are worth a word."""

CHECK_SECONDS = 10.0
"""Nobody waits for a sale meanwhile, so that it may take longer than the check at the start."""

LOCK = "agent.lock"
LOCKS = Path("/proc/locks")

_TELL = "Keep the files as they are and tell whoever looks after the agent; a restart salvages what can be."


def check(subject: Subject) -> Iterator[Finding]:
    """Look into the file, for CHECK_SECONDS at most."""
    storage = subject.settings.storage
    path = storage.directory / FILE_NAME
    try:
        # Under an agent that writes, the files themselves are never at rest; then only SQLite can tell.
        key = key_of(path, storage_keys(subject.settings))
        damage = "" if _in_use(storage.directory) else examine(path, key)
        exists = path.exists()
    except ConfigurationError as error:
        yield _without_key(storage.directory, str(error))
        return
    except Unavailable as error:
        yield not_checked("database", str(error))
        return
    except OSError as error:
        yield not_checked("database", f"{path} cannot be read ({error.strerror}); run this as the agent's user.")
        return
    if damage:
        yield _damaged(damage)
    elif not exists:
        yield ok("database", "There is none yet; the agent makes it when it starts.")
    else:
        yield from _opened(path, key, CHECK_SECONDS)
        yield _encrypted(subject, key)
        if key:
            yield _readers_of_key(key_path(subject.settings)[0])


def _without_key(directory: Path, words: str) -> Finding:
    if _in_use(directory):
        where = "The agent at work has a key that this command does not find, in storage.key_file or handed over."
        cure = "If systemd hands it over, run this with the same credential (systemd-run -p); else bring the file back."
        return warning("database", where, "Sales go on, but after a restart only with the key.", cure)
    return problem("database", words, "No sale can be taken, and none is lost.", "Bring the key back.")


def _in_use(directory: Path) -> bool:
    """Tell whether an agent holds the lock of the directory, without touching the lock (proc(5), /proc/locks)."""
    lock = directory / LOCK
    if not lock.exists():
        return False
    inode = f":{lock.stat().st_ino}"
    return any(fields[1] == "FLOCK" and fields[-3].endswith(inode) for fields in map(str.split, _locks()))


def _locks() -> list[str]:
    return [line for line in LOCKS.read_text(encoding="ascii").splitlines() if " -> " not in line]


def _encrypted(subject: Subject, key: str) -> Finding:
    name, storage = "database.encryption", subject.settings.storage
    if (storage.encryption == "on") != bool(key):
        words = "The sales are encrypted on the disk." if key else "The sales are not encrypted on the disk."
        meaning = f'storage.encryption is "{storage.encryption}"; that is done when the agent starts and there is room.'
        return warning(name, words, meaning, "Restart the agent; if this stays, see its log for storage.not_converted.")
    if not key:
        return ok(name, "The sales are not encrypted on the disk, as configured.")
    plain = [copy for copy in _copies(subject.settings) if not is_encrypted(copy)]
    if plain:
        words = f"{count(len(plain), 'copy', 'copies')} from before the encryption can be read by anybody: {plain[0]}."
        return warning(name, words, "Sales are not affected.", "Delete what is not needed any more, safely.")
    return ok(name, "The sales are encrypted on the disk.")


def _readers_of_key(path: Path) -> Finding:
    name = "database.key"
    if mode := exposed_mode(path):
        words = f"Others on this machine can read or change the key {path}, whose mode is {mode}."
        meaning = "Sales are not affected, but are as good as not encrypted."
        return warning(name, words, meaning, f"chmod o=,g-w {path}")
    return ok(name, f"Others cannot read the key {path}.")


def _copies(settings: Settings) -> list[Path]:
    storage = settings.storage.directory
    return [
        *(storage / settings.backup.directory).glob("*.db"),
        *storage.glob("before-schema-*.db"),
        *storage.glob(f"*/{FILE_NAME}"),
    ]


def _opened(path: Path, key: str, seconds: float) -> Iterator[Finding]:
    try:
        with closing(connect_looking(path, key)) as raw:
            yield _schema(raw)
            yield _whole(raw, seconds)
            books = read_books(raw)
    except StorageFailure as failure:
        yield problem("database", str(failure), "Sales may not be kept.", "Look at the disk first.")
    except sqlite.Error as error:
        yield _damaged(f"It cannot be read ({error}).")
    else:
        yield _balance(books)
        yield _waiting(books)
        yield _parked(books)


def _schema(raw: sqlite.Connection) -> Finding:
    name, known = "database.schema", len(steps())
    version = int(raw.execute("PRAGMA user_version").fetchone()[0])
    if version > known:
        return warning(
            name,
            f"It was written by a newer store-agent (schema {version}, this one knows {known}).",
            "This version may refuse to start; sales in the database are safe.",
            "Install the newer version again if this one does not start.",
        )
    if version < known:
        return ok(name, f"Schema {version}; it becomes {known} when this version starts, after a copy was made.")
    return ok(name, f"Schema {version}, as this version knows it.")


def _whole(raw: sqlite.Connection, seconds: float) -> Finding:
    found = find_damage(raw, seconds, SystemClock())
    if found.damage:
        return _damaged(found.damage)
    if not found.complete:
        return ok("database", f"No damage was found in {seconds:g} seconds; not everything was looked at.")
    return ok("database", "No damage was found.")


def _damaged(words: str) -> Finding:
    meaning = "Sales that are not sent yet may be affected; what can be read is not lost."
    return problem("database", words, meaning, _TELL)


def _balance(books: Books) -> Finding:
    name = "database.books"
    accepted = count(books.accepted.revisions, "sale", "sales")
    if not books.balanced:
        words = f"The books do not balance: {accepted} taken, another number in all states."
        return problem(name, words, "A sale may be missing.", _TELL)
    return ok(name, f"The books balance: {accepted} taken in all.")


def _waiting(books: Books) -> Finding:
    name = "database.waiting"
    tallies = [books.by_state[state] for state in OPEN]
    number = sum(tally.revisions for tally in tallies)
    if books.oldest_open_at is None:
        return ok(name, "All sales are at the platform, or set aside.")
    age = max(0.0, SystemClock().wall() - books.oldest_open_at / 1000)
    amount = money.from_units(sum(tally.amount for tally in tallies))
    words = f"{count(number, 'sale waits', 'sales wait')} ({amount:,}), the oldest for {duration(age)}."
    if age > OLD_SECONDS:
        meaning = "Sales are safe on this machine, but guests do not have their points yet."
        return warning(name, words, meaning, "See what is said of line and credentials, and store-agent status.")
    return ok(name, words)


def _parked(books: Books) -> Finding:
    name, number = "database.refused", books.by_state[State.PARKED].revisions
    if not number:
        return ok(name, "No refused sale waits for somebody.")
    return warning(
        name,
        f"{count(number, 'sale was', 'sales were')} refused by the platform and set aside.",
        "They are kept, and are not sent again until somebody decides.",
        "Look at them with: store-agent outbox list --state parked",
    )
