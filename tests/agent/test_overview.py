"""What status tells beside line and queue: chores that fail, and a clock that is wrong (G14)."""

from types import SimpleNamespace
from typing import Any

import pytest

from store_agent.agent.overview import Overview
from store_agent.agent.schedule import Done
from store_agent.domain.skew import Skew
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.remembered import Nothing
from tests.conftest import MakeAgent
from tests.support.sales import sale

NAMES = (
    "space",
    "heartbeat",
    "retention",
    "checkpoint",
    "integrity",
    "backup",
    "offers",
    "uploads",
    "employees",
    "last_seen",
    "overlap",
    "prints",
)


def overview(skew: Skew | None = None, failing: str = "", forgetting: str = "") -> Overview:
    done = {name: Done(60.0, 1_000.0, "There is no room." if name == failing else "") for name in (*NAMES, "drop")}
    parts: Any = SimpleNamespace(ways=SimpleNamespace(platform=SimpleNamespace(skew=skew)), done=done, made_at=None)
    return Overview(parts, parts, Nothing(forgetting), parts)


def test_when_all_is_well_there_is_nothing_to_say() -> None:
    assert overview().words == []
    assert overview(Skew(20.0, 1.0)).words == []


@pytest.mark.parametrize("name", ["retention", "checkpoint", "integrity", "backup", "offers", "drop"])
def test_a_chore_that_fails_is_told_with_its_reason(name: str) -> None:
    failing = overview(failing=name)
    (words,) = failing.words
    assert "There is no room." in words
    assert failing.as_json()["chores"][name]["problem"] == "There is no room."


def test_a_folder_that_nobody_watches_is_nothing_to_tell() -> None:
    parts: Any = SimpleNamespace(ways=SimpleNamespace(platform=SimpleNamespace(skew=None)), done={})
    assert Overview(parts, parts, Nothing(), parts).words == []


def test_a_memory_that_cannot_be_used_is_told() -> None:
    (words,) = overview(forgetting="The key cannot be read.").words
    assert "The key cannot be read." in words
    assert "Sales are not affected." in words


def test_a_wrong_clock_is_told_with_what_it_means_G14() -> None:
    wrong = overview(Skew(-7_200.0, 1.0))
    (words,) = wrong.words
    assert "2 h behind" in words
    assert "Sales are safe" in words
    assert wrong.as_json()["clock"] == {"ahead_seconds": -7_200.0}


def test_status_of_the_real_agent_shows_chores_and_clock_G14(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url).start()
    agent.send(sale())
    agent.wait_for_outbox(delivered=1)
    status = agent.status()
    assert set(status["chores"]) == set(NAMES)
    assert abs(status["clock"]["ahead_seconds"]) < 5
