"""Any history of offers comes to rest with nothing lost and nothing given twice (G9).

The invariant at rest, with the line up and nothing left to send: no offer is locked, and an offer is redeemed exactly
if the last state that the platform took of some check is closed with that offer in it; never of two checks.
"""

from pathlib import Path

import pytest

from store_agent.storage import offers as module
from tests.offers.histories import History, Mix
from tests.offers.rig import open_rig

SEEDS = range(60)
OFFLINE = Mix(generous=True, rough=False)
ROUGH = Mix(generous=False, rough=True)


async def live(directory: Path, seed: int, mix: Mix) -> tuple[list[str], list[str]]:
    """Live a history; gives what is wrong at rest, and its course."""
    async with open_rig(directory / f"data-{seed}", generous=mix.generous) as rig:
        history = History(rig, seed, mix)
        await history.live()
        return history.wrongs(), history.course


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mix", [OFFLINE, ROUGH], ids=["offline", "rough"])
async def test_any_history_comes_to_rest_with_every_offer_where_it_belongs_G9(
    tmp_path: Path, seed: int, mix: Mix
) -> None:
    wrongs, course = await live(tmp_path, seed, mix)
    assert wrongs == [], "\n".join(course)


async def test_an_agent_that_gives_nothing_back_would_be_noticed_G9(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the agent believes of every offer that a later use has it."""
    monkeypatch.setattr(module, "_held", lambda *_: True)
    assert any([(await live(tmp_path, seed, ROUGH))[0] for seed in SEEDS])
