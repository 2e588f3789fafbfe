"""Batches, containers and words: decided without input or output."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.batch import BatchLimits, Candidate, plan
from store_agent.domain.container import Identity, read_container
from store_agent.domain.link import Link, LinkState
from store_agent.domain.summary import QueueFacts, duration, in_short, summarize
from store_agent.errors import BadInput

US = Identity("1234x", "retailer-1")

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        sequence=st.integers(1, 10**9),
        size=st.integers(1, 2_000),
        forwarded=st.sampled_from(["", '"culture": "en-US"', '"culture": "de-DE"']),
        alone=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda candidate: candidate.sequence,
)


def container(**members: Any) -> bytes:
    return json.dumps({"request_payload": {}} | members).encode()


@given(CANDIDATES, st.integers(1, 10), st.integers(1, 5_000))
def test_a_batch_keeps_its_limits_and_its_members_agree_G5(
    candidates: list[Candidate], count_max: int, bytes_max: int
) -> None:
    chosen = plan(candidates, BatchLimits(count_max, bytes_max))
    assert bool(chosen) == bool(candidates)
    assert len(chosen) <= count_max
    assert len(chosen) <= 1 or sum(candidate.size for candidate in chosen) <= bytes_max
    assert len({candidate.forwarded for candidate in chosen}) <= 1
    assert len(chosen) <= 1 or not any(candidate.alone for candidate in chosen)
    assert chosen == [candidate for candidate in candidates if candidate in chosen]


@given(CANDIDATES, st.integers(1, 10))
def test_planning_until_nothing_is_left_takes_everyone_once_G2(candidates: list[Candidate], count_max: int) -> None:
    left, taken = list(candidates), []
    while left:
        chosen = plan(left, BatchLimits(count_max, 3_000))
        taken += chosen
        left = [candidate for candidate in left if candidate not in chosen]
    assert sorted(taken, key=lambda one: one.sequence) == sorted(candidates, key=lambda one: one.sequence)


def test_a_manager_reads_whether_sales_are_safe() -> None:
    facts = QueueFacts(open_count=1_204, open_amount=123_456_700, oldest_seconds=11_530.0, parked=1)
    down = Link(since=0.0, state=LinkState.BACKING_OFF, reason="The platform cannot be reached: no name.")
    assert summarize(down, facts, now=11_520.0) == [
        "Offline for 3 h 12 min: The platform cannot be reached: no name. The agent keeps trying by itself.",
        "1,204 sales wait (12,345.67), the oldest for 3 h 12 min. "
        "Sales are safe on this machine and will be sent when the line is back.",
        "1 sale was refused by the platform and set aside; why, and what to do: store-agent outbox attention",
    ]
    stopped = replace(down, state=LinkState.HALTED, reason="Wrong secret.", cure="Correct it.")
    assert summarize(stopped, facts, 11_520.0)[0] == "Stopped for 3 h 12 min: Wrong secret. What to do: Correct it."
    empty = QueueFacts(0, 0, None, 0)
    assert summarize(Link(since=0.0, contacted=True), empty, 59.0) == [
        "Online for 59 s.",
        "All sales are at the platform.",
    ]


def test_the_state_fits_into_a_line() -> None:
    down = Link(since=0.0, state=LinkState.BACKING_OFF, reason="No name (DNS).")
    assert in_short(Link(since=0.0, contacted=True), 0, 0) == "online, 0 waiting"
    assert in_short(Link(since=0.0), 3, 0) == "ready, 3 waiting"
    assert in_short(down, 1_204, 2) == "offline, 1,204 waiting, 2 set aside: No name (DNS)."
    assert in_short(replace(down, state=LinkState.HALTED), 0, 0) == "stopped, 0 waiting: No name (DNS)."


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (61, "1 min 1 s"), (3_600, "1 h"), (319_680, "3 d 16 h"), (-10, "0 s")]
)
def test_lengths_of_time_are_given_in_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_fields_of_the_container_are_passed_on_to_the_letter_G7() -> None:
    body = (
        b'{"culture" : "en-US", "caf\\u00e9":1.10,"\xc3\xa9": 2, "request_payload" :{ "a" : 1.0 }, '
        b'"store_id": "1234x", "request_id":"1"}'
    )
    found = read_container(body, US)
    assert found.forwarded == '"culture" : "en-US", "caf\\u00e9":1.10, "\u00e9": 2'
    assert found.alone
    assert found.payload.own_text == '{ "a" : 1.0 }'


def test_a_culture_alone_may_share_a_batch_and_a_user_beside_the_payload_is_known() -> None:
    assert not read_container(container(culture="de-DE"), US).alone
    assert read_container(container(culture=None), US).forwarded == ""
    named = read_container(container(user_id="u"), US)
    assert named.alone
    assert named.user_known


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"store_id": "other"}, "store_id"),
        ({"client_id": 7}, "client_id"),
        ({"culture": 7}, "culture"),
        ({"request_payload": None}, "request_payload"),
        ({"request_payload": [1]}, "request_payload"),
    ],
)
def test_a_container_for_somebody_else_is_refused(members: dict[str, Any], path: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_container(container(**members), US)
    assert refused.value.fields[0].path == path


def test_a_container_without_payload_is_refused() -> None:
    with pytest.raises(BadInput, match="request_payload is missing"):
        read_container(b'{"request_id": "1"}', US)
