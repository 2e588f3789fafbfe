"""Sales in quantity, for a queue to look through, and what the agent itself says of them."""

import json
from collections.abc import Iterable
from typing import Any

import httpx

from store_agent.sandbox.server import SandboxServer
from store_agent.storage.control import read_token
from store_agent.storage.terminals import MANAGER
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


def asked(store: AgentProcess, path: str, **query: Any) -> Any:
    """Ask the agent as its manager."""
    return _called(store, "GET", path, params=query)


def ordered(store: AgentProcess, path: str, **body: Any) -> Any:
    """Have the agent do something as its manager."""
    return _called(store, "POST", path, json={"by": "the test", "reason": "for a test", **body})


def _called(store: AgentProcess, method: str, path: str, **request: Any) -> Any:
    token = read_token(store.directory / "data") or ""
    with store.client_of(MANAGER, token) as client:
        answer: httpx.Response = client.request(method, path, **request)
    assert answer.status_code == 200, answer.text
    return answer.json()["payload"]


def state(store: AgentProcess, sequence: int) -> str:
    """Give the state that a sale is in."""
    return str(asked(store, f"/v1/outbox/{sequence}")["state"])


def audit(store: AgentProcess, action: str) -> list[tuple[Any, str, str]]:
    """Give sequence, person and reason of what was done, the newest first."""
    entries = asked(store, "/v1/audit", limit=100)["entries"]
    return [(one["sequence"], one["who"], one["reason"]) for one in entries if one["action"] == action]


def empty(store: AgentProcess) -> None:
    """Have everything arrive that is on the way, held back or refused, now that the platform takes it."""
    for deed in ("release", "retry"):
        ordered(store, f"/v1/outbox/{deed}", all={})
    ordered(store, "/v1/outbox/drain")
    store.wait_for_outbox(waiting=0, frozen=0, held=0, parked=0)


def refuse(
    store: AgentProcess, platform: SandboxServer, *names: str, cause: str = "unknown employee 1000"
) -> list[int]:
    """Have sales refused; gives the sequences of all that are."""
    platform.set_faults([f"refuse:ids={'+'.join(names)},message={cause},field=pos_employee_id"])
    sell(store, names)
    store.wait_for_outbox(waiting=0, frozen=0, parked=len(names))
    return [row["sequence"] for row in asked(store, "/v1/outbox", state="parked")["revisions"]]
