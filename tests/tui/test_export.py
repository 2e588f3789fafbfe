"""Sales are written into a new file of the person's own, whole or not at all."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store_agent.errors import CannotCreate
from store_agent.tui.export import write_sales
from tests.support.sales import sale


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Have the system refuse to write more, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_each_sale_is_a_line_that_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "sales.jsonl"
    sales = [sale("T-1"), sale("T-ü\ud800")]
    assert await write_sales(sales, path) == f"2 sales were written to {path}."
    assert [json.loads(line) for line in path.read_text().splitlines()] == sales
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "sales.jsonl"
    path.write_text("something else")
    with pytest.raises(CannotCreate, match="cannot be written \\(File exists\\); nothing was exported"):
        await write_sales([sale()], path)
    assert path.read_text() == "something else"


async def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "sales.jsonl"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotCreate):
        await write_sales([sale()], path)
    assert not (tmp_path / "elsewhere").exists()


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotCreate, match="No such file or directory"):
        await write_sales([sale()], tmp_path / "nowhere" / "sales.jsonl")


@pytest.mark.parametrize("number", [1, 100])
async def test_where_there_is_no_room_no_half_file_is_left(tmp_path: Path, number: int) -> None:
    path = tmp_path / "sales.jsonl"
    with files_of_at_most(100), pytest.raises(CannotCreate, match="File too large.*nothing was exported"):
        await write_sales([sale()] * number, path)
    assert not path.exists()
    assert await write_sales([sale()], path) == f"1 sale was written to {path}."
