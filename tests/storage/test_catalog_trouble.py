"""Damage and a full disk cost the catalog at most, never a sale, and a person is told what to do."""

import errno
import shutil
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.errors import Damaged, DiskFull, StorageFailure
from store_agent.storage import edition, sqlite
from store_agent.storage.catalog.file import FILE_NAME, CatalogFile, Stored, open_catalog
from store_agent.storage.connection import connect_finished
from tests.support.shop import ITEMS, SHOP, names, renamed

ASIDE = f"{FILE_NAME}.set-aside"
NEW = f"{FILE_NAME}.new"


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[CatalogFile]:
    opened = await open_catalog(tmp_path, SystemClock())
    yield opened
    await opened.close()


@pytest.mark.parametrize("damage", ["nothing in it", "not a database", "cut off", "overwritten"])
async def test_a_damaged_catalog_is_set_aside_and_can_be_imported_again(
    catalog: CatalogFile, tmp_path: Path, damage: str
) -> None:
    await catalog.replace(renamed("old"), "old")
    await catalog.close()
    file = tmp_path / FILE_NAME
    whole = file.read_bytes()
    damaged = {
        "nothing in it": b"",
        "not a database": b"x" * 8_192,
        "cut off": whole[:8_192],
        "overwritten": whole[:16_384] + b"\xff" * (len(whole) - 16_384),
    }[damage]
    file.write_bytes(damaged)
    again = await open_catalog(tmp_path, SystemClock())
    try:
        answer = await again.category("ALL")
        assert (answer.value, answer.version, again.current()) == (None, None, None)
        assert (await again.missing(["4711"])).value == frozenset()
        assert again.trouble is not None
        assert "Import it again: store-agent catalog import FILE" in again.trouble
        assert names(tmp_path) == [ASIDE]
        assert (tmp_path / ASIDE).read_bytes() == damaged
        await again.replace(SHOP, "again")
        assert again.trouble is None
        assert (await again.item("1001")).value == ITEMS[0]
    finally:
        await again.close()


async def test_damage_that_shows_while_it_is_compared_costs_only_the_history(
    catalog: CatalogFile, tmp_path: Path
) -> None:
    await catalog.replace(renamed("old"), "old")
    with closing(sqlite.connect(str(tmp_path / FILE_NAME), isolation_level=None)) as raw:
        raw.execute("UPDATE item SET barcodes = '[' WHERE item_id = '00100'")
    with pytest.raises(StorageFailure, match="a list in it cannot be read"):
        await catalog.load(Stored.whole)
    await catalog.replace(renamed("old"), "old")
    with closing(sqlite.connect(str(tmp_path / FILE_NAME), isolation_level=None)) as raw:
        raw.execute("UPDATE item SET barcodes = '[' WHERE item_id = '00100'")
    replaced = await catalog.replace(renamed("new"), "new")
    assert replaced.changed
    assert (await catalog.load(Stored.whole)).value.items == renamed("new").items
    assert (replaced.version.number, replaced.version.added, replaced.version.listed) == (2, 301, 0)
    assert [version.number for version in (await catalog.versions()).value] == [2]


async def test_what_the_disk_made_of_a_new_catalog_is_looked_at_before_it_is_used(
    catalog: CatalogFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await catalog.replace(SHOP, "a test")

    def connect_failing(path: Path) -> sqlite.Connection:
        if path.name == NEW:
            whole = path.read_bytes()
            path.write_bytes(whole[:65_536] + b"\xff" * (len(whole) - 65_536))
        return connect_finished(path)

    monkeypatch.setattr(edition, "connect_finished", connect_failing)
    with pytest.raises(Damaged):
        await catalog.replace(renamed("new"), "new")
    assert names(tmp_path) == [FILE_NAME]
    assert (await catalog.item("1001")).value == ITEMS[0]


async def test_a_catalog_of_another_schema_is_set_aside(catalog: CatalogFile, tmp_path: Path) -> None:
    await catalog.replace(SHOP, "a test")
    await catalog.close()
    with closing(sqlite.connect(str(tmp_path / FILE_NAME))) as raw:
        raw.execute("PRAGMA user_version = 99")
    again = await open_catalog(tmp_path, SystemClock())
    assert again.current() is None
    assert again.trouble is not None
    assert "another version of store-agent (schema 99)" in again.trouble
    assert names(tmp_path) == [ASIDE]
    await again.close()


async def test_a_file_that_cannot_be_read_leaves_the_agent_without_a_catalog_and_in_place(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    catalog = await open_catalog(tmp_path, SystemClock())
    assert (await catalog.item("1001")).value is None
    assert catalog.trouble is not None
    assert "sales go on without it" in catalog.trouble
    assert names(tmp_path) == [FILE_NAME]
    await catalog.close()


@pytest.mark.parametrize("step", ["new", "sync", "rename", "copy"])
async def test_a_full_disk_refuses_an_import_and_keeps_the_catalog(
    catalog: CatalogFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await catalog.replace(SHOP, "a test")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    target, name = {
        "new": (edition, "_make_empty"),
        "sync": (edition, "write_through"),
        "rename": (Path, "replace"),
        "copy": (shutil, "copyfile"),
    }[step]
    with monkeypatch.context() as broken:
        broken.setattr(target, name, full)
        with pytest.raises(DiskFull, match="importing the catalog did not work"):
            await catalog.replace(SHOP if step == "copy" else renamed("new"), "new")
    assert names(tmp_path) == [FILE_NAME]
    assert (await catalog.item("1001")).value == ITEMS[0]
    await catalog.replace(renamed("new"), "new")
    assert (await catalog.search("new", 1)).value.entries == renamed("new").items[:1]


async def test_an_import_takes_none_of_the_room_that_sales_need(tmp_path: Path) -> None:
    catalog = await open_catalog(tmp_path, SystemClock(), free_min=2**60)
    with pytest.raises(DiskFull, match="There is no room for an import"):
        await catalog.replace(SHOP, "a test")
    assert names(tmp_path) == []
    await catalog.close()


async def test_if_only_the_last_sync_fails_the_new_catalog_is_read_and_the_failure_told(
    catalog: CatalogFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path) -> None:
        if path == tmp_path:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(edition, "write_through", broken)
    with pytest.raises(StorageFailure, match="The disk failed"):
        await catalog.replace(SHOP, "a test")
    assert (await catalog.item("1001")).value == ITEMS[0]
