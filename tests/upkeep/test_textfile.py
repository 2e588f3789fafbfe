"""The file for node_exporter is replaced as a whole, readable by everybody, and nothing is left of one that failed."""

import os
from pathlib import Path

import pytest

from store_agent.errors import CannotCreate
from store_agent.upkeep.textfile import TextfileChore


async def some() -> bytes:
    return b"store_agent_ready 1\n"


async def test_it_is_written_and_everybody_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "store_agent.prom"
    before = os.umask(0o077)
    try:
        await TextfileChore(path, some).run_once()
    finally:
        os.umask(before)
    assert path.read_bytes() == await some()
    assert path.stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208 - in an async test


async def test_whoever_reads_the_old_one_goes_on_reading_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "store_agent.prom"
    path.write_bytes(b"old\n")
    with path.open("rb") as file:
        await TextfileChore(path, some).run_once()
        assert file.read() == b"old\n"
    assert path.read_bytes() == await some()


async def test_a_directory_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CannotCreate, match="ReadWritePaths"):
        await TextfileChore(tmp_path / "none" / "store_agent.prom", some).run_once()


async def test_nothing_is_left_of_a_file_that_could_not_take_its_place(tmp_path: Path) -> None:
    path = tmp_path / "store_agent.prom"
    path.mkdir()
    with pytest.raises(CannotCreate):
        await TextfileChore(path, some).run_once()
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208 - in an async test


async def test_a_link_that_somebody_laid_in_its_way_leads_to_no_other_file(tmp_path: Path) -> None:
    sales = tmp_path / "store-agent.db"
    sales.write_bytes(b"sales")
    (tmp_path / ".store_agent.prom.new").symlink_to(sales)
    await TextfileChore(tmp_path / "store_agent.prom", some).run_once()
    assert sales.read_bytes() == b"sales"
    assert (tmp_path / "store_agent.prom").read_bytes() == await some()
