"""A remembered answer is marked with its age, and is the platform's own in everything else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.errors import StorageFailure
from store_agent.gateway.recollect import keep_answer, recollected
from store_agent.storage.remembered import Recollection
from tests.support.cards import VISA

NOW = 1_780_000_000.0
BODY = b'{"status": "success", "payload": [{"points": 1.10}]}\r\n '


def at(seconds_ago: float, body: bytes = BODY) -> Recollection:
    return Recollection(body, int((NOW - seconds_ago) * 1000))


def test_it_tells_its_age_in_the_body_and_in_the_header() -> None:
    answer = recollected(at(120.7), NOW, 3_600)
    assert answer is not None
    assert (answer.status, answer.headers) == (200, {"Age": "120"})
    assert answer.body == (
        b'{"status": "success", "payload": [{"points": 1.10}], '
        b'"remembered": {"age_seconds": 120, "as_of": "2026-05-28T20:24:39.300Z"}}'
    )


def test_an_unmarked_one_is_what_the_platform_answered_G7() -> None:
    answer = recollected(at(120), NOW, 3_600, marked=False)
    assert answer is not None
    assert (answer.body, answer.headers) == (BODY, {"Age": "120"})


@pytest.mark.parametrize("seconds_ago", [0, 1, 3_600])
def test_one_that_is_young_enough_is_given(seconds_ago: float) -> None:
    assert recollected(at(seconds_ago), NOW, 3_600) is not None


@pytest.mark.parametrize("seconds_ago", [3_600.1, 86_400, -0.1, -86_400])
def test_one_that_is_too_old_or_from_the_future_is_not_G14(seconds_ago: float) -> None:
    assert recollected(at(seconds_ago), NOW, 3_600) is None
    assert recollected(at(seconds_ago), NOW, 3_600, marked=False) is None


def test_where_nothing_is_remembered_nothing_is_given() -> None:
    assert recollected(None, NOW, 3_600) is None


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=9) | st.integers(), min_size=1, max_size=4),
    st.text(" \t\r\n", max_size=3),
)
def test_the_mark_is_one_member_more_in_any_answer(members: dict[str, Any], after: str) -> None:
    answer = recollected(at(5, (json.dumps(members) + after).encode()), NOW, 60)
    assert answer is not None
    shown = json.loads(answer.body)
    assert shown.pop("remembered")["age_seconds"] == 5
    assert shown == {name: value for name, value in members.items() if name != "remembered"}


class Failing:
    """A memory that nothing goes into."""

    async def keep(self, *_: Any) -> None:
        raise StorageFailure("The disk is full.")

    async def forget(self, *_: Any) -> None:
        raise StorageFailure("The disk is full.")

    async def find(self, *_: Any) -> None:
        return None

    async def find_offer(self, *_: Any) -> None:
        return None


async def test_what_cannot_be_remembered_is_nobody_s_fault_at_the_counter() -> None:
    await keep_answer(Failing(), [("email", "a@b")], [], BODY)


async def test_what_is_remembered_holds_no_card_numbers_but_all_identifiers_G16() -> None:
    kept: list[bytes] = []

    class Memory:
        async def keep(self, names: Any, offers: Any, body: bytes) -> None:
            kept.append(body)

    user = {"id": VISA, "external_id": VISA, "user_offer_id": VISA, "nickname": f"card {VISA}"}
    answer = {"status": "ok", "payload": {"users": [user]}, "loyalty_card": {"card_number": VISA}}
    memory: Any = Memory()
    await keep_answer(memory, [], [], json.dumps(answer).encode())
    assert json.loads(kept[0]) == json.loads(json.dumps(answer).replace(f"card {VISA}", "card 411111******1111"))
