"""OFFLINE gets into a sale's text where it must stand, and no other byte changes (G7)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.jsontext import read_elements, read_root
from store_agent.domain.offline_status import mark_offline

OFFERS = frozenset({"offer-1", "offer-2"})


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (
            '{"discounts":[{"reference_id":"offer-1","status":"INFO","amount":1.10}]}',
            '{"discounts":[{"reference_id":"offer-1","status":"OFFLINE","amount":1.10}]}',
        ),
        (
            '{ "Discounts" : [ { "ReferenceId":"offer-1" , "Status" :\tnull } ] , "x":1e3 }',
            '{ "Discounts" : [ { "ReferenceId":"offer-1" , "Status" :\t"OFFLINE" } ] , "x":1e3 }',
        ),
        (
            '{"discounts":[{"reference_id":"offer-1" }]}',
            '{"discounts":[{"reference_id":"offer-1","status":"OFFLINE" }]}',
        ),
        (
            '{"discounts":[{"reference_id":"offer-1","status":"offline"}]}',
            '{"discounts":[{"reference_id":"offer-1","status":"OFFLINE"}]}',
        ),
        (
            '{"discounts":[{"reference_id":"offer-2"},{"reference_id":"x"},{"status":"","reference_id":"offer-1"}]}',
            '{"discounts":[{"reference_id":"offer-2","status":"OFFLINE"},{"reference_id":"x"},'
            '{"status":"OFFLINE","reference_id":"offer-1"}]}',
        ),
    ],
)
def test_the_discount_of_an_offer_says_so(text: str, marked: str) -> None:
    assert mark_offline(text, OFFERS) == marked


@pytest.mark.parametrize(
    "text",
    [
        '{"discounts":[{"reference_id":"offer-1","status":"OFFLINE"}]}',
        '{"discounts":[{"reference_id":"offer-3","status":"INFO"},{"status":"INFO"},{"reference_id":null}]}',
        '{"discounts":[]}',
        '{"discounts":null,"items":[{"reference_id":"offer-1","status":"INFO"}]}',
        "{}",
    ],
)
def test_what_need_not_change_stays_as_it_is_G7(text: str) -> None:
    assert mark_offline(text, OFFERS) == text


SPACES = st.text(" \t\r\n", max_size=2)
VALUES = st.none() | st.integers() | st.text(max_size=4) | st.lists(st.text(max_size=3), max_size=2)


def written(draw: st.DrawFn, members: dict[str, Any]) -> str:
    parts = [
        f"{draw(SPACES)}{json.dumps(name)}{draw(SPACES)}:{draw(SPACES)}{value}{draw(SPACES)}"
        for name, value in members.items()
    ]
    return "{" + ",".join(parts) + "}"


@st.composite
def discounts(draw: st.DrawFn) -> str:
    spelling = draw(st.sampled_from([("reference_id", "status"), ("ReferenceId", "Status")]))
    members: dict[str, str] = {"amount": draw(st.sampled_from(["1.10", "0", '".35"', "1e2"]))}
    if draw(st.booleans()):
        members[spelling[0]] = json.dumps(draw(st.sampled_from(["offer-1", "offer-2", "offer-3", None])))
    if draw(st.booleans()):
        members[spelling[1]] = json.dumps(draw(st.sampled_from(["INFO", "OFFLINE", "offline", "LOCKED", None])))
    members |= {
        f"~{name}": json.dumps(value) for name, value in draw(st.dictionaries(st.text(max_size=3), VALUES)).items()
    }
    return written(draw, dict(draw(st.permutations(list(members.items())))))


@st.composite
def transactions(draw: st.DrawFn) -> str:
    listed = ",".join(draw(SPACES) + one + draw(SPACES) for one in draw(st.lists(discounts(), max_size=3)))
    members = {
        "transaction_id": '"T-1"',
        draw(st.sampled_from(["discounts", "Discounts"])): f"[{listed}]",
        "items": '[{"reference_id": "offer-1", "status": "INFO"}]',
    }
    return draw(SPACES) + written(draw, dict(draw(st.permutations(list(members.items())))))


def pieces(text: str) -> list[str]:
    """Take a transaction apart: the discounts of the offers without their status, and all between them."""
    (listed,) = (span for name, span in read_root(text).items() if name.lower() == "discounts")
    found, last = [], 0
    for one in read_elements(text, listed.start):
        members = {name.lower().replace("_", ""): span for name, span in one.spans().items()}
        if "referenceid" in members and members["referenceid"].value in OFFERS:
            found += [text[last : one.start], *_without_status(one.own_text, one.start, members.get("status"))]
            last = one.end
    return [*found, text[last:]]


def _without_status(own: str, start: int, status: Any) -> list[str]:
    if status is None:
        end = len(own[:-1].rstrip(" \t\r\n"))
        return [own[:end], own[end:]]
    return [own[: status.start - start], own[status.end - start :]]


def without_name(parts: list[str]) -> list[str]:
    """Leave out the name of a status that stands last, which is put there where there was none."""
    return [part.removesuffix(',"status":') for part in parts]


@given(transactions())
def test_only_the_status_of_such_discounts_changes_to_the_byte_G7(text: str) -> None:
    marked = mark_offline(text, OFFERS)
    assert without_name(pieces(marked)) == without_name(pieces(text))
    assert mark_offline(marked, OFFERS) == marked
    for one in json.loads(marked).get("discounts") or json.loads(marked).get("Discounts") or []:
        named = one.get("reference_id", one.get("ReferenceId"))
        assert named not in OFFERS or one.get("status", one.get("Status")) == "OFFLINE"


def test_a_text_that_is_written_anew_would_be_noticed_G7() -> None:
    """The control: reading and writing the JSON anew loses spaces and digits."""
    text = '{"discounts": [{"reference_id": "offer-1", "amount": 1.10, "status": "INFO"}]}'
    anew = json.loads(text)
    anew["discounts"][0]["status"] = "OFFLINE"
    assert pieces(mark_offline(text, OFFERS)) == pieces(text)
    assert pieces(json.dumps(anew)) != pieces(text)
