"""Only known callers come in, from this machine, by its own names (G15)."""

from typing import Any

import httpx
import pytest

from tests.support.agent import AgentProcess
from tests.support.sales import sale


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    running = AgentProcess(tmp_path_factory.mktemp("agent"), "http://127.0.0.1:9").start()
    yield running
    running.close()


ROUTES = [
    "/v1/status",
    "/v1/outbox",
    "/v1/outbox/retry",
    "/v1/audit",
    "/v1/day",
    "/v1/events",
    "/v1/terminals",
    "/v1/me",
    "/v1/printers",
    "/v1/prints/1",
    "/readyz",
    "/metrics",
    "/v1/health",
    "/nothing",
    "/docs",
    "/api/2.0/send_transaction",
]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "auth", [None, ("lane-1", "wrong"), ("nobody", "wrong"), ("", ""), ("manager", "wrong"), ("nobody", "")]
)
def test_strangers_are_kept_out_of_every_route_G15(shared: AgentProcess, path: str, auth: Any) -> None:
    answer = httpx.request("GET", shared.url + path, auth=auth)
    assert answer.status_code == 401
    assert answer.json()["errors"]["code"] == "unauthorized"
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("value", ["Basic", "Basic !!!", "Bearer abc", "Basic bGFuZS0x", "basic /w=="])
def test_credentials_that_are_none_are_refused_G15(shared: AgentProcess, value: str) -> None:
    assert httpx.get(f"{shared.url}/v1/status", headers={"Authorization": value}).status_code == 401


def test_known_terminals_come_in_G15(shared: AgentProcess) -> None:
    """The control: the same calls with the right token are answered."""
    assert shared.client.get("/v1/status").status_code == 200
    assert shared.send(sale()).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "evil.example.com:8750",
        "127.0.0.1.evil.example.com",
        "[::1].evil.com",
        "localhost:x@evil.com",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/v1/status", "/nothing"])
def test_another_name_for_this_machine_is_refused_G15(shared: AgentProcess, host: str, path: str) -> None:
    answer = shared.client.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["errors"]["code"] == "host_not_allowed"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8750", "[::1]:8750"])
def test_the_machine_s_own_names_are_fine_G15(shared: AgentProcess, host: str) -> None:
    assert shared.client.get("/v1/status", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example.com"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_web_pages_of_others_are_refused_without_cors_G15(shared: AgentProcess, headers: dict[str, str]) -> None:
    for method in ("GET", "OPTIONS", "POST"):
        answer = shared.client.request(method, "/v1/status", headers=headers)
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_health_and_contract_are_open_but_tell_nothing_of_the_store(shared: AgentProcess) -> None:
    health = httpx.get(f"{shared.url}/healthz")
    assert (health.status_code, set(health.json()["payload"])) == (200, {"version"})
    paths = httpx.get(f"{shared.url}/openapi.json").json()["paths"]
    assert {"/api/2.0/send_transaction", "/api/2.0/send_batch_transaction", "/v1/outbox/{sequence}"} <= set(paths)


def test_readiness_follows_writer_and_drain_G17(shared: AgentProcess) -> None:
    assert shared.client.get("/readyz").json()["payload"] == {"ready": True}


def test_a_revoked_terminal_is_shut_out_at_once_G15(shared: AgentProcess) -> None:
    token = shared.cli_json("terminal", "add", "lane-9")["token"]
    with shared.client_of("lane-9", token) as lane:
        assert lane.get("/v1/status").status_code == 200
        shared.cli_json("terminal", "revoke", "lane-9")
        assert lane.get("/v1/status").status_code == 401
    renewed = shared.cli_json("terminal", "add", "lane-9")["token"]
    assert renewed != token


def test_only_the_manager_says_who_may_call_G15(shared: AgentProcess) -> None:
    for method, path in (("GET", "/v1/terminals"), ("POST", "/v1/terminals"), ("DELETE", "/v1/terminals/lane-1")):
        answer = shared.client.request(method, path, json={"name": "mine"} if method == "POST" else None)
        assert answer.status_code == 403
        assert answer.json()["errors"]["code"] == "forbidden"


def manager(agent: AgentProcess) -> httpx.Client:
    return agent.client_of("manager", (agent.directory / "data" / "control.token").read_text())


def test_the_manager_s_own_credentials_are_not_a_terminal_s(shared: AgentProcess) -> None:
    with manager(shared) as client:
        names = [terminal["name"] for terminal in client.get("/v1/terminals").json()["payload"]["terminals"]]
    assert "lane-1" in names
    assert "manager" not in names


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": "manager"}, {"name": "a b"}, {"name": "x" * 65}, {"name": 5}, {}, {"nam": "x"}]
)
def test_a_terminal_that_cannot_be_is_refused_by_field(shared: AgentProcess, body: dict[str, Any]) -> None:
    with manager(shared) as client:
        answer = client.post("/v1/terminals", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"]["fields"]


def test_a_name_in_use_and_a_name_unknown_are_told(shared: AgentProcess) -> None:
    with manager(shared) as client:
        assert client.post("/v1/terminals", json={"name": "lane-1"}).json()["errors"]["code"] == "terminal_exists"
        assert client.delete("/v1/terminals/nobody").json()["errors"]["code"] == "terminal_unknown"


def test_who_let_a_terminal_in_or_shut_it_out_is_in_the_audit(shared: AgentProcess) -> None:
    with manager(shared) as client:
        client.post("/v1/terminals", json={"name": "lane-7", "by": "anna", "reason": "new till"}).raise_for_status()
        client.delete("/v1/terminals/lane-7", params={"by": "anna"}).raise_for_status()
        client.post("/v1/terminals", json={"name": "lane-7"}).raise_for_status()
        client.post("/v1/terminals", json={"name": "lane-7", "by": "anna"})  # refused: nothing was done
        entries = client.get("/v1/audit").json()["payload"]["entries"]
    assert [(entry["action"], entry["who"], entry["reason"]) for entry in entries[:3]] == [
        ("terminal_add", "manager", "lane-7"),
        ("terminal_revoke", "anna", "lane-7"),
        ("terminal_add", "anna", "lane-7: new till"),
    ]


def test_tokens_are_kept_as_hashes_only_G16(shared: AgentProcess) -> None:
    files = [path for path in (shared.directory / "data").iterdir() if path.name != "control.token"]
    assert files
    for path in files:
        assert shared.token.encode() not in path.read_bytes()


def test_a_page_of_the_queue_and_its_bounds(shared: AgentProcess) -> None:
    for number in range(3):
        shared.send(sale(f"page-{number}"))
    page = shared.client.get("/v1/outbox", params={"limit": 2}).json()["payload"]
    assert len(page["revisions"]) == 2
    following = shared.client.get("/v1/outbox", params={"after": page["next_after"], "limit": 1000}).json()["payload"]
    assert following["revisions"][0]["sequence"] == page["next_after"] + 1
    assert following["next_after"] is None
    for parameters in ({"limit": 0}, {"limit": 1001}, {"after": -1}, {"after": 2**63}, {"state": "lost"}):
        answer = shared.client.get("/v1/outbox", params=parameters)
        assert answer.status_code == 400
        assert answer.json()["errors"]["fields"][0]["path"] == next(iter(parameters))


def test_one_sale_is_shown_with_its_own_text(shared: AgentProcess) -> None:
    text = '{"transaction_id": "shown", "subtotal": 1.10, "odd": "\\u00e9"}'
    sequence = shared.send(text).json()["payload"]["sequence"]
    found = shared.client.get(f"/v1/outbox/{sequence}").json()["payload"]
    assert found["payload"].startswith(text[:-1])
    assert found["amount"] == "1.10"
    missing = shared.client.get("/v1/outbox/999999")
    assert (missing.status_code, missing.json()["errors"]["code"]) == (404, "unknown_sequence")
    assert shared.client.get("/v1/outbox/x").status_code == 400
