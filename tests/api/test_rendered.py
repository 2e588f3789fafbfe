"""`?render=`: one call gives the POS all it prints, and can neither lose nor hold up the sale."""

import asyncio
import base64
import json
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from store_agent.api import rendered
from store_agent.printing import library
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import Database
from tests.conftest import MakeAgent
from tests.support.receipt_printer import printed
from tests.support.sales import payment, sale
from tests.support.scanner import blocks_of, from_blocks, from_dots, picture, rasterised, scan
from tests.support.served import Served, serve

URL = "https://rewards.example.com/r/"
FORMS = ["svg", "png", "escpos", "txt"]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines that run tests are slow now and then."""
    monkeypatch.setattr(rendered, "RENDER_SECONDS_MAX", 60.0)


async def send(served: Served, payload: Any, endpoint: str = "send_transaction", **parameters: str) -> httpx.Response:
    return await served.cashier.post(f"/api/2.0/{endpoint}", params=parameters, json={"request_payload": payload})


async def sold(served: Served, payload: Any, endpoint: str = "send_transaction", **parameters: str) -> Any:
    answer = await send(served, payload, endpoint, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["payload"]


def coded(name: str, code: str = "R-1") -> dict[str, Any]:
    """A sale whose POS brings the code."""
    return sale(name, guest_receipt_code=code)


def content_of(receipt: dict[str, Any]) -> bytes:
    found = receipt["rendered"]
    content = str(found["content"])
    return base64.b64decode(content) if found["encoding"] == "base64" else content.encode()


def warned(payload: Any) -> list[tuple[str, str]]:
    return [(one["code"], one["path"]) for one in payload["warnings"] if one["code"] == "not_rendered"]


def decoded(form: str, content: bytes) -> str:
    if form == "svg":
        return scan(rasterised(content))
    if form == "png":
        return scan(picture(content))
    if form == "txt":
        return scan(from_blocks(blocks_of(content.decode())))
    (native,) = printed(content).drawn
    data = native["data"]
    assert isinstance(data, bytes)
    return data.decode()


@pytest.mark.parametrize("form", FORMS)
async def test_the_answer_to_a_sale_brings_what_is_printed(served: Served, form: str) -> None:
    (receipt,) = (await sold(served, coded("T-1"), render=form))["receipts"]
    assert receipt["rendered"]["form"] == form
    assert receipt["rendered"]["encoding"] == ("text" if form in ("svg", "txt") else "base64")
    assert decoded(form, content_of(receipt)) == receipt["url"] == URL + "R-1"
    image = await served.cashier.get(f"/v1/receipts/R-1.{form}")
    assert image.content == content_of(receipt)


async def test_the_printer_of_the_till_is_named_with_the_call(served: Served) -> None:
    taken = await sold(served, coded("T-1"), render="escpos", width="58", native="false")
    (picture_,) = printed(content_of(taken["receipts"][0])).pictures
    assert len(picture_[0]) <= 384
    assert scan(from_dots(picture_)) == URL + "R-1"


async def test_every_payment_and_every_sale_of_a_call_has_its_own(served: Served) -> None:
    payments = [payment("P1", amount=5.35, receipt_code="A"), payment("P2", amount=5.35, receipt_code="B")]
    sales = [sale("T-1", payments=payments), coded("T-2", "C")]
    taken = await sold(served, {"transactions": sales}, "send_batch_transaction", render="png")
    receipts = [receipt for one in taken["transactions"] for receipt in one["receipts"]]
    assert [scan(picture(content_of(receipt))) for receipt in receipts] == [URL + code for code in "ABC"]


async def test_who_does_not_ask_gets_the_answer_as_ever(served: Served) -> None:
    taken = await sold(served, coded("T-1"))
    assert taken["receipts"] == [{"payment_id": None, "code": "R-1", "url": URL + "R-1"}]
    assert await sold(served, coded("T-1"), something="else") == taken


async def test_a_sale_without_a_receipt_has_nothing_to_render(served: Served) -> None:
    taken = await sold(served, sale("T-1"), render="svg")
    assert taken["receipts"] == []
    assert warned(taken) == []


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"render": "pdf"}, "render"),
        ({"render": ""}, "render"),
        ({"render": "escpos", "width": "57"}, "width"),
        ({"render": "escpos", "native": "perhaps"}, "native"),
    ],
)
@pytest.mark.parametrize("endpoint", ["send_transaction", "send_batch_transaction"])
async def test_a_form_that_nobody_knows_is_refused_before_anything_is_stored(
    served: Served, endpoint: str, parameters: dict[str, str], field: str
) -> None:
    payload: Any = coded("T-1")
    answer = await send(served, {"transactions": [payload]} if "batch" in endpoint else payload, endpoint, **parameters)
    errors = answer.json()["errors"]
    assert (answer.status_code, errors["code"]) == (400, "invalid_field")
    assert [one["path"] for one in errors["fields"]] == [field]
    assert await served.states() == []


async def test_the_same_sale_again_gets_the_same_bytes_G9(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url).start()
    body = {"request_payload": sale("T-1")}
    first = agent.client.post("/api/2.0/send_transaction?render=png", json=body)
    assert first.json()["payload"]["receipts"][0]["rendered"]["content"]
    assert agent.client.post("/api/2.0/send_transaction?render=png", json=body).content == first.content
    agent.kill()
    agent.start()
    assert agent.client.post("/api/2.0/send_transaction?render=png", json=body).content == first.content


async def test_without_the_extra_the_sale_is_taken_and_the_cure_named(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    library._dummy.cache_clear()
    monkeypatch.setitem(sys.modules, "escpos", None)
    taken = await sold(served, coded("T-1"), render="escpos")
    assert taken["receipts"][0]["rendered"] is None
    assert warned(taken) == [("not_rendered", "render")]
    assert "pip install --require-hashes -r requirements/printer.txt" in taken["warnings"][-1]["message"]
    assert await served.states() == ["waiting"]


async def test_a_code_that_cannot_be_drawn_is_told_and_the_others_are_drawn(database: Database) -> None:
    sales = [coded("T-1", "R-1"), coded("T-2", "R" * 60), coded("T-3", "R-3")]
    async with serve(database, receipt_url="https://x.example/" + "9" * 2_280) as served:
        taken = (await sold(served, {"transactions": sales}, "send_batch_transaction", render="svg"))["transactions"]
    assert [one["receipts"][0]["rendered"] is not None for one in taken] == [True, False, True]
    assert [warned(one) for one in taken] == [[], [("not_rendered", "render")], []]


@pytest.mark.parametrize("problem", [ValueError("a bug"), MemoryError()])
async def test_whatever_fails_the_sale_is_answered(
    served: Served, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: object) -> bytes:
        raise problem

    monkeypatch.setattr(rendered, "render", fail)
    taken = await sold(served, coded("T-1"), render="png")
    assert taken["receipts"][0]["rendered"] is None
    assert "its log says why" in taken["warnings"][-1]["message"]


async def test_rendering_that_hangs_holds_up_no_sale(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(rendered, "RENDER_SECONDS_MAX", 0.05)
    monkeypatch.setattr(rendered, "render", lambda *_: bytes(released.wait(20)))
    try:
        slow, usual = await asyncio.gather(sold(served, coded("T-1"), render="png"), sold(served, coded("T-2", "R-2")))
        assert not released.is_set()
    finally:
        released.set()
    assert (slow["receipts"][0]["rendered"], warned(slow)) == (None, [("not_rendered", "render")])
    assert "takes longer than" in slow["warnings"][-1]["message"]
    assert usual["receipts"][0]["code"] == "R-2"
    assert await served.states() == ["waiting", "waiting"]


async def test_an_answer_holds_so_many_and_the_others_are_told(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "RECEIPTS_MAX", 2)
    payments = [payment(f"P{number}", amount=1, receipt_code=f"R-{number}") for number in range(3)]
    sales = [sale("T-1", payments=payments), coded("T-2", "C")]
    taken = (await sold(served, {"transactions": sales}, "send_batch_transaction", render="png"))["transactions"]
    drawn = [[receipt["rendered"] is not None for receipt in one["receipts"]] for one in taken]
    assert drawn == [[True, True, False], [False]]
    assert [warned(one) for one in taken] == [[("not_rendered", "render")]] * 2


@pytest.fixture
async def homeless(database: Database) -> AsyncIterator[Served]:
    async with serve(database, receipt_url=None) as running:
        yield running


async def test_without_an_address_the_sale_is_taken_and_the_cure_named(homeless: Served) -> None:
    taken = await sold(homeless, coded("T-1"), render="svg")
    assert taken["receipts"] == [{"payment_id": None, "code": "R-1", "url": None, "rendered": None}]
    assert "receipts.base_url is not set" in taken["warnings"][-1]["message"]


async def test_the_contract_names_what_can_be_rendered(served: Served) -> None:
    contract = json.loads((await served.cashier.get("/openapi.json")).content)
    for name in ("send_transaction", "send_batch_transaction"):
        (render, *_) = contract["paths"][f"/api/2.0/{name}"]["post"]["parameters"]
        assert (render["name"], render["schema"]["enum"]) == ("render", FORMS)
    for form in FORMS:
        assert f"/v1/receipts/{{code}}.{form}" in contract["paths"]
