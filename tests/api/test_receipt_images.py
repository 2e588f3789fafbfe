"""A receipt by its code, as a picture, a text, and the bytes for a printer."""

import sys
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from store_agent.api.receipts import UNKNOWN
from store_agent.printing import library, qr
from store_agent.printing.qr import Drawing
from store_agent.storage.database import Database
from store_agent.storage.intake import Intake
from tests.conftest import MakeAgent
from tests.support.arrivals import arrival
from tests.support.receipt_printer import printed
from tests.support.sales import payment, sale
from tests.support.scanner import blocks_of, from_blocks, from_dots, picture, rasterised, scan
from tests.support.served import Served, serve

URL = "https://rewards.example.com/r/"


async def sell(served: Served, name: str = "T-1", **fields: Any) -> list[str]:
    """Take a sale; gives its codes."""
    intake = Intake(served.database, served.clock, lambda: str(uuid.uuid4()))
    (taken,) = await intake.accept([arrival(name, **fields)])
    return [code.code for code in taken.codes]


async def get(served: Served, path: str, **parameters: Any) -> httpx.Response:
    answer = await served.cashier.get(f"/v1/receipts/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer


async def test_every_form_holds_the_address_of_the_receipt(served: Served) -> None:
    (code,) = await sell(served)
    assert scan(picture((await get(served, f"{code}.png")).content)) == URL + code
    assert scan(rasterised((await get(served, f"{code}.svg")).content)) == URL + code
    assert scan(from_blocks(blocks_of((await get(served, f"{code}.txt")).text))) == URL + code
    (native,) = printed((await get(served, f"{code}.escpos")).content).drawn
    assert native["data"] == (URL + code).encode()
    for width, dots in ((58, 384), (80, 512)):
        job = (await get(served, f"{code}.escpos", width=width, native="false")).content
        (drawn,) = printed(job).pictures
        assert len(drawn[0]) <= dots
        assert scan(from_dots(drawn)) == URL + code


@pytest.mark.parametrize(
    ("form", "media"),
    [
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
        ("escpos", "application/octet-stream"),
        ("txt", "text/plain; charset=utf-8"),
    ],
)
async def test_every_form_says_what_it_is_and_that_it_stays(served: Served, form: str, media: str) -> None:
    (code,) = await sell(served)
    first, second = [await get(served, f"{code}.{form}") for _ in range(2)]
    assert first.headers["Content-Type"] == media
    assert first.headers["Cache-Control"] == "private, max-age=300"
    assert first.content == second.content


async def test_a_code_is_not_handed_out_any_more_once_its_guest_is_known(served: Served) -> None:
    first, second = await sell(served, payments=[payment("P1"), payment("P2")])
    known = payment("P2", user_id="u", user_id_type="Email")
    assert await sell(served, payments=[payment("P1"), known]) == [first]
    await get(served, f"{first}.png")
    for form in ("svg", "png", "escpos", "txt"):
        answer = await served.cashier.get(f"/v1/receipts/{second}.{form}")
        assert (answer.status_code, answer.json()["errors"]["code"]) == (409, "guest_known")


async def test_the_stub_names_sale_and_payment(served: Served) -> None:
    _, second = await sell(served, payments=[payment("P1", amount=5.35), payment("P2", amount=5.35)])
    lines = printed((await get(served, f"{second}.escpos")).content).lines
    assert lines[:4] == [b"Sale T-1", b"Payment P2", b"", b"Scan to collect your points"]
    assert lines[-1] == second.encode()


async def test_a_code_is_taken_however_it_is_written(served: Served) -> None:
    (code,) = await sell(served)
    (dotted,) = await sell(served, "T-2", guest_receipt_code="R.17.png")
    drawn = (await get(served, f"{code}.png")).content
    assert (await get(served, f"{code.upper()}.png")).content == drawn
    assert (await get(served, f"{code.replace('-', '')}.png")).content == drawn
    assert scan(picture((await get(served, f"{dotted}.png")).content)) == URL + dotted
    assert (await served.ask(f"/v1/receipts/{code}"))["code"] == code


@pytest.mark.parametrize("form", ["svg", "png", "escpos", "txt"])
async def test_an_unknown_code_is_told_in_words(served: Served, form: str) -> None:
    answer = await served.cashier.get(f"/v1/receipts/{uuid.uuid4()}.{form}")
    errors = answer.json()["errors"]
    assert (answer.status_code, errors["code"], errors["message"]) == (404, "unknown_code", UNKNOWN)


@pytest.mark.parametrize("parameters", [{"width": "57"}, {"width": ""}, {"native": "perhaps"}])
async def test_a_printer_that_cannot_be_is_refused_by_name(served: Served, parameters: dict[str, str]) -> None:
    (code,) = await sell(served)
    answer = await served.cashier.get(f"/v1/receipts/{code}.escpos", params=parameters)
    assert answer.status_code == 400
    assert [field["path"] for field in answer.json()["errors"]["fields"]] == list(parameters)


@pytest.mark.parametrize("form", ["svg", "png", "escpos", "txt"])
async def test_an_address_that_no_code_can_hold_is_refused_in_words(database: Database, form: str) -> None:
    async with serve(database, receipt_url="https://x.example/" + "9" * 3_000) as served:
        (code,) = await sell(served)
        answer = await served.cashier.get(f"/v1/receipts/{code}.{form}")
    errors = answer.json()["errors"]
    assert (answer.status_code, errors["code"]) == (409, "not_printable")
    assert "shorten receipts.base_url" in errors["message"]


async def test_without_the_extra_the_cure_is_named(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = await sell(served)
    library._dummy.cache_clear()
    monkeypatch.setitem(sys.modules, "escpos", None)
    answer = await served.cashier.get(f"/v1/receipts/{code}.escpos")
    errors = answer.json()["errors"]
    assert (answer.status_code, errors["code"]) == (501, "not_installed")
    assert "pip install --require-hashes -r requirements/printer.txt" in errors["message"]
    await get(served, f"{code}.png")


@pytest.fixture
async def homeless(database: Database) -> AsyncIterator[Served]:
    """An agent whose codes open nothing."""
    async with serve(database, receipt_url=None) as running:
        yield running


async def test_without_an_address_the_cure_is_named(homeless: Served) -> None:
    await sell(homeless, guest_receipt_code="R-1")
    answer = await homeless.cashier.get("/v1/receipts/R-1.svg")
    errors = answer.json()["errors"]
    assert (answer.status_code, errors["code"]) == (409, "no_address")
    assert "Set it in the configuration" in errors["message"]


def test_receipts_look_as_configured(make_agent: MakeAgent) -> None:
    look = {"qr_scale": 3, "error_correction": "h", "quiet_zone": 6, "caption": "Points for you"}
    agent = make_agent("http://127.0.0.1:9", receipts=look).start()
    (receipt,) = agent.send(sale("T-1")).json()["payload"]["receipts"]
    png = agent.client.get(f"/v1/receipts/{receipt['code']}.png").content
    assert png == qr.png(receipt["url"], Drawing(3, "h", 6))
    job = printed(agent.client.get(f"/v1/receipts/{receipt['code']}.escpos").content)
    assert (job.drawn[0]["level"], job.lines[2]) == ("H", b"Points for you")
    assert "Points for you" in agent.client.get(f"/v1/receipts/{receipt['code']}.txt").text
