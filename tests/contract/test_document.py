"""/openapi.json names every route of the agent, and says what each of its answers looks like."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from store_agent.gateway.table import ROUTES
from tests.contract.conftest import credentials
from tests.support.agent import AgentProcess
from tests.support.sales import sale

API = Path(__file__).parents[2] / "store_agent" / "api"
DECORATED = re.compile(r'@router\.(get|post|put|delete)\(\s*"([^"]+)"')
PREFIX = re.compile(r'APIRouter\(prefix="([^"]+)"')
POS = (
    *("send_transaction", "send_batch_transaction", "lookup", "redeem", "lock", "unlock", "reinstate"),
    *("upload_catalog", "upload_employees"),
)

CATALOG = {"items": [{"category_id": "C1", "name": "Drinks", "item_ids": ["1"]}, {"item_id": "1", "name": "Cola"}]}
EMPLOYEES = {"employees": [{"employee_id": "7", "first_name": "Jo", "last_name": "Till"}]}


@pytest.fixture(scope="module")
def document(running: AgentProcess) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{running.url}/openapi.json").json()
    return found


def decorated() -> set[tuple[str, str]]:
    """Every managed route, as it stands in the source."""
    found = set()
    for path in API.glob("*.py"):
        text = path.read_text()
        prefix = PREFIX.search(text)
        before = prefix[1] if prefix else ""
        found |= {(method, before + route.replace(":path}", "}")) for method, route in DECORATED.findall(text)}
    return found


def described(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(method, path) for path, operations in document["paths"].items() for method in operations}


def test_every_route_is_described(document: dict[str, Any]) -> None:
    plain = {("post", f"/api/2.0/{call}") for call in POS} | {("get", "/openapi.json")}
    relayed = {(route.method.lower(), route.pattern) for route in ROUTES}
    assert described(document) == decorated() | plain | relayed
    assert len(decorated()) > 50


def without_shape(document: dict[str, Any]) -> list[str]:
    """Name the answers in JSON of which nothing is said."""
    return [
        f"{method} {path} {status} {media}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        for media, content in answer.get("content", {"none": {}}).items()
        if not {"$ref", "type", "anyOf"} & content.get("schema", {}).keys()
    ]


def test_every_answer_has_a_shape(document: dict[str, Any]) -> None:
    assert without_shape(document) == []


def test_an_answer_without_a_shape_would_be_noticed(document: dict[str, Any]) -> None:
    """The control."""
    wrong = copy.deepcopy(document)
    wrong["paths"]["/v1/me"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {}
    del wrong["paths"]["/v1/day"]["get"]["responses"]["403"]["content"]
    assert sorted(without_shape(wrong)) == ["get /v1/day 403 none", "get /v1/me 200 application/json"]


def test_every_operation_says_who_may_call_and_how_it_refuses(document: dict[str, Any]) -> None:
    assert document["security"] == [{"caller": []}]
    assert document["components"]["securitySchemes"]["caller"]["scheme"] == "basic"
    open_to_all = {path for path, one in document["paths"].items() if one.get("get", {}).get("security") == []}
    assert open_to_all == {"/healthz", "/openapi.json"}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            refused = {"400", "403", "405", "429", "500", "503"} | ({"401"} if path not in open_to_all else set())
            assert refused <= set(operation["responses"]), path
            assert "422" not in operation["responses"]


def test_pictures_and_streams_are_of_their_own_kind_only(document: dict[str, Any]) -> None:
    kinds = {
        path: list(document["paths"][path]["get"]["responses"]["200"]["content"])
        for path in (*(f"/v1/receipts/{{code}}.{form}" for form in ("svg", "png", "txt", "escpos")), "/v1/events")
    }
    assert list(kinds.values()) == [
        ["image/svg+xml"], ["image/png"], ["text/plain"], ["application/octet-stream"], ["text/event-stream"],
    ]  # fmt: skip


@pytest.mark.parametrize("call", ["send_transaction", "send_batch_transaction", "lookup"])
def test_examples_for_plugins_are_taken(running: AgentProcess, document: dict[str, Any], call: str) -> None:
    path = f"/api/2.0/{call}"
    example = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert running.client.post(path, json=example).status_code == 200


@pytest.fixture(scope="module")
def stocked(running: AgentProcess) -> Iterator[httpx.Client]:
    """The manager of an agent that has something of everything."""
    lane = running.client
    for call, payload in (("upload_catalog", CATALOG), ("upload_employees", EMPLOYEES)):
        assert lane.post(f"/api/2.0/{call}", json={"request_payload": payload}).status_code == 200
    taken = lane.post("/api/2.0/send_transaction?render=svg", json={"request_payload": sale("T-1")})
    assert taken.status_code == 200
    name, _, token = credentials(running)["manager"].partition(":")
    with running.client_of(name, token) as manager:
        manager.post("/v1/outbox/hold", json={"by": "Ada", "all": {}})
        assert manager.post("/v1/receipts", json={"transaction_id": "T-2"}).status_code == 200
        yield manager


def hold(answer: httpx.Response, document: dict[str, Any], method: str, path: str) -> None:
    """Hold a good answer against its description. Raises ValidationError."""
    content = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]
    jsonschema_rs.validate({**content["schema"], "components": document["components"]}, answer.json())


ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("/healthz", {}), ("/readyz", {}), ("/v1/status", {}), ("/v1/health", {}), ("/v1/me", {}), ("/v1/outbox", {}),
    ("/v1/outbox/extent", {}),
    ("/v1/outbox/{sequence}", {"sequence": "1"}), ("/v1/attention", {}), ("/v1/audit", {}), ("/v1/day", {}),
    ("/v1/catalog", {}), ("/v1/catalog/search?q=cola", {}), ("/v1/catalog/items?sku=1", {}),
    ("/v1/catalog/items/{item_id}", {"item_id": "1"}), ("/v1/catalog/importing", {}), ("/v1/catalog/categories", {}),
    ("/v1/catalog/categories/{category_id}", {"category_id": "C1"}), ("/v1/catalog/versions", {}),
    ("/v1/catalog/versions/{version}/changes", {"version": "1"}), ("/v1/employees", {}),
    ("/v1/employees/search?q=jo", {}), ("/v1/employees/active", {}),
    ("/v1/employees/{employee_id}", {"employee_id": "7"}),
    ("/v1/employees/versions", {}), ("/v1/employees/versions/{version}/changes", {"version": "1"}), ("/v1/unknown", {}),
    ("/v1/receipts/find?transaction_id=T-1", {}), ("/v1/prints", {}), ("/v1/printers", {}), ("/v1/incidents", {}),
    ("/v1/terminals", {}),
)  # fmt: skip


@pytest.mark.parametrize(("path", "filled"), ASKED)
def test_an_agent_with_something_of_everything_answers_as_described(
    stocked: httpx.Client, document: dict[str, Any], path: str, filled: dict[str, str]
) -> None:
    answer = stocked.get(path.format(**filled))
    assert answer.status_code == 200, answer.text
    hold(answer, document, "get", path.partition("?")[0])


def test_a_field_that_is_not_described_would_be_noticed(stocked: httpx.Client, document: dict[str, Any]) -> None:
    """The control."""
    wrong = copy.deepcopy(document)
    del wrong["components"]["schemas"]["Caller"]["properties"]["over"]
    with pytest.raises(jsonschema_rs.ValidationError, match="over"):
        hold(stocked.get("/v1/me"), wrong, "get", "/v1/me")


CHANGED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/outbox/drain", {"by": "Ada"}), ("/v1/outbox/export", {"by": "Ada", "sequences": [1]}),
    ("/v1/outbox/hold", {"by": "Ada", "all": {}}), ("/v1/outbox/release", {"by": "Ada", "all": {}}),
    ("/v1/receipts", {"transaction_id": "T-3"}), ("/v1/terminals", {"name": "lane-7"}),
    ("/v1/terminals/lane-7/rotate", {"overlap_seconds": 60}), ("/v1/catalog/push", {}), ("/v1/employees/push", {}),
    ("/v1/day/close", {"by": "Ada", "reason": "end of day"}), ("/v1/reload", {}),
    ("/api/2.0/upload_employees", {"request_payload": EMPLOYEES}),
    ("/api/2.0/send_transaction", {"request_payload": sale("T-8")}),
)  # fmt: skip


@pytest.mark.parametrize(("path", "body"), CHANGED)
def test_what_is_done_is_answered_as_described(
    stocked: httpx.Client, document: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    answer = stocked.post(path, json=body)
    assert answer.status_code == 200, answer.text
    hold(answer, document, "post", path.replace("lane-7", "{name}"))
