"""Pages of configured origins may call the agent, all others nothing at all (G15; Fetch Standard, CORS protocol)."""

from typing import Any

import httpx
import pytest

from store_agent.api.entrance import Entrance
from tests.support.agent import AgentProcess
from tests.support.sales import sale

POS = "https://pos.example.com"
LOCAL = "http://localhost:3000"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    api = {"allowed_origins": [POS, LOCAL]}
    running = AgentProcess(tmp_path_factory.mktemp("agent"), "http://127.0.0.1:9", api=api).start()
    yield running
    running.close()


def preflight(agent: AgentProcess, origin: str, path: str = "/api/2.0/send_transaction", **more: str) -> httpx.Response:
    """Ask as a browser does before a call: without credentials."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
        "Sec-Fetch-Site": "cross-site",
        **more,
    }
    return httpx.options(agent.url + path, headers=headers, trust_env=False)


def of_cors(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("origin", [POS, LOCAL])
def test_a_configured_origin_may_ask_and_call_G15(shared: AgentProcess, origin: str) -> None:
    asked = preflight(shared, origin)
    assert asked.status_code == 204
    assert of_cors(asked) == {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, POST, PUT, DELETE",
        "access-control-allow-headers": "Authorization, Content-Type, Last-Event-ID",
        "access-control-max-age": "600",
    }
    assert asked.headers["vary"].startswith("Origin, Access-Control-Request-Method")
    body = {"request_payload": sale(f"web {origin}")}
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    sold = shared.client.post("/api/2.0/send_transaction", json=body, headers=headers)
    assert sold.status_code == 200
    assert of_cors(sold) == {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "Age, Retry-After",
    }
    assert sold.headers["vary"] == "Origin"


def test_a_page_of_a_public_site_is_told_that_it_may_call_a_machine_of_the_store(shared: AgentProcess) -> None:
    asked = preflight(shared, POS, **{"Access-Control-Request-Private-Network": "true"})
    assert of_cors(asked)["access-control-allow-private-network"] == "true"
    assert "Access-Control-Request-Private-Network" in asked.headers["vary"]


@pytest.mark.parametrize("path", ["/v1/status", "/nothing", "/docs", "/healthz"])
def test_a_page_can_read_that_it_is_refused(shared: AgentProcess, path: str) -> None:
    answer = httpx.get(shared.url + path, headers={"Origin": POS}, trust_env=False)
    assert answer.status_code == (200 if path == "/healthz" else 401)
    assert of_cors(answer)["access-control-allow-origin"] == POS


def test_events_can_be_read_by_a_page(shared: AgentProcess) -> None:
    with shared.client.stream("GET", "/v1/events", headers={"Origin": POS}) as stream:
        assert stream.status_code == 200
        assert stream.headers["access-control-allow-origin"] == POS


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "https://pos.example.com.evil.com",
        "https://evil-pos.example.com",
        "http://pos.example.com",
        "https://pos.example.com:8443",
        "https://POS.example.com",
        "http://localhost:3001",
        "http://127.0.0.1:3000",
        "null",
        "",
        "*",
    ],
)
@pytest.mark.parametrize("path", ["/api/2.0/send_transaction", "/v1/status", "/healthz", "/nothing", "/docs"])
def test_any_other_origin_gets_nothing_and_no_cors_G15(shared: AgentProcess, origin: str, path: str) -> None:
    network = {"Access-Control-Request-Private-Network": "true"}
    body: Any = {"request_payload": sale("evil")}
    for answer in (
        preflight(shared, origin, path, **network),
        shared.client.get(path, headers={"Origin": origin}),
        shared.client.post(path, headers={"Origin": origin}, json=body),
    ):
        assert (answer.status_code, answer.json()["errors"]["code"]) == (403, "origin_not_allowed")
        assert of_cors(answer) == {}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "other"])
def test_a_page_that_hides_its_origin_is_refused_G15(shared: AgentProcess, site: str) -> None:
    """A form, an image or a link of another page: browsers send no Origin with some of them."""
    answer = shared.client.get("/v1/status", headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, of_cors(answer)) == (403, {})


@pytest.mark.parametrize("path", ["/v1/status", "/healthz", "/nothing", "/docs", "/openapi.json"])
def test_the_name_comes_first_also_for_a_configured_origin_G15(shared: AgentProcess, path: str) -> None:
    for answer in (
        preflight(shared, POS, path, Host="evil.example.com"),
        shared.client.get(path, headers={"Origin": POS, "Host": "evil.example.com"}),
    ):
        assert (answer.status_code, answer.json()["errors"]["code"]) == (403, "host_not_allowed")
        assert of_cors(answer) == {}


async def test_it_is_the_same_before_the_database_is_open_G15() -> None:
    transport = httpx.ASGITransport(app=Entrance(["agent"], [POS]))
    async with httpx.AsyncClient(transport=transport, base_url="http://agent") as client:
        starting = await client.post("/api/2.0/send_transaction", headers={"Origin": POS})
        assert (starting.status_code, of_cors(starting)["access-control-allow-origin"]) == (503, POS)
        refused = await client.post("/api/2.0/send_transaction", headers={"Origin": "https://evil.example.com"})
        assert (refused.status_code, of_cors(refused)) == (403, {})
