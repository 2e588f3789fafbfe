"""Whatever happens while a catalog is imported, who asks sees the old or the new one; and it never stops the agent."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.catalog import Catalog
from store_agent.errors import StorageFailure
from store_agent.storage import durable, edition, portions, sqlite, swapped
from store_agent.storage.catalog.file import FILE_NAME, CatalogFile, Stored, open_catalog
from store_agent.storage.duplicate import Stopped
from tests.storage.importing import COUNT
from tests.support.shop import ITEMS, SHOP, names, renamed

NEW = f"{FILE_NAME}.new"


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[CatalogFile]:
    opened = await open_catalog(tmp_path, SystemClock())
    yield opened
    await opened.close()


def judged(whole: Catalog, source: str | None) -> str | None:
    """Give the name that everything has. A mix, or another than its version tells of, fails."""
    found = {item.name for item in whole.items} | {category.name for category in whole.categories}
    assert len(found) <= 1, f"a mix of {found}"
    assert len(whole.items) in (0, COUNT, 300), f"{len(whole.items)} items"
    name = found.pop() if found else None
    assert source == name, f"{name} instead of {source}"
    return name


async def look(directory: Path) -> tuple[str | None, str | None]:
    """Open what is left, and give the name that all items have, and trouble."""
    catalog = await open_catalog(directory, SystemClock())
    try:
        answer = await catalog.load(Stored.whole)
        found = await catalog.search("old new", limit=COUNT + 1)
        assert found.value.entries == ()
        return judged(answer.value, answer.version.source if answer.version else None), catalog.trouble
    finally:
        await catalog.close()


@pytest.mark.parametrize("first", ["old", None])
async def test_killed_at_any_step_of_an_import_the_old_or_the_new_catalog_is_there(
    tmp_path: Path, first: str | None
) -> None:
    (tmp_path / "before").mkdir()
    if first:
        before = await open_catalog(tmp_path / "before", SystemClock())
        await before.replace(renamed(first, COUNT), first)
        await before.close()
    command = (sys.executable, "-m", "tests.storage.importing", str(tmp_path), "new")
    await asyncio.to_thread(subprocess.run, command, check=True)
    left = []
    for point in range(1, len(names(tmp_path))):
        name, trouble = await look(tmp_path / str(point))
        assert (trouble, name in (first, "new")) == (None, True)
        assert names(tmp_path / str(point)) == ([FILE_NAME] if name else [])
        left.append(name)
    assert left == sorted(left, key=lambda name: name == "new"), "once there, the new one stays"
    assert left.count(first) > 5, "kills came before the renaming"
    assert left.count("new") > 2, "and after it"


def write_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def publish(path: Path, layout: edition.Layout, prepare: Callable[[], edition.Edition], told: edition.Told) -> Any:
        edition.beside(path).touch()  # the file that a build writes through meanwhile
        prepared = prepare()
        with closing(sqlite.connect(str(path), isolation_level=None)) as raw:
            for table in ("shelf", "category", "item", "version"):
                raw.execute(f"DELETE FROM {table}")
            prepared.write(raw)
        raise Stopped("died")

    monkeypatch.setattr(swapped, "publish", publish)


async def test_writing_the_catalog_in_place_would_be_noticed(
    catalog: CatalogFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for the test above: a death between two commits leaves neither the old nor the new."""
    await catalog.replace(renamed("old", COUNT), "old")
    write_in_place(monkeypatch)
    with pytest.raises((Stopped, StorageFailure)):
        await catalog.replace(renamed("new", COUNT), "new")
    await catalog.close()
    with pytest.raises(AssertionError, match="instead of|a mix|items"):
        await look(tmp_path)


async def test_the_new_file_is_on_the_disk_before_it_has_its_name_and_the_name_before_the_answer(
    catalog: CatalogFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, ...]] = []
    write_through, rename = durable.write_through, Path.replace

    def synced(path: Path) -> None:
        done.append(("sync", path.name))
        write_through(path)

    def renamed_to(path: Path, target: Path) -> Path:
        done.append(("rename", path.name, target.name))
        return rename(path, target)

    for module in (edition, portions):
        monkeypatch.setattr(module, "write_through", synced)
    monkeypatch.setattr(Path, "replace", renamed_to)
    await catalog.replace(SHOP, "a test")
    assert done[-3:] == [("sync", NEW), ("rename", NEW, FILE_NAME), ("sync", tmp_path.name)]


async def ask_all_the_time(read: Callable[[], Any], until: threading.Event) -> set[str | None]:
    seen = set()
    while not until.is_set():
        seen.add(await read())
    return seen


async def replace_a_few_times(catalog: CatalogFile) -> None:
    for name in ("one", "two", "three", "one"):
        await catalog.replace(renamed(name), name)


async def test_who_asks_while_catalogs_are_replaced_sees_one_of_them_whole(catalog: CatalogFile) -> None:
    await catalog.replace(renamed("zero"), "zero")

    async def page() -> str | None:
        answer = await catalog.category("ALL", limit=300)
        assert answer.value is not None
        assert answer.version is not None
        found = {item.name for item in answer.value.items} | {answer.value.category.name}
        assert found == {answer.version.source}
        assert len(answer.value.items) == 300
        return found.pop()

    async def whole() -> str | None:
        answer = await catalog.load(Stored.whole)
        return judged(answer.value, answer.version.source if answer.version else None)

    async def search() -> str | None:
        answer = await catalog.search("00 1", limit=10)
        assert answer.version is not None
        assert {item.name for item in answer.value.entries} <= {answer.version.source}
        return answer.version.source

    over = threading.Event()
    asking = [asyncio.create_task(ask_all_the_time(read, over)) for read in (page, page, whole, search)]
    await replace_a_few_times(catalog)
    over.set()
    for seen in await asyncio.gather(*asking):
        assert len(seen) > 1, "nobody asked before and after a change"


async def test_asking_twice_for_one_answer_would_be_noticed(catalog: CatalogFile) -> None:
    """The control for the test above: what is put together from two moments is a mix."""
    await catalog.replace(renamed("zero"), "zero")
    before = (await catalog.category("ALL", limit=300)).value
    await catalog.replace(renamed("one"), "one")
    after = (await catalog.load(Stored.whole)).value
    assert before is not None
    with pytest.raises(AssertionError, match="a mix"):
        judged(Catalog(after.categories, before.items), "one")


async def test_a_long_look_at_the_old_catalog_outlives_its_replacement(catalog: CatalogFile) -> None:
    await catalog.replace(renamed("old"), "old")
    begun, go_on = threading.Event(), threading.Event()

    def slowly(stored: Stored) -> set[str]:
        items = stored.items()
        names = {next(items).name}
        begun.set()
        go_on.wait(30)
        return names | {item.name for item in items}

    looking = asyncio.create_task(catalog.load(slowly))
    await asyncio.to_thread(begun.wait, 30)
    await catalog.replace(renamed("new"), "new")
    assert (await catalog.item("00001")).value == renamed("new").items[1]
    go_on.set()
    answer = await looking
    assert answer.value == {"old"}
    assert answer.version is not None
    assert answer.version.source == "old"


async def test_who_no_longer_waits_for_an_import_ends_it(catalog: CatalogFile, tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(*_: int) -> None:
        begun.set()
        go_on.wait(30)

    importing = asyncio.create_task(catalog.replace(renamed("new"), "new", progress=slowly))
    await asyncio.to_thread(begun.wait, 30)
    importing.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await importing
    assert names(tmp_path) == []
    await catalog.replace(SHOP, "next")
    assert (await catalog.item("1001")).value == ITEMS[0]


async def test_closing_ends_an_import(catalog: CatalogFile, tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(*_: int) -> None:
        begun.set()
        go_on.wait(30)

    importing = asyncio.create_task(catalog.replace(renamed("new"), "new", progress=slowly))
    await asyncio.to_thread(begun.wait, 30)
    closing_it = asyncio.create_task(catalog.close())
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(Stopped):
        await importing
    await closing_it
    assert names(tmp_path) == []


async def test_what_a_crash_left_is_deleted_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / NEW).write_bytes(b"half of it")
    catalog = await open_catalog(tmp_path, SystemClock())
    assert names(tmp_path) == []
    await catalog.close()


async def test_the_file_is_the_agent_s_own(catalog: CatalogFile, tmp_path: Path) -> None:
    for source in ("first", "again"):
        await catalog.replace(SHOP, source)
        assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == [FILE_NAME]
