"""Whatever a disk forgets: it is noticed or does not matter, no sale goes without a word, none goes out twice."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from store_agent.domain.lifecycle import State
from store_agent.errors import StorageFailure
from store_agent.storage import integrity, sqlite
from store_agent.storage.database import FILE_NAME
from store_agent.storage.salvage import sales
from store_agent.storage.salvage.rules import Fate, Seen
from tests.salvage.damages import DAMAGES, FRAME, LOG, Damage
from tests.salvage.histories import History
from tests.salvage.trial import run
from tests.support.texts import changed, know_texts

SEEDS = 2
SEEDS_MAX = 20
"""A byte that changes where nothing stands harms nothing; so many seeds find one that does."""

Histories = dict[str, History]


def trials(histories: Histories, directory: Path, damage: Damage, seeds: Iterable[int] = range(SEEDS)) -> Counter[str]:
    total: Counter[str] = Counter()
    for history in histories.values():
        for seed in seeds:
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            total += run(history, damage, f"{history.name}, {seed}", directory)
    return total


@pytest.mark.parametrize("name", DAMAGES)
def test_no_damage_loses_a_sale_silently_or_doubles_it_G2_G3_G13(
    histories: Histories, tmp_path: Path, name: str
) -> None:
    happened = trials(histories, tmp_path / "trial", DAMAGES[name])
    for seed in range(SEEDS, SEEDS_MAX):
        if not happened["salvaged"]:
            happened += trials(histories, tmp_path / "trial", DAMAGES[name], [seed])
    assert happened["salvaged"] > 0


def test_a_store_that_is_not_damaged_comes_through_a_salvage_as_it_was_G13(
    histories: Histories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, history in enumerate(histories.values()):
        directory = tmp_path / f"{number}"
        directory.mkdir()
        looks = iter(("for the test", ""))
        monkeypatch.setattr("tests.salvage.trial.look", lambda *_, looks=looks: next(looks))
        happened = run(history, lambda *_: None, "0", directory)
        trouble = ("open lost", "open in doubt", "settled lost", "settled in doubt", "codes lost", "told lost")
        assert [happened[what] for what in trouble] == [0] * len(trouble)


def _change_a_waiting_text(directory: Path, _: Random) -> None:
    raw = sqlite.connect(str(directory / FILE_NAME), isolation_level=None)
    know_texts(raw).execute(changed("payload", "1000", "1001"))
    raw.close()


def _change_the_journal(directory: Path, _: Random) -> None:
    file = directory / LOG
    content = bytearray(file.read_bytes())
    content[32 + FRAME * (len(content) // FRAME // 2) + 2_000] ^= 0x55
    file.write_bytes(content)


def _zero_the_last_version_of_pages(directory: Path, chance: Random) -> None:
    file = directory / LOG
    content = bytearray(file.read_bytes())
    frames = len(content) // FRAME
    for frame in chance.sample(range(frames // 2, frames - 5), frames // 6):
        content[32 + frame * FRAME + 24 : 32 + (frame + 1) * FRAME] = bytes(FRAME - 24)
    file.write_bytes(content)


def _no_seals(_: object) -> str:
    return ""


def _files_not_examined(_: Path, _key: str) -> str:
    return ""


def _whatever_can_be_read_goes_on(seen: Seen) -> Fate:
    return Fate.KEEP if seen.intact or seen.state is not State.WAITING else Fate.LOST


@dataclass(frozen=True)
class Control:
    """A mechanism, how it is broken, and a damage that is harmless as long as it is not."""

    history: str
    damage: Damage
    owner: object
    name: str
    broken: Callable[..., object]


CONTROLS = [
    Control("few wait, closed", _change_a_waiting_text, integrity, "_sales", _no_seals),
    Control("few wait, all in the journal", _change_the_journal, integrity, "examine", _files_not_examined),
    Control("drained, then busy", _zero_the_last_version_of_pages, sales, "decide", _whatever_can_be_read_goes_on),
]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_without_seals_or_a_look_at_the_journal_or_doubt_it_would_be_found_out_G13(
    histories: Histories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, control: Control
) -> None:
    one = {control.history: histories[control.history]}
    trials(one, tmp_path / "sound", control.damage)
    monkeypatch.setattr(control.owner, control.name, control.broken)
    with pytest.raises(
        (AssertionError, StorageFailure), match="would go out|unnoticed|is gone without|became|did not work"
    ):
        trials(one, tmp_path / "broken", control.damage, seeds=range(20))
