"""Who asks the same again gets the same answer for a while, and waits for one that is on its way."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from store_agent.gateway import recent as module
from store_agent.gateway.recent import Recent
from tests.support.hands import HandSetClock


class Source:
    """Makes numbered answers; holds them back while it is `busy`."""

    def __init__(self) -> None:
        self.made = 0
        self.free = asyncio.Event()
        self.free.set()
        self.problem: Exception | None = None

    async def make(self) -> int:
        self.made += 1
        number = self.made
        await self.free.wait()
        if self.problem is not None:
            raise self.problem
        return number


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


@pytest.fixture
def source() -> Source:
    return Source()


Ask = Callable[..., Coroutine[Any, Any, int]]


@pytest.fixture
def ask(clock: HandSetClock, source: Source) -> Ask:
    recent: Recent[int] = Recent(clock, 30.0)

    async def asked(key: str = "same", *, keeps: bool = True) -> int:
        return await recent.once(key, source.make, lambda _: keeps)

    return asked


async def test_the_same_question_gets_the_same_answer_for_a_while_G9(ask: Ask, clock: HandSetClock) -> None:
    assert [await ask(), await ask(), await ask("other")] == [1, 1, 2]
    clock.passed += 29.9
    assert await ask() == 1
    clock.passed += 0.1
    assert await ask() == 3


async def test_another_wall_clock_changes_nothing_G14(ask: Ask, clock: HandSetClock) -> None:
    assert await ask() == 1
    clock.at += 1e6
    assert await ask() == 1


async def test_an_answer_asked_again_gets_no_older_than_it_is(ask: Ask, clock: HandSetClock) -> None:
    for _ in range(4):
        assert await ask() == 1
        clock.passed += 7.5
    assert await ask() == 2


async def test_an_answer_that_is_not_kept_is_made_anew(ask: Ask) -> None:
    assert [await ask(keeps=False), await ask(keeps=False), await ask(), await ask()] == [1, 2, 3, 3]


async def test_who_asks_meanwhile_waits_for_the_first_answer_G9(ask: Ask, source: Source) -> None:
    source.free.clear()
    both = asyncio.gather(ask(), ask())
    await asyncio.sleep(0)
    source.free.set()
    assert list(await both) == [1, 1]


async def test_a_question_goes_on_when_whoever_asked_it_has_gone(ask: Ask, source: Source) -> None:
    source.free.clear()
    gone = asyncio.create_task(ask())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    source.free.set()
    assert await ask() == 1


@pytest.mark.parametrize("problem", [None, ValueError("it fails")])
async def test_what_came_to_no_good_after_everybody_had_gone_is_asked_anew(
    ask: Ask, source: Source, problem: Exception | None
) -> None:
    source.free.clear()
    source.problem = problem
    gone = asyncio.create_task(ask(keeps=False))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    source.free.set()
    for _ in range(3):
        await asyncio.sleep(0)
    source.problem = None
    assert await ask(keeps=False) == 2


async def test_a_failure_is_everybody_s_and_is_not_kept(ask: Ask, source: Source) -> None:
    source.problem = ValueError("it fails")
    failures = await asyncio.gather(ask(), ask(), return_exceptions=True)
    assert [str(failure) for failure in failures] == ["it fails", "it fails"]
    source.problem = None
    assert await ask() == 2


async def test_no_more_answers_are_kept_than_fit_G11(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECENT_MAX", 3)
    assert [await ask(key) for key in "abcd"] == [1, 2, 3, 4]
    assert [await ask(key) for key in "dca"] == [4, 3, 5]


async def test_an_answer_that_is_asked_anew_takes_its_new_place_in_line(ask: Ask, clock: HandSetClock) -> None:
    assert await ask("old", keeps=True) == 1
    clock.passed += 20
    assert await ask("young") == 2
    clock.passed += 15
    assert [await ask("old"), await ask("young")] == [3, 2]
    clock.passed += 15
    assert [await ask("old"), await ask("young")] == [3, 4]
