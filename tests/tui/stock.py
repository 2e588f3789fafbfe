"""Sales in quantity, for a queue to look through."""

import json
from collections.abc import Iterable
from typing import Any

from tests.support.agent import AgentProcess
from tests.support.sales import sale

CALL_MAX = 200
"""Sales in one call: below what the local API takes."""


def sell(store: AgentProcess, names: Iterable[str], **changes: Any) -> None:
    """Take a sale of each name."""
    stock(store, [sale(name, **changes) for name in names])


def stock(store: AgentProcess, sales: list[dict[str, Any]]) -> None:
    """Take these sales."""
    for start in range(0, len(sales), CALL_MAX):
        payload = {"transactions": sales[start : start + CALL_MAX]}
        answer = store.post("send_batch_transaction", json.dumps({"request_payload": payload}))
        assert answer.status_code == 200, answer.text
