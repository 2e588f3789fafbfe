"""Whatever a client sends, the platform has an answer in its container."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.sandbox.ask import read_ask
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.sandbox import Sandbox

NAMES = st.sampled_from(
    [
        *("transaction_id", "transaction", "transactions", "items", "discounts", "subtotal", "quantity", "status"),
        *("offer_lookup_code", "offer_lookup_type", "reference_id", "user_offer_id", "employee_id", "employees"),
        *("email", "phone", "user_id", "is_closed", "is_voided", "category_id", "name"),
    ]
)
WORDS = st.sampled_from(["A1", "410001", "TTLCode", "OFFLINE", "nora@example.com", "", "9.5", "\ud800"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
ENDPOINTS = Sandbox(SandboxOptions()).platform.endpoints


def test_there_are_nine_endpoints():
    assert len(ENDPOINTS) == 9


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@settings(deadline=None)
@given(payload=st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_payload_is_answered(endpoint, payload):
    container = {"store_id": "s", "client_id": "c", "request_id": "r1", "request_payload": payload}
    sandbox = Sandbox(SandboxOptions())
    ask = read_ask(endpoint, json.dumps(container).encode(), authorised=True, content_type="application/json")

    sandbox.platform.hear(ask)
    answer = sandbox.platform.answer(ask)

    assert answer.status in (200, 400)
    assert set(json.loads(answer.body)) == {"status", "payload", "errors"}
    json.dumps(sandbox.account.as_json(bodies=True))
