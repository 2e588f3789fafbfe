"""The directory of kept sales: whole or not there, in order, bounded, one at a time."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from store_agent.client import NotKept
from store_agent.client.kept import DAMAGED, BadFile, KeptSales, TurnTaken


def kept_in(directory: Path, *, sales_max: int = 100, turn_seconds: float = 0.0) -> KeptSales:
    return KeptSales(directory / "kept", sales_max=sales_max, turn_seconds=turn_seconds)


def test_sales_are_kept_byte_for_byte_in_order(tmp_path: Path) -> None:
    kept = kept_in(tmp_path)
    bodies = [b"sale %d\n\x00\xff" % number for number in range(12)]
    names = [kept.put(body) for body in bodies]
    assert kept_in(tmp_path).names() == names
    assert [kept.read(name) for name in names] == bodies
    kept.remove(names[0])
    assert kept.names() == names[1:]
    assert oct((tmp_path / "kept").stat().st_mode)[-3:] == "700"
    assert oct((tmp_path / "kept" / names[1]).stat().st_mode)[-3:] == "600"


def test_a_sale_is_on_the_disk_before_it_has_its_name_and_its_name_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def noted_fsync(descriptor: int) -> None:
        done.append("sync " + ("names" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"))
        fsync(descriptor)

    def noted_rename(path: Path, target: Path) -> Path:
        done.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    kept_in(tmp_path).put(b"sale")
    assert done == ["sync file", "rename", "sync names"]


class Crash(BaseException):
    """The plugin dies."""


@pytest.mark.parametrize("step", [(os, "fsync"), (Path, "rename"), (KeptSales, "_sync_names")])
def test_a_crash_while_keeping_leaves_a_whole_sale_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]
) -> None:
    def die(*_: Any) -> None:
        raise Crash

    with monkeypatch.context() as dying:
        dying.setattr(*step, die)
        with pytest.raises(Crash):
            kept_in(tmp_path).put(b"the one")
    kept = kept_in(tmp_path)
    before = kept.names()
    assert [kept.read(name) for name in before] == ([b"the one"] if step[1] == "_sync_names" else [])
    name = kept.put(b"the next")
    assert kept.names() == [*before, name]
    assert not list((tmp_path / "kept").glob("*.unfinished"))


@pytest.mark.parametrize("damage", [b"", b"other", b"\n", None])
def test_a_damaged_file_is_known_by_its_checksum(tmp_path: Path, damage: bytes | None) -> None:
    kept = kept_in(tmp_path)
    name = kept.put(b'{"request_payload": {"transaction_id": "T-1"}}')
    file = tmp_path / "kept" / name
    file.write_bytes(file.read_bytes().replace(b"T-1", b"T-2") if damage is None else damage)
    with pytest.raises(BadFile):
        kept.read(name)


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    kept = kept_in(tmp_path)
    kept.put(b"sale")
    (tmp_path / "kept" / "notes.txt").write_text("remember the milk")
    (tmp_path / "kept" / "x.sale").write_text("mine")
    kept.put(b"sale")
    assert len(kept.names()) == 2


def test_no_more_sales_are_kept_than_may_be_and_those_set_aside_count(tmp_path: Path) -> None:
    kept = kept_in(tmp_path, sales_max=3)
    names = [kept.put(b"sale") for _ in range(3)]
    kept.set_aside(names[0], DAMAGED, None)
    with pytest.raises(NotKept, match="holds 3 sales already"):
        kept.put(b"sale")
    kept.remove(names[1])
    assert kept.put(b"sale") > names[2]


def test_a_disk_that_does_not_do_what_it_must_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotKept, match="No space left on device"):
        kept_in(tmp_path).put(b"sale")
    (tmp_path / "kept").rename(tmp_path / "gone")
    (tmp_path / "kept").write_text("a file")
    with pytest.raises(NotKept, match="cannot be used"):
        kept_in(tmp_path).names()


def test_whoever_waits_for_a_turn_in_vain_is_told(tmp_path: Path) -> None:
    kept = kept_in(tmp_path)
    with kept.flush_turn():
        assert kept.put(b"sale")  # keeping does not wait for a flush
        with pytest.raises(TurnTaken), kept.flush_turn():
            pass
    with kept.flush_turn():
        pass


def test_a_turn_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kept_in(tmp_path).flush_turn()
    first.__enter__()
    monkeypatch.setattr("time.sleep", lambda _: first.__exit__(None, None, None))
    with kept_in(tmp_path, turn_seconds=10).flush_turn():
        pass


KEEPER = """
import sys
from pathlib import Path
from store_agent.client.kept import KeptSales
kept = KeptSales(Path(sys.argv[1]), sales_max=1000, turn_seconds=30)
for number in range(40):
    kept.put(f"{sys.argv[2]} {number:02}".encode())
"""


def test_two_processes_keep_in_one_directory(tmp_path: Path) -> None:
    directory = tmp_path / "kept"
    keepers = [subprocess.Popen([sys.executable, "-c", KEEPER, str(directory), who]) for who in ("a", "b")]
    assert [keeper.wait(60) for keeper in keepers] == [0, 0]
    kept = kept_in(tmp_path)
    names = kept.names()
    bodies = [kept.read(name).decode() for name in names]
    assert len({name.partition("-")[0] for name in names}) == 80
    for who in ("a", "b"):
        assert [body for body in bodies if body.startswith(who)] == [f"{who} {number:02}" for number in range(40)]
