"""What callers hear before the database is open."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from store_agent.api.entrance import Entrance


@pytest.fixture
def entrance() -> Entrance:
    return Entrance(["agent"])


async def ask(entrance: Entrance, path: str, method: str = "GET") -> httpx.Response:
    transport = httpx.ASGITransport(app=entrance)
    async with httpx.AsyncClient(transport=transport, base_url="http://agent") as client:
        return await client.request(method, path)


async def test_sales_are_refused_and_can_be_sent_again_while_it_starts(entrance: Entrance) -> None:
    answer = await ask(entrance, "/api/2.0/send_transaction", "POST")
    assert (answer.status_code, answer.json()["errors"]["code"]) == (503, "starting")
    assert answer.headers["retry-after"] == "1"
    assert (await ask(entrance, "/healthz")).status_code == 200
    assert (await ask(entrance, "/readyz")).status_code == 503


async def test_a_full_disk_is_told_to_cashiers_and_managers_G12(entrance: Entrance) -> None:
    entrance.wait("The disk is full.", full=True)
    sale = await ask(entrance, "/api/2.0/send_transaction", "POST")
    assert (sale.status_code, sale.json()["errors"]["code"]) == (507, "disk_full")
    status = (await ask(entrance, "/v1/status")).json()["payload"]
    assert status["words"] == ["The disk is full."]
    assert status["outbox"] is None
    assert "The disk is full." in (await ask(entrance, "/readyz")).json()["errors"]["message"]
    assert (await ask(entrance, "/v1/outbox")).status_code == 503


async def test_other_names_of_the_machine_are_refused_before_it_is_open_too_G15(entrance: Entrance) -> None:
    transport = httpx.ASGITransport(app=entrance)
    async with httpx.AsyncClient(transport=transport, base_url="http://evil.example.com") as client:
        assert (await client.get("/healthz")).status_code == 403


async def test_everybody_goes_in_once_it_is_open(entrance: Entrance) -> None:
    entrance.open(PlainTextResponse("inside"))
    assert (await ask(entrance, "/healthz")).text == "inside"
