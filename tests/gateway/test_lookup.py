"""A lookup passes as it is; without a line it comes from memory where that is allowed, marked with its age."""

import asyncio
import json
from typing import Any

import pytest

from store_agent.domain.counter_answer import Passed
from store_agent.errors import StorageFailure
from tests.gateway.counter import FOUND, GUEST, REPEAT_SECONDS, Till, told
from tests.gateway.far import DOWN, PORTAL, SILENT, good, refused

DOCUMENTED = json.dumps({"status": "OK", "payload": {"users": [GUEST]}, "errors": None}).encode()


@pytest.mark.parametrize("body", [FOUND, DOCUMENTED])
async def test_the_answer_passes_to_the_byte_and_is_remembered_for_exactly_that_guest_G7(
    till: Till, body: bytes
) -> None:
    till.answers(good(body))
    assert await till.lookup() == Passed(200, body)
    till.answers(DOWN)
    till.clock.let_pass(120)
    for criteria in ({"email": "M@Example.com"}, {"user_id": "u-1"}):
        answer = await till.lookup(remembered=True, **criteria)
        assert isinstance(answer, Passed)
        assert answer.headers == {"Age": "120"}
        assert json.loads(answer.body)["payload"] == json.loads(body)["payload"]
    assert told(await till.lookup(remembered=True, email="other@example.com")) == "offline"
    assert told(await till.lookup(remembered=True, user_id="m@example.com")) == "offline"


@pytest.mark.parametrize(("asked", "becomes"), [(None, "offline"), (False, "offline"), (True, "remembered")])
async def test_memory_is_for_who_asks_for_it(till: Till, *, asked: bool | None, becomes: str) -> None:
    till.answers(good(FOUND))
    await till.lookup()
    till.clock.let_pass(REPEAT_SECONDS + 1)
    till.answers(DOWN)
    assert told(await till.lookup(remembered=asked)) == becomes


async def test_memory_is_for_a_while(till: Till) -> None:
    till.answers(good(FOUND))
    await till.lookup()
    till.answers(DOWN)
    till.clock.let_pass(3_600)
    assert told(await till.lookup(remembered=True)) == "remembered"
    till.clock.let_pass(1)
    assert told(await till.lookup(remembered=True)) == "offline"


@pytest.mark.parametrize("reply", [good(b'{"status": "OK", "payload": []}'), refused()])
async def test_who_the_platform_does_not_know_any_more_is_forgotten(till: Till, reply: Any) -> None:
    till.answers(good(FOUND))
    await till.lookup()
    till.clock.let_pass(REPEAT_SECONDS + 1)
    till.answers(reply)
    await till.lookup()
    till.answers(DOWN)
    till.clock.let_pass(REPEAT_SECONDS + 1)
    assert told(await till.lookup(remembered=True)) == "offline"


async def test_what_is_too_large_passes_and_is_not_kept_G11(till: Till) -> None:
    large = json.dumps({"status": "OK", "payload": [GUEST | {"note": "x" * 1_000_000}]}).encode()
    till.answers(good(large))
    for _ in range(2):
        assert await till.lookup() == Passed(200, large)
    assert len(till.platform.asked) == 2
    till.answers(DOWN)
    assert told(await till.lookup(remembered=True)) == "offline"


@pytest.mark.parametrize(
    "body", [b'{"status": "OK", "payload": []}', json.dumps({"status": "OK", "payload": [GUEST] * 2})]
)
async def test_nobody_and_several_are_not_remembered(till: Till, body: Any) -> None:
    till.answers(good(body if isinstance(body, bytes) else body.encode()))
    assert told(await till.lookup()) == "passed 200"
    till.clock.let_pass(REPEAT_SECONDS + 1)
    till.answers(DOWN)
    assert told(await till.lookup(remembered=True)) == "offline"


async def test_the_same_again_is_not_asked_again_for_a_while_G9(till: Till) -> None:
    till.answers(good(FOUND))
    both = await asyncio.gather(till.lookup(), till.lookup())
    assert both[0] == both[1] == await till.lookup()
    assert len(till.platform.asked) == 1
    await till.lookup("lane-2")
    till.clock.let_pass(REPEAT_SECONDS)
    await till.lookup()
    assert len({request.request_id for request in till.platform.asked}) == 3


@pytest.mark.parametrize("reply", [DOWN, SILENT, refused()])
async def test_what_is_no_good_answer_is_asked_again_at_once(till: Till, reply: Any) -> None:
    till.answers(reply)
    await till.lookup()
    till.answers(good(FOUND))
    assert told(await till.lookup()) == "passed 200"


@pytest.mark.parametrize(("reply", "code"), [(DOWN, "offline"), (SILENT, "offline"), (PORTAL, "bad_answer")])
async def test_a_lookup_changes_nothing_and_says_what_is_the_matter(till: Till, reply: Any, code: str) -> None:
    till.answers(reply)
    assert told(await till.lookup()) == code


@pytest.mark.parametrize("body", [b'{"status": "OK"}', b'{"status": "OK", "payload": [{"email": "\\ud800"}]}'])
async def test_whatever_the_platform_says_of_a_guest_passes(till: Till, body: bytes) -> None:
    till.answers(good(body))
    assert await till.lookup() == Passed(200, body)


async def test_a_memory_that_fails_keeps_no_answer_back_G13(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any) -> None:
        raise StorageFailure("The disk is full.")

    monkeypatch.setattr(till.memory, "keep", fails)
    till.answers(good(FOUND))
    assert told(await till.lookup()) == "passed 200"
