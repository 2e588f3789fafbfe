"""The managers' socket is made with no more rights than it is to have, or it is said why it cannot be."""

import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from store_agent.api.unix_socket import listen_at, remove
from store_agent.errors import Unavailable
from tests.support.accounts import BIN, MANAGERS, acting_as, needs_root, public_directory

SUN_PATH_BYTES = 107


@contextmanager
def listening(path: Path, group: int | None = None) -> Iterator[socket.socket]:
    """Listen for as long as the context lasts; the file stays, as after a crash."""
    listener = listen_at(path, group)
    try:
        yield listener
    finally:
        listener.close()


def reaches(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(str(path)) == 0


def refusal(path: Path, group: int | None = None) -> str:
    with pytest.raises(Unavailable) as refused:
        listen_at(path, group)
    assert str(path) in str(refused.value)
    assert not list(path.parent.glob("~*"))
    return str(refused.value)


def test_without_a_group_it_is_the_user_s_own(tmp_path: Path) -> None:
    path = tmp_path / "managers.sock"
    with listening(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert reaches(path)
        assert list(tmp_path.iterdir()) == [path]


@needs_root
def test_with_a_group_it_is_the_group_s_too(tmp_path: Path) -> None:
    path = tmp_path / "managers.sock"
    with listening(path, MANAGERS):
        assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_gid) == (0o660, MANAGERS)


@needs_root
def test_it_never_exists_with_wider_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen at every step, by whatever name."""
    seen: list[int] = []

    def look() -> None:
        seen.extend(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in tmp_path.iterdir())

    def watched(step: Any) -> Any:
        def take(*arguments: Any, **named: Any) -> None:
            look()
            step(*arguments, **named)
            look()

        return take

    for name in ("chown", "chmod", "replace"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    before = os.umask(0)
    try:
        with listening(tmp_path / "managers.sock", MANAGERS):
            assert os.umask(0) == 0
    finally:
        os.umask(before)
    assert seen
    assert set(seen) <= {0o000, 0o060}


def test_what_a_crash_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "managers.sock"
    for _ in range(2):
        with listening(path):
            assert reaches(path)
        assert path.exists()
        assert not reaches(path)
    (tmp_path / "~anagers.sock").touch()
    with listening(path):
        assert reaches(path)


def test_a_socket_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "managers.sock"
    with listening(path):
        assert "another program listens there" in refusal(path)
        assert reaches(path)


def test_a_listener_too_busy_to_answer_is_in_use_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "managers.sock"
    with listening(path) as listener:
        listener.listen(0)
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(path))
            done = threading.Thread(target=refusal, args=(path,))
            done.start()
            done.join(10)
            assert not done.is_alive()


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_is_no_socket_is_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "managers.sock"
    if kind == "file":
        path.write_text("kept")
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "elsewhere")
    before = path.lstat()
    assert "a file is there; correct api.socket" in refusal(path)
    assert path.lstat() == before


def test_a_directory_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "managers.sock"
    assert "its directory is not there; create it, or correct api.socket" in refusal(path)
    assert not path.parent.exists()
    (tmp_path / "file").touch()
    assert "is a file" in refusal(tmp_path / "file" / "managers.sock")


@needs_root
def test_a_user_without_the_right_is_told_the_cure() -> None:
    with public_directory() as directory, acting_as(BIN, BIN):
        assert "may not write to its directory" in refusal(directory / "managers.sock")
    with public_directory() as directory:
        os.chown(directory, BIN, BIN)
        with acting_as(BIN, BIN):
            assert "must be a member of api.managers_group" in refusal(directory / "managers.sock", MANAGERS)
        with acting_as(BIN, BIN, (MANAGERS,)), listening(directory / "managers.sock", MANAGERS):
            assert (directory / "managers.sock").stat().st_gid == MANAGERS


def test_the_longest_path_can_be_used(tmp_path: Path) -> None:
    with public_directory() as directory:
        name = "x" * (SUN_PATH_BYTES - len(os.fsencode(directory)) - 1)
        with listening(directory / name):
            assert reaches(directory / name)
        assert "correct api.socket" in refusal(directory / f"{name}x")


def test_removing_what_is_gone_is_nothing(tmp_path: Path) -> None:
    remove(tmp_path / "nothing")
