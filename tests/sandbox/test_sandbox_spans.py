"""The sandbox's own walk through a JSON text agrees with the standard decoder."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.sandbox.container import BATCH, read_container

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
BLANKS = st.text(" \t\r\n", max_size=3)


@given(st.lists(VALUES, max_size=5), st.dictionaries(st.text(), VALUES, max_size=3), BLANKS, st.booleans())
def test_every_transaction_is_found_with_its_exact_text(transactions, others, blank, ascii_only):
    texts = [json.dumps(value, ensure_ascii=ascii_only) for value in transactions]
    listed = f"{blank},{blank}".join(texts)
    rest = json.dumps({**others, "request_id": "r1"}, ensure_ascii=ascii_only).removeprefix("{")
    text = f'{blank}{{"request_payload"{blank}:{blank}{{{blank}"transactions": [{blank}{listed}{blank}]}},{rest}{blank}'
    # Surrogates that hypothesis may put into texts have no UTF-8; JSON writes them as escapes.
    body = text.encode("utf-8", "surrogatepass") if ascii_only else text.encode()

    container = read_container(body, BATCH)

    expected = json.loads(text)
    assert container.members == expected
    assert [sent.text for sent in container.sent] == (texts if _is_the_walked_one(others) else [])


def _is_the_walked_one(others):
    return "request_payload" not in others


@pytest.mark.parametrize(
    ("payloads", "found"),
    [
        ('"request_payload": {"transactions": [1], "transactions": [2, 3]}', ["2", "3"]),
        ('"request_payload": {"transactions": [1], "transactions": 5}', []),
        ('"request_payload": {"transactions": [1]}, "request_payload": {}', []),
        ('"request_payload": {"transactions": [1]}, "request_payload": null', []),
    ],
)
def test_of_a_name_that_comes_twice_the_last_value_counts(payloads, found):
    container = read_container(f'{{"request_id": "r1", {payloads}}}'.encode(), BATCH)

    assert [sent.text for sent in container.sent] == found
