"""Scenes are what an agent answers today: the same members of the same kinds, wherever a picture depends on them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from store_agent.local.address import Address
from tests.tui.gallery import SHOTS
from tests.tui.record import Tape, credentials_of
from tests.tui.scenes import Scene, differences, load, shape
from tests.tui.stories import STORIES, Store, told


@pytest.mark.parametrize("name", STORIES)
def test_an_agent_answers_today_as_it_did_in_the_scene(name: str, tmp_path: Path) -> None:
    scene = load(name)
    with told(name, tmp_path) as store:
        found = asyncio.run(answers(scene, store))
    assert found.keys() == scene.answers.keys()
    assert {asked: problems for asked in found if (problems := compared(scene, asked, found[asked]))} == {}


async def answers(scene: Scene, store: Store) -> dict[str, tuple[int, Any]]:
    """Ask an agent to whom the story of a scene happened for everything that was recorded."""
    tape = Tape()
    agent = tape.way(Address(store.agent.url), credentials_of(scene.name, store))
    try:
        for asked in scene.answers:
            await agent.ask(*asked.split(" ", 1))
    finally:
        await agent.close()
    return tape.answers


def compared(scene: Scene, asked: str, now: tuple[int, Any]) -> list[str]:
    status, body = scene.answers[asked]
    return differences(shape(body), shape(now[1])) if status == now[0] else [f"status {status} is {now[0]}"]


def test_every_scene_is_told_by_a_story_and_shown() -> None:
    assert {shot.scene for shot in SHOTS} == {*STORIES, "gone"}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"state": "online"}, ".since is only in the scene"),
        ({"state": "online", "since": 1.0, "new": 1}, ".new is only in the answer"),
        ({"state": 3, "since": 1.0}, "state was str and is number"),
    ],
)
def test_a_member_that_went_came_or_changed_its_kind_is_noticed(changed: Any, problem: str) -> None:
    kept = {"payload": [{"link": {"state": "online", "since": 1.5}}]}
    now = {"payload": [{"link": changed}]}
    assert [found.removeprefix("link") for found in differences(shape(kept), shape(now))] == [problem]


def test_null_and_empty_lists_say_nothing_of_what_else_might_be_there() -> None:
    kept: dict[str, Any] = {"error": None, "groups": [], "amount": "1.00"}
    assert differences(shape(kept), shape({"error": "refused", "groups": [{"cause": ""}], "amount": None})) == []
