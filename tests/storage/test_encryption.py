"""The books encrypted at rest: nothing of them in clear, whatever is done to them, and a lock is never damage."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action, Deed
from store_agent.errors import CannotCreate, ConfigurationError, DiskFull
from store_agent.storage import conversion, sqlite
from store_agent.storage.backup import Backups
from store_agent.storage.cipher import MAGIC
from store_agent.storage.database import FILE_NAME, Database, Mending, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.key import KEYS_MAX, PLAIN, Keys, new_key, read_keys, write_keys
from store_agent.storage.locked import Locked, is_encrypted, key_of
from store_agent.storage.marked import MARK, fingerprints
from store_agent.storage.merge import Restoring
from store_agent.storage.outbox import Outbox
from store_agent.storage.peek import peek, verify_audit
from store_agent.storage.repair import Repair
from store_agent.storage.restore import prepared
from store_agent.storage.rotation import Rotated, rotate
from store_agent.storage.usage import journal_bytes
from tests.storage.test_upgrade import restored
from tests.support.arrivals import arrival
from tests.support.texts import readable

CLOCK = SystemClock()
KEY, OTHER = "5a" * 32, "c3" * 32
ON, OFF = Keys(KEY, (KEY,)), Keys("", (KEY,))
SECRET = b"planted-secret"
"""In every sale; in no file of the storage directory may it stand in clear."""

told: list[str] = []
MENDING = Mending(30.0, told.append)


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    told.clear()


async def sell(directory: Path, keys: Keys, *names: str, mending: Mending | None = MENDING) -> int:
    """Sell; gives how many sales there are in all."""
    async with open_database(directory, CLOCK, mending, keys) as database:
        await Intake(database, CLOCK, None).accept([arrival(name, note=SECRET.decode()) for name in names])
        return await accepted(database)


def copied(directory: Path) -> Path:
    """Copy the files of a database in use, as a crash leaves them."""
    copy = directory / "crashed"
    copy.mkdir()
    for name in (FILE_NAME, f"{FILE_NAME}-wal", MARK):
        shutil.copy(directory / name, copy)
    return copy


def modes(directory: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in (directory, *directory.iterdir())}


async def accepted(database: Database) -> int:
    books = await Outbox(database, CLOCK).books()
    assert books.balanced
    return books.accepted.revisions


def count(directory: Path, keys: Keys) -> int:
    books = peek(directory, keys)
    assert books is not None
    return books.accepted.revisions


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.name != "agent.lock"}


def in_clear(directory: Path) -> list[str]:
    """Give the files that hold something of the sales, or of the schema, in clear."""
    found = []
    for path in directory.rglob("*"):
        if path.is_file():
            text = readable(path.read_bytes())
            if SECRET in text or b"CREATE TABLE" in text:
                found.append(path.name)
    return sorted(found)


def names(count: int, prefix: str = "T-0") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    asyncio.run(sell(tmp_path, PLAIN, *names(60)))
    return tmp_path


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    asyncio.run(sell(tmp_path, ON, *names(60)))
    return tmp_path


async def test_nothing_stands_in_clear_while_the_agent_runs_or_after_a_crash_G16(tmp_path: Path) -> None:
    async with open_database(tmp_path, CLOCK, MENDING, ON) as database:
        await Intake(database, CLOCK, None).accept([arrival(name, note=SECRET.decode()) for name in names(60)])
        assert journal_bytes(tmp_path) > 100_000
        assert in_clear(tmp_path) == []
        crashed = copied(tmp_path)
        async with open_database(crashed, CLOCK, MENDING, ON) as other:
            assert await accepted(other) == 60
    assert told == []


def test_without_encryption_it_would_be_found_in_clear_G16(plain: Path) -> None:
    assert in_clear(plain) == [FILE_NAME]


@pytest.mark.parametrize("wrong", [Keys(OTHER, (OTHER,)), PLAIN, Keys("", (OTHER,))], ids=["other", "none", "off"])
@pytest.mark.parametrize("mark", [True, False], ids=["marked", "copied without its mark"])
def test_a_wrong_key_is_told_and_nothing_is_touched_G13(locked: Path, wrong: Keys, mark: bool) -> None:  # noqa: FBT001
    if not mark:
        (locked / MARK).unlink()
    before = contents(locked)
    for mending in (MENDING, None):
        with pytest.raises(Locked, match="encrypted, and no key fits"):
            asyncio.run(sell(locked, wrong, mending=mending))
    assert contents(locked) == before
    assert told == []
    assert peek(locked, wrong) is None
    assert asyncio.run(sell(locked, ON, "T-more")) == 61


async def test_without_the_look_at_the_lock_a_wrong_key_would_be_taken_for_damage_G13(
    locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_agent.storage.database.key_of", lambda *_: OTHER)
    monkeypatch.setattr("store_agent.storage.salvage.course.key_of", lambda *_: OTHER)
    await sell(locked, Keys(OTHER, (OTHER,)))
    assert told


@pytest.mark.parametrize("what", ["a wrong suspicion", "a salvage cut short"])
async def test_a_wrong_key_comes_before_a_salvage_G13(locked: Path, what: str) -> None:
    if what == "a wrong suspicion":
        (locked / "store-agent.suspect").write_text("it was noticed")
    else:
        (locked / "damaged-1").mkdir()
        (locked / "damaged-1" / "unfinished").write_text('{"why": "it was noticed", "at": 1}')
        (locked / FILE_NAME).rename(locked / "damaged-1" / FILE_NAME)
    with pytest.raises(Locked):
        await sell(locked, Keys(OTHER, (OTHER,)))
    assert await sell(locked, ON) == 60


@pytest.mark.parametrize("keys", [PLAIN, ON], ids=["plain", "encrypted"])
async def test_files_are_only_for_their_user_G16(tmp_path: Path, keys: Keys) -> None:
    before = os.umask(0o022)
    try:
        await sell(tmp_path / "data", keys, *names(3))
        async with open_database(tmp_path / "data", CLOCK, MENDING, keys):
            found = modes(tmp_path / "data")
    finally:
        os.umask(before)
    assert found.pop("data") == 0o700
    assert set(found.values()) == {0o600}, found


async def test_a_plain_store_is_encrypted_at_the_next_start_and_back_G2(plain: Path) -> None:
    assert await sell(plain, ON, "T-more") == 61
    assert in_clear(plain) == []
    assert key_of(plain / FILE_NAME, ON) == KEY
    assert len(fingerprints(plain)) == 1
    assert await sell(plain, OFF, "T-last") == 62
    assert (plain / FILE_NAME).read_bytes().startswith(MAGIC)
    assert fingerprints(plain) == set()
    assert told == []
    assert "store-agent.db.converting" not in contents(plain)


def test_the_copy_of_an_upgrade_is_encrypted_with_the_database(tmp_path: Path) -> None:
    restored(tmp_path, 10)
    asyncio.run(sell(tmp_path, PLAIN))
    assert in_clear(tmp_path) == ["before-schema-11.db", FILE_NAME]
    asyncio.run(sell(tmp_path, ON))
    assert in_clear(tmp_path) == []
    assert key_of(tmp_path / "before-schema-11.db", ON) == KEY


def test_a_copy_that_is_damaged_keeps_no_store_from_being_encrypted_G16(plain: Path) -> None:
    (plain / "before-schema-9.db").write_bytes((plain / FILE_NAME).read_bytes()[:9_000])
    (plain / "before-schema-11.db").write_bytes(b"SQLite format 3\0 and nothing else")
    assert asyncio.run(sell(plain, ON)) == 60
    assert is_encrypted(plain / FILE_NAME)


def test_the_mark_speaks_of_the_database_and_not_of_its_copies_G13(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(plain / FILE_NAME, plain / "before-schema-11.db")
    room = iter((10**9, 1_000))
    monkeypatch.setattr(conversion, "free_bytes", lambda _: next(room))
    with pytest.raises(DiskFull):
        conversion.convert_all(plain / FILE_NAME, ON)
    assert is_encrypted(plain / "before-schema-11.db")
    damaged(plain, 0, bytes(4_096))
    assert asyncio.run(sell(plain, PLAIN)) > 0


async def test_without_room_the_store_goes_on_in_the_form_it_has_G12(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "free_bytes", lambda _: 1_000)
    assert await sell(plain, ON, "T-more") == 61
    assert (plain / FILE_NAME).read_bytes().startswith(MAGIC)
    monkeypatch.undo()
    assert await sell(plain, ON) == 61
    assert is_encrypted(plain / FILE_NAME)


KILLED = """
import os, signal, sys
from pathlib import Path
from store_agent.clock import SystemClock
from store_agent.storage.conversion import convert_all
from store_agent.storage.key import Keys
from store_agent.storage.rotation import rotate
path, after, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
steps = 0
def step(event, _):
    global steps
    if event in ("open", "os.rename", "os.remove", "os.link", "os.chmod") and steps >= 0:
        steps += 1
        if steps == after:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(step)
if what == "convert":
    convert_all(path, Keys(sys.argv[4], tuple(sys.argv[5:])))
else:
    rotate(path.parent, path.parent / "key", [], "Ada", SystemClock())
steps = -1
"""


def killed(path: Path, after: int, *what: str) -> bool:
    """Do something in a process that is killed before its so-manieth step; tells whether it came to the end."""
    command = [sys.executable, "-c", KILLED, str(path), str(after), *what]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode == 0


@pytest.mark.parametrize("direction", [ON, OFF, Keys(OTHER, (OTHER, KEY))], ids=["on", "off", "another key"])
def test_a_conversion_killed_at_any_step_leaves_all_sales_and_is_finished_G2(tmp_path: Path, direction: Keys) -> None:
    source = tmp_path / "source"
    asyncio.run(sell(source, PLAIN if direction is ON else ON, *names(40)))
    forms, after, ended = set(), 0, False
    while not ended:
        after += 1
        directory = tmp_path / f"cut-{after}"
        shutil.copytree(source, directory)
        ended = killed(directory / FILE_NAME, after, "convert", direction.wanted, *direction.known)
        forms.add(key_of(directory / FILE_NAME, Keys(direction.wanted, (KEY, OTHER))))
        assert asyncio.run(sell(directory, direction, "T-more")) == 41
        assert key_of(directory / FILE_NAME, direction) == direction.wanted
        assert not [path.name for path in directory.iterdir() if "convert" in path.name or "damaged" in path.name]
    assert after > 8
    assert told == []
    assert len(forms) == 2


@pytest.mark.parametrize("backup_keys", [PLAIN, ON, Keys(OTHER, (OTHER,))], ids=["plain", "same key", "former key"])
@pytest.mark.parametrize("wanted", [PLAIN, ON], ids=["to plain", "to encrypted"])
def test_a_backup_of_any_form_is_restored_into_the_wanted_one_G2(
    tmp_path: Path, backup_keys: Keys, wanted: Keys
) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    asyncio.run(sell(there, backup_keys, *names(5)))
    backup = Backups(there, tmp_path / "backups", keep=3, free_min=0, keys=backup_keys).make(1.0, threading.Event())
    assert (in_clear(tmp_path / "backups") == []) == bool(backup_keys.wanted)
    asyncio.run(sell(here, wanted, *names(7, "H-")))
    keys = Keys(wanted.wanted, (KEY, OTHER))
    with prepared(here, backup.path, Restoring("Ada", 1_000, "b", "held"), CLOCK, keys) as ready:
        assert ready.merged.carried == 7
        assert ready.put_in_place() is not None
    assert key_of(here / FILE_NAME, keys) == wanted.wanted
    assert asyncio.run(sell(here, keys, "T-more")) == 13
    assert verify_audit(here / FILE_NAME, None, keys).faults == []


def test_a_backup_with_a_key_that_is_not_at_hand_is_refused_in_words(locked: Path, tmp_path: Path) -> None:
    backup = Backups(locked, tmp_path / "backups", keep=3, free_min=0, keys=ON).make(1.0, threading.Event())
    with (
        pytest.raises(Locked, match="no key fits"),
        prepared(tmp_path / "other", backup.path, Restoring("Ada", 1_000, "b", "held"), CLOCK, PLAIN),
    ):
        pass


def test_a_new_key_takes_over_and_the_former_ones_stay_for_the_backups(locked: Path, tmp_path: Path) -> None:
    key_file, backups = tmp_path / "key", Backups(locked, tmp_path / "backups", keep=1, free_min=0, keys=ON)
    write_keys(key_file, (KEY,))
    made = backups.make(1.0, threading.Event()).path
    assert rotate(locked, key_file, backups.listed(), "Ada", CLOCK) == Rotated(former=1, files=1)
    first, former = read_keys(key_file, make=False)
    assert former == KEY
    assert key_file.stat().st_mode & 0o777 == 0o600
    keys = Keys(first, (first, former))
    assert key_of(locked / FILE_NAME, keys) == first
    assert key_of(made, keys) == KEY
    assert asyncio.run(sell(locked, Keys(first, (first,)), "T-more")) == 61
    with pytest.raises(Locked):
        asyncio.run(sell(locked, ON))
    assert verify_audit(locked / FILE_NAME, None, keys).entries == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another user")
def test_a_directory_of_another_user_gets_no_new_key(locked: Path, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    write_keys(key_file, (KEY,))
    os.chown(locked, 1, 1)
    with pytest.raises(CannotCreate, match="belongs to another user"):
        rotate(locked, key_file, [], "root", CLOCK)
    assert read_keys(key_file, make=False) == (KEY,)
    assert key_of(locked / FILE_NAME, ON) == KEY


def test_no_new_key_is_made_where_the_present_one_does_not_fit_or_there_are_too_many(
    locked: Path, tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    for known, said in (((OTHER,), "no key fits"), ((KEY,) * KEYS_MAX, "as many as can be")):
        write_keys(key_file, known)
        with pytest.raises(ConfigurationError, match=said):
            rotate(locked, key_file, [], "Ada", CLOCK)
        assert read_keys(key_file, make=False) == known


def test_a_database_of_an_older_version_gets_a_new_key_too(tmp_path: Path) -> None:
    path, key_file = restored(tmp_path, 10), tmp_path / "key"
    write_keys(key_file, (KEY,))
    conversion.convert(path, "", KEY)
    assert rotate(tmp_path, key_file, [], "Ada", CLOCK) == Rotated(former=1, files=0)
    assert verify_audit(path, None, Keys("", read_keys(key_file, make=False))).faults == []


def test_a_rotation_killed_at_any_step_leaves_all_sales_and_their_key_G2(tmp_path: Path) -> None:
    source, after, ended = tmp_path / "source", 0, False
    asyncio.run(sell(source, ON, *names(20)))
    write_keys(source / "key", (KEY,))
    firsts = set()
    while not ended:
        after += 1
        directory = tmp_path / f"cut-{after}"
        shutil.copytree(source, directory)
        ended = killed(directory / FILE_NAME, after, "rotate")
        known = read_keys(directory / "key", make=False)
        firsts.add(known[0] == KEY)
        assert KEY in known
        assert asyncio.run(sell(directory, Keys(known[0], known), "T-more")) == 21
        assert key_of(directory / FILE_NAME, Keys("", known)) == known[0]
    assert told == []
    assert firsts == {True, False}


def test_a_rotation_cut_short_is_finished_by_the_next_start(locked: Path) -> None:
    new = new_key()
    assert asyncio.run(sell(locked, Keys(new, (new, KEY)), "T-more")) == 61
    assert key_of(locked / FILE_NAME, Keys(new, (new,))) == new


def damaged(directory: Path, start: int, change: bytes) -> None:
    path = directory / FILE_NAME
    content = bytearray(path.read_bytes())
    content[start : start + len(change)] = change
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("start", "size"),
    [(0, 16), (0, 4_096), (20, 1), (4_095, 1), (5 * 4_096 + 77, 1), (5 * 4_096, 4_096), (12 * 4_096, 8_192)],
)
async def test_a_damaged_encrypted_file_is_salvaged_with_its_key_G13(locked: Path, start: int, size: int) -> None:
    damaged(locked, start, bytes(255 - byte for byte in (locked / FILE_NAME).read_bytes()[start : start + size]))
    async with open_database(locked, CLOCK, MENDING, ON) as database:
        books = await Outbox(database, CLOCK).books()
        assert books.balanced
        assert books.accepted.revisions > 40
        assert books.by_state[State.WAITING].revisions > 40
    assert len(told) == 1
    assert in_clear(locked) == []
    assert key_of(locked / FILE_NAME, ON) == KEY


async def test_a_damaged_plain_file_is_saved_into_an_encrypted_one_where_that_is_wanted_G13(plain: Path) -> None:
    damaged(plain, 0, bytes(100))
    assert await sell(plain, ON) == 60
    assert is_encrypted(plain / FILE_NAME)
    assert len(told) == 1


async def test_damage_without_anything_left_that_the_key_fits_is_known_by_the_mark_G13(locked: Path) -> None:
    size = (locked / FILE_NAME).stat().st_size
    damaged(locked, 0, os.urandom(size))
    assert await sell(locked, ON, "T-new") == 1
    assert len(told) == 1


async def test_what_is_deleted_is_overwritten_in_a_plain_file_G16(plain: Path) -> None:
    async with open_database(plain, CLOCK) as database:
        await database.write(lambda raw: raw.execute("UPDATE payload SET body = x''").rowcount)
        await database.fold()
        assert SECRET not in readable((plain / FILE_NAME).read_bytes())


def test_what_a_restore_leaves_out_of_the_backup_does_not_stay_in_the_file_G16(plain: Path, tmp_path: Path) -> None:
    printed = "INSERT INTO print_job (printer, about, content, created_at) VALUES ('till', 'a receipt', ?, 1)"
    with closing(sqlite.connect(str(plain / FILE_NAME), isolation_level=None)) as raw:
        raw.execute(printed, (b"planted-receipt" * 1_000,))
    backup = Backups(plain, tmp_path / "backups", keep=3, free_min=0).make(1.0, threading.Event())
    assert b"planted-receipt" in backup.path.read_bytes()
    with prepared(tmp_path / "here", backup.path, Restoring("Ada", 1_000, "b", "held"), CLOCK) as ready:
        ready.put_in_place()
    assert b"planted-receipt" not in (tmp_path / "here" / FILE_NAME).read_bytes()


def test_without_secure_delete_what_is_deleted_would_stay_in_the_file_G16(plain: Path) -> None:
    with closing(sqlite.connect(str(plain / FILE_NAME), isolation_level=None)) as raw:
        raw.execute("UPDATE payload SET body = x''")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert SECRET in readable((plain / FILE_NAME).read_bytes())


def test_the_audit_of_an_encrypted_store_is_verified_with_its_key(locked: Path) -> None:
    async def note() -> None:
        async with open_database(locked, CLOCK, MENDING, ON) as database:
            await Repair(database, CLOCK).note(Deed(Action.DRAIN, "Ada", "x"))

    asyncio.run(note())
    assert verify_audit(locked / FILE_NAME, None, ON).entries == 1
    with pytest.raises(Locked):
        verify_audit(locked / FILE_NAME, None, PLAIN)
