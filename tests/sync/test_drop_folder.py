"""The drop folder: what is put there is imported once it is whole, and moved away with a report."""

import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.events import Event
from store_agent.domain.uploads import Kind, Pushed
from store_agent.errors import AgentError, CannotCreate, StorageFailure
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.catalog.file import open_catalog
from store_agent.storage.employees import open_employees
from store_agent.sync import drop_folder
from store_agent.sync.drop_folder import DropFolder, DropFolderChore, Found, Mark
from store_agent.sync.imports import UPLOAD_WORDS, Imports
from store_agent.sync.shelves import Shelves
from store_agent.sync.uploads import UploadRules, Uploads
from tests.conftest import MakeAgent
from tests.support.hands import HandSetClock

BYTES_MAX = 10_000
TABLE = "item_id,name\n4711,Apple juice\n"
STAFF = "employee_id,first_name,last_name\n7,Ada,Byron\n"


class Folder:
    """A drop folder, the shelves that it fills, and the events that it tells."""

    def __init__(self, directory: Path, shelves: Shelves) -> None:
        self.directory = directory / "drop"
        self.directory.mkdir()
        self.shelves = shelves
        self.events: list[Event] = []
        nobody: Any = None  # uploads are switched off
        uploads = Uploads(shelves, nobody, nobody, nobody, rules=UploadRules(wanted=False, bytes_max=1), tell=nobody)
        self.imports = Imports(shelves, uploads)
        self.folder = DropFolder(self.directory, BYTES_MAX, (directory / "data",))
        self.chore = DropFolderChore(self.folder, self.imports, HandSetClock(), self.events.append)

    def drop(self, name: str, content: str = TABLE) -> Path:
        path = self.directory / name
        path.write_text(content, encoding="utf-8")
        return path

    async def look(self, times: int = 2) -> None:
        for _ in range(times):
            await self.chore.run_once()

    def waiting(self) -> list[str]:
        return sorted(path.name for path in self.directory.iterdir() if path.name not in ("done", "failed"))

    def moved(self, below: str) -> list[str]:
        """Names without the time, reports left out."""
        names = (path.name for path in (self.directory / below).iterdir())
        return sorted(name.split("-", 3)[3] for name in names if not name.endswith(".report.txt"))

    def report(self, below: str) -> str:
        (path,) = (self.directory / below).glob("*.report.txt")
        assert path.with_name(path.name.removesuffix(".report.txt")).exists()
        return path.read_text(encoding="utf-8")

    async def names(self) -> list[str]:
        found = (await self.shelves.catalog.load(lambda kept: [item.name for item in kept.items()])).value
        return sorted(name or "" for name in found)


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Folder]:
    data = tmp_path / "data"
    data.mkdir()
    shelves = Shelves(await open_catalog(data, SystemClock()), await open_employees(data, SystemClock()))
    yield Folder(tmp_path, shelves)
    await shelves.close()


async def test_a_file_that_is_whole_is_imported_and_moved_with_a_report(folder: Folder) -> None:
    folder.drop("catalog.csv")
    await folder.look()
    assert await folder.names() == ["Apple juice"]
    assert (folder.waiting(), folder.moved("done"), folder.moved("failed")) == ([], ["catalog.csv"], [])
    report = folder.report("done")
    assert "catalog.csv was taken. Version 1 of the catalog is in use: 1 items" in report
    assert "1 added" in report
    assert "Uploads are switched off" in report
    (event,) = folder.events
    assert (event.name, event.details["version"], event.details["upload"]) == ("import.done", 1, "off")
    version = folder.shelves.catalog.current()
    assert version is not None
    assert version.source == "dropped as catalog.csv"


async def drop_in_pieces(folder: Folder) -> None:
    path = folder.drop("catalog.csv", "")
    for line in ("item_id,name\n", "4711,Apple juice\n", "4712,Pear juice\n"):
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
        await folder.look(1)


async def test_a_file_that_still_grows_is_left_alone(folder: Folder) -> None:
    await drop_in_pieces(folder)
    assert folder.waiting() == ["catalog.csv"]
    assert folder.events == []
    await folder.look(1)
    assert await folder.names() == ["Apple juice", "Pear juice"]


async def test_half_a_file_would_be_taken_if_it_were_not_looked_at_twice(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for the test above."""
    monkeypatch.setattr(drop_folder, "_mark", lambda status: Mark(0, 1_000, status.st_ino))
    await drop_in_pieces(folder)
    assert folder.moved("done")[:1] == ["catalog.csv"]
    assert await folder.names() != ["Apple juice", "Pear juice"]


async def test_a_bad_file_is_moved_with_line_and_reason_and_stops_no_other(folder: Folder) -> None:
    folder.drop("a-bad.csv", "item_id,name\n4711,Apple\n4712,\n4711,Pear\n")
    folder.drop("b-good.csv")
    folder.drop("c-bad.json", '{"items": [')
    folder.drop("d-empty.csv", "")
    await folder.look()
    assert folder.moved("done") == ["b-good.csv"]
    assert folder.moved("failed") == ["a-bad.csv", "c-bad.json", "d-empty.csv"]
    assert await folder.names() == ["Apple juice"]
    (report,) = (folder.directory / "failed").glob("*a-bad.csv.report.txt")
    said = report.read_text(encoding="utf-8")
    assert "what was in use stays in use" in said
    assert "  line 3, name " in said
    assert "line 4" in said
    refused = [event for event in folder.events if event.name == "import.failed"]
    assert len(refused) == 3
    assert report.name in refused[0].words


@pytest.mark.parametrize(
    "content",
    [
        STAFF,
        "\ufeffFirst_Name;last_name;Employee ID\nAda;Byron;7\n",
        json.dumps({"request_payload": {"employees": [{"employee_id": "7", "first_name": "A", "last_name": "B"}]}}),
    ],
)
async def test_employees_are_known_by_their_content_whatever_the_name(folder: Folder, content: str) -> None:
    folder.drop("catalog.txt", content)
    await folder.look()
    assert folder.moved("done") == ["catalog.txt"], folder.report("failed")
    assert (await folder.shelves.employees.employee("7")).value is not None
    assert folder.shelves.catalog.current() is None


async def test_links_hidden_files_directories_and_pipes_are_left_alone(folder: Folder, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(TABLE)
    (folder.directory / "link.csv").symlink_to(secret)
    folder.drop(".catalog.csv.part")
    (folder.directory / "more").mkdir()
    (folder.directory / "more" / "catalog.csv").write_text(TABLE)
    os.mkfifo(folder.directory / "pipe.csv")
    await folder.look(3)
    assert folder.waiting() == [".catalog.csv.part", "link.csv", "more", "pipe.csv"]
    assert secret.read_text() == TABLE
    assert folder.events == []


async def test_a_file_that_becomes_a_link_after_it_was_found_is_not_read(folder: Folder, tmp_path: Path) -> None:
    path = folder.drop("catalog.csv")
    found = Found("catalog.csv", drop_folder._mark(path.stat()))
    kept = path.rename(tmp_path / "catalog.csv")
    path.symlink_to(kept)
    assert kept.stat().st_ino == found.mark.inode  # so that only the link tells them apart
    with pytest.raises(StorageFailure, match="cannot be read"):
        folder.folder.read(found)


async def test_a_file_that_is_too_large_is_refused_unread(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.drop("large.csv", TABLE + " " * BYTES_MAX)
    monkeypatch.setattr(drop_folder, "open", None, raising=False)
    await folder.look()
    assert folder.moved("failed") == ["large.csv"]
    assert "more than catalog.body_bytes_max (10,000)" in folder.report("failed")


async def test_the_newest_of_several_prevails(folder: Folder) -> None:
    for age, name in enumerate(("b-new", "c-middle", "a-old")):
        path = folder.drop(f"{name}.csv", f"item_id,name\n4711,{name}\n")
        os.utime(path, (1_780_000_000 - age, 1_780_000_000 - age))
    await folder.look()
    assert await folder.names() == ["b-new"]


async def test_the_same_name_again_in_the_same_second_replaces_nothing(folder: Folder) -> None:
    for name in ("Apple", "Pear", "Plum"):
        folder.drop("catalog.csv", f"item_id,name\n1,{name}\n")
        await folder.look()
    kept = [path for path in (folder.directory / "done").iterdir() if path.suffix == ".csv"]
    assert sorted(path.read_text().split(",")[-1].strip() for path in kept) == ["Apple", "Pear", "Plum"]
    assert len(list((folder.directory / "done").glob("*.report.txt"))) == 3


@pytest.mark.parametrize(
    "name", [b"caf\xe9.csv", b"two\nlines.csv", b"x" * 250 + b".csv", "ü".encode() * 125 + b".csv"]
)
async def test_a_name_that_is_no_text_or_too_long_holds_nothing_up(folder: Folder, name: bytes) -> None:
    folder.drop(os.fsdecode(name))
    await folder.look()
    assert folder.waiting() == []
    (event,) = folder.events
    assert event.name == "import.done"
    event.words.encode()
    assert event.words.isprintable()


class Troubled(Imports):
    """Fails in a way of the test's choice, or does something beside."""

    def __init__(self, imports: Imports, trouble: Exception | None = None, path: Path | None = None) -> None:
        self._imports = imports
        self.trouble = trouble
        self._path = path

    async def take(self, kind: Kind, content: bytes, source: str) -> Any:
        if self.trouble is not None and b"Apple" in content:
            raise self.trouble
        if self._path is not None:
            self._path.write_text("item_id,name\n4711,Newer\n")
            self._path = None
        return await self._imports.take(kind, content, source)


async def test_a_disk_that_fails_leaves_the_file_for_the_next_look(folder: Folder) -> None:
    folder.drop("catalog.csv")
    folder.drop("staff.csv", STAFF)
    folder.chore._imports = troubled = Troubled(folder.imports, StorageFailure("The disk failed."))
    await folder.look(1)
    for _ in range(2):
        with pytest.raises(StorageFailure, match="catalog.csv: The disk failed."):
            await folder.look(1)
    assert (folder.waiting(), folder.moved("done")) == (["catalog.csv"], ["staff.csv"])
    troubled.trouble = None
    await folder.look(1)
    assert (folder.waiting(), folder.moved("done")) == ([], ["catalog.csv", "staff.csv"])


async def test_a_fault_of_the_agent_sets_the_file_aside_instead_of_trying_for_ever(folder: Folder) -> None:
    folder.drop("catalog.csv")
    folder.chore._imports = Troubled(folder.imports, ZeroDivisionError())
    await folder.look()
    assert folder.moved("failed") == ["catalog.csv"]
    assert "a fault in store-agent (ZeroDivisionError)" in folder.report("failed")


async def test_a_file_that_comes_while_its_predecessor_is_imported_is_not_moved_unread(folder: Folder) -> None:
    path = folder.drop("catalog.csv")
    folder.chore._imports = Troubled(folder.imports, path=path)
    await folder.look()
    assert (folder.waiting(), folder.moved("done"), await folder.names()) == (["catalog.csv"], [], ["Apple juice"])
    assert list((folder.directory / "done").iterdir()) == []
    await folder.look()
    assert (folder.waiting(), await folder.names()) == ([], ["Newer"])


async def test_an_import_that_was_not_moved_before_a_crash_is_repeated_without_effect(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.drop("catalog.csv")

    def crash(*_: object) -> None:
        raise StorageFailure("The power is gone.")

    with monkeypatch.context() as broken:
        broken.setattr(DropFolder, "put_away", crash)
        await folder.look(1)
        with pytest.raises(StorageFailure):
            await folder.look(1)
    await folder.look(1)
    assert "It holds the catalog that is in use already" in folder.report("done")
    assert folder.events[-1].details["changed"] is False


def test_a_file_that_cannot_be_moved_leaves_no_report_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DropFolder(tmp_path, BYTES_MAX, ())
    (tmp_path / "catalog.csv").write_text(TABLE)
    folder.settled()
    (found,) = folder.settled()

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StorageFailure, match="cannot be moved to done"):
        folder.put_away(found, "done", "report", datetime.now(UTC))
    assert list((tmp_path / "done").iterdir()) == []
    assert (tmp_path / "catalog.csv").exists()


@pytest.mark.parametrize("what", ["missing", "a file", "done is a file", "failed is a link", "may not", "own"])
async def test_a_folder_that_cannot_be_used_is_told_in_words(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "drop"
    if what == "a file":
        directory.touch()
    elif what != "missing":
        directory.mkdir()
    if what == "done is a file":
        (directory / "done").touch()
    if what == "failed is a link":
        (directory / "failed").symlink_to(tmp_path)
    if what == "may not":
        monkeypatch.setattr(os, "access", lambda *_: False)
    folder = DropFolder(directory, BYTES_MAX, (directory,) if what == "own" else ())
    with pytest.raises(CannotCreate, match=r"cannot be used: .*correct catalog.watch_directory") as told:
        folder.settled()
    assert isinstance(told.value, AgentError)


async def test_a_running_agent_takes_what_is_dropped_and_says_when_it_cannot(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    watched = {"watch_directory": str(drop), "watch_seconds": 0.05}
    agent = make_agent(platform.url, catalog=watched).start()
    agent.wait_for_log("chore.failed")
    assert any("Files for the catalog and the employees wait" in words for words in agent.status()["words"])
    drop.mkdir()
    (drop / ".catalog.csv").write_text(TABLE)
    (drop / ".catalog.csv").rename(drop / "catalog.csv")
    agent.wait_for_log("import.done")
    assert not any("Files for the catalog" in words for words in agent.status()["words"])
    (report,) = (drop / "done").glob("*.report.txt")
    assert "It goes to the platform as soon as the line allows." in report.read_text()
    agent.wait_for_outbox(delivered=1)
    assert agent.client.get("/v1/catalog/items/4711").json()["payload"]["item"]["name"] == "Apple juice"


def test_every_end_of_an_upload_has_words() -> None:
    assert set(UPLOAD_WORDS) == set(Pushed)
