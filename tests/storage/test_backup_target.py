"""A backup never takes the place of something that the agent needs, and is never made as the wrong user."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from store_agent.errors import CannotCreate
from store_agent.storage.backup import Backups
from store_agent.storage.database import FILE_NAME, Database
from store_agent.storage.duplicate import Care

Make = Callable[[Path], Path]


@pytest.fixture
def backups(database: Database, tmp_path: Path) -> Backups:
    return Backups(tmp_path / "data", tmp_path / "data" / "backups", keep=3, free_min=0)


def files(directory: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(directory.rglob("*"))}


def linked(to: str) -> Make:
    def make(home: Path) -> Path:
        (home / "link").symlink_to(home / "data" / to)
        return home / "link"

    return make


def inside(name: str) -> Make:
    return lambda home: home / "data" / name


def through_a_folder(home: Path) -> Path:
    return linked("")(home) / FILE_NAME


TARGETS: dict[str, Make] = {
    "the database": inside(FILE_NAME),
    "its journal": inside(f"{FILE_NAME}-wal"),
    "its index": inside(f"{FILE_NAME}-shm"),
    "the copy before an upgrade": inside("before-schema-5.db"),
    "what was set aside": inside(f"damaged-1/{FILE_NAME}"),
    "a new name": inside("new.db"),
    "a way around": inside(f"../data/{FILE_NAME}"),
    "a link to the database": linked(FILE_NAME),
    "a link to the directory": through_a_folder,
    "a directory": lambda home: home,
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_agent_s_own_files_are_no_place_for_a_backup_G2(
    backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target = TARGETS[name](tmp_path)
    before = files(tmp_path)
    with pytest.raises(CannotCreate, match=r"lies in the storage directory|is a directory"):
        backups.make_at(target, threading.Event())
    assert files(tmp_path) == before
    if name in ("the database", "a link to the directory"):
        monkeypatch.setattr(Backups, "_refuse_target", lambda *_: None)
        inode = (tmp_path / "data" / FILE_NAME).stat().st_ino
        backups.make_at(target, threading.Event())
        assert (tmp_path / "data" / FILE_NAME).stat().st_ino != inode, "the control: it would be replaced"


def test_a_link_to_another_disk_is_a_place_for_a_backup(backups: Backups, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "stick")
    made = backups.make_at(tmp_path / "link" / "x.db", threading.Event())
    assert made.size == (tmp_path / "stick" / "x.db").stat().st_size


@pytest.mark.parametrize("to", [None, "stick.db"])
def test_a_backup_by_another_user_writes_nothing(
    backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str | None
) -> None:
    before = files(tmp_path)
    stranger = os.geteuid() + 1
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: stranger)
        with pytest.raises(CannotCreate, match="sudo -u"):
            backup(backups, tmp_path, to)
    assert files(tmp_path) == before
    backup(backups, tmp_path, to)
    assert files(tmp_path) != before, "the control: as the right user it is made"


def backup(backups: Backups, home: Path, to: str | None) -> None:
    stop = threading.Event()
    backups.make(0.0, stop) if to is None else backups.make_at(home / to, stop)


@pytest.mark.parametrize(("number", "said"), [(errno.EROFS, True), (errno.EIO, False)])
def test_a_place_that_the_service_may_not_write_is_told_with_its_cure(
    backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, said: bool
) -> None:
    def refuse(_source: Path, _target: Path, _care: Care, _key: str) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("store_agent.storage.duplicate._copy", refuse)
    with pytest.raises(CannotCreate, match="Sales are not affected") as told:
        backups.make_at(tmp_path / "x.db", threading.Event())
    assert (f"ReadWritePaths=-{tmp_path}" in str(told.value)) is said
