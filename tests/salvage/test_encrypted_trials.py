"""The trials of damage on stores that are encrypted: the same holds, and none is ever taken for locked."""

from contextlib import closing
from pathlib import Path

import pytest

from store_agent.storage.connection import connect_writer
from store_agent.storage.conversion import convert
from store_agent.storage.database import FILE_NAME
from tests.salvage.damages import DAMAGES, LOG
from tests.salvage.histories import History
from tests.salvage.test_trials import Histories, trials

KEY = "5a" * 32
TAKEN = ("few wait, closed", "busy, closed")
_TOUCH = "UPDATE payload SET seal = seal; UPDATE batch SET answer = answer; UPDATE revision SET attempts = attempts;"
"""Writes pages anew that say the same, so that they stand in the journal, too."""


@pytest.fixture(scope="module")
def encrypted(histories: Histories, tmp_path_factory: pytest.TempPathFactory) -> Histories:
    """Some of the stores, encrypted: with everything in the file, and with much of it in the journal."""
    made: Histories = {}
    for name in TAKEN:
        for in_journal in (False, True):
            history = _encrypted(histories[name], tmp_path_factory.mktemp("encrypted"), in_journal=in_journal)
            made[history.name] = history
    return made


def _encrypted(history: History, directory: Path, *, in_journal: bool) -> History:
    path = history.put(directory)
    convert(path, "", KEY)
    with closing(connect_writer(path, KEY)) as raw:
        if in_journal:
            raw.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
            raw.executescript(_TOUCH)
        names = [name for name in (FILE_NAME, LOG) if (directory / name).exists()]
        files = {name: (directory / name).read_bytes() for name in names}
    return History(f"{history.name}, {in_journal}", files, history.truth, [], KEY)


@pytest.mark.parametrize("name", DAMAGES)
def test_no_damage_to_an_encrypted_store_loses_a_sale_silently_or_doubles_it_G2_G3_G13(
    encrypted: Histories, tmp_path: Path, name: str
) -> None:
    assert trials(encrypted, tmp_path / "trial", DAMAGES[name])["salvaged"] > 0


def test_an_encrypted_store_with_a_damaged_byte_keeps_nearly_all_of_its_sales_G13(
    encrypted: Histories, tmp_path: Path
) -> None:
    happened = trials(encrypted, tmp_path / "trial", DAMAGES["a byte of the file"], seeds=range(6))
    assert happened["open kept"] > 9 * (happened["open lost"] + happened["open in doubt"])
