"""Every row is found without the help of SQLite: by the pointer map and the schema, and by its shape without them."""

from pathlib import Path

import pytest

from store_agent.storage import sqlite
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.salvage.finds import Finds
from store_agent.storage.salvage.pages import Image
from store_agent.storage.salvage.shapes import Shape, read_shapes
from tests.salvage.damages import PAGE
from tests.salvage.histories import History

WITNESSES = ("revision", "payload", "revision_by_state", "revision_by_transaction")


@pytest.fixture
def shapes(tmp_path: Path) -> dict[str, Shape]:
    raw = sqlite.connect(":memory:", isolation_level=None)
    migrate(raw, tmp_path / "none", steps())
    found = read_shapes(raw)
    raw.close()
    return found


def found_in(path: Path, shapes: dict[str, Shape]) -> dict[str, set[int]]:
    """Give which sequences each witness has for certain."""
    with Image(path) as image:
        finds = Finds(image, shapes, path.with_name("finds"))
        finds.scan()
        certain: dict[str, set[int]] = {noun: set() for noun in WITNESSES}
        for sequence, copies in finds.together(*WITNESSES):
            for noun, same in copies.items():
                certain[noun] |= {sequence} if any(copy.certain for copy in same) else set()
        finds.close()
    return certain


@pytest.mark.parametrize("name", ["busy, closed", "drained, then busy", "purged", "purged, closed"])
def test_each_revision_has_four_witnesses_and_purged_ones_none_G13(
    histories: dict[str, History], tmp_path: Path, shapes: dict[str, Shape], name: str
) -> None:
    history = histories[name]
    found = found_in(history.put(tmp_path), shapes)
    assert found == {noun: set(history.truth.revisions) for noun in WITNESSES}


@pytest.mark.parametrize("page", [1, 2])
def test_without_schema_or_pointer_map_rows_are_known_by_their_shape_G13(
    histories: dict[str, History], tmp_path: Path, shapes: dict[str, Shape], page: int
) -> None:
    history = histories["busy, closed"]
    path = history.put(tmp_path)
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(content)
    with Image(path) as image:
        finds = Finds(image, shapes, tmp_path / "finds")
        finds.scan()
        sequences = {sequence for sequence, copies in finds.together(*WITNESSES) if copies["revision"]}
        finds.close()
    assert sequences >= set(history.truth.revisions)
