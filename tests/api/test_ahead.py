"""`POST /v1/receipts`: what is printed before the sale is final is what the sale has later."""

import uuid
from typing import Any

import httpx
import pytest

from store_agent.storage.intake import Intake
from tests.support.arrivals import arrival
from tests.support.sales import payment
from tests.support.served import Served

URL = "https://rewards.example.com/r"


@pytest.fixture(autouse=True)
def minting(served: Served) -> None:
    served.intake = Intake(served.database, served.clock, lambda: str(uuid.uuid4()))


async def ask(client: httpx.AsyncClient, **body: Any) -> Any:
    answer = await client.post("/v1/receipts", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["payload"]


async def test_cashiers_and_managers_get_codes_for_a_sale_that_will_come_G8(served: Served) -> None:
    asked = await ask(served.cashier, transaction_id="T-1")
    (receipt,) = asked["receipts"]
    code = receipt["code"]
    assert asked == {
        "transaction_id": "T-1",
        "receipts": [{"payment_id": None, "code": code, "url": f"{URL}/{code}"}],
    }
    assert await ask(served.manager, transaction_id="T-1", payments=["P1"]) == asked
    (taken,) = await served.intake.accept([arrival("T-1")])
    assert [one.code for one in taken.codes] == [code]


async def test_several_payments_get_one_each(served: Served) -> None:
    receipts = (await ask(served.cashier, transaction_id="T-1", payments=["P1", "P2"]))["receipts"]
    assert [one["payment_id"] for one in receipts] == ["P1", "P2"]
    (taken,) = await served.intake.accept([arrival("T-1", payments=[payment("P1"), payment("P2")])])
    assert [one.code for one in taken.codes] == [one["code"] for one in receipts]


async def test_a_code_that_waits_for_its_sale_is_known_as_such(served: Served) -> None:
    (receipt,) = (await ask(served.cashier, transaction_id="T-1"))["receipts"]
    found = await served.ask(f"/v1/receipts/{receipt['code']}")
    assert (found["used"], found["retired"], found["terminal"], found["sale"]) == (False, False, "lane-1", None)
    assert found["words"] == "This code was printed ahead; no sale has come with it yet."
    assert (await served.ask("/v1/status"))["outbox"]["accepted"] == 0
    await served.intake.accept([arrival("T-1")])
    found = await served.ask(f"/v1/receipts/{receipt['code']}")
    assert (found["used"], found["sale"]["sequence"]) == (True, 1)


async def test_a_code_whose_guest_was_found_says_that_it_is_not_needed(served: Served) -> None:
    (receipt,) = (await ask(served.cashier, transaction_id="T-1"))["receipts"]
    await served.intake.accept([arrival("T-1")])
    known = [payment("P1", user_id="u", user_id_type="Email")]
    await served.intake.accept([arrival("T-1", payments=known)])
    found = await served.ask(f"/v1/receipts/{receipt['code']}")
    assert found["retired"]
    assert found["words"].endswith("The guest of this sale is known by now: the code is not needed any more.")
    assert (await served.ask("/v1/outbox/2"))["receipts"] == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "transaction_id"),
        ({"transaction_id": ""}, "transaction_id"),
        ({"transaction_id": "x" * 65}, "transaction_id"),
        ({"transaction_id": "a\nb"}, "transaction_id"),
        ({"transaction_id": 7}, "transaction_id"),
        ({"transaction_id": "T-1", "payments": ["P1", "x" * 65]}, "payments.1"),
        ({"transaction_id": "T-1", "payments": ["P\x001"]}, "payments.0"),
        ({"transaction_id": "T-1", "payments": ["P"] * 101}, "payments"),
        ({"transaction_id": "T-1", "payment": "P1"}, "payment"),
    ],
)
async def test_what_no_sale_can_hold_is_refused(served: Served, body: dict[str, Any], path: str) -> None:
    answer = await served.cashier.post("/v1/receipts", json=body)
    assert answer.status_code == 400
    assert [field["path"] for field in answer.json()["errors"]["fields"]] == [path]


async def test_payments_without_an_id_get_codes_too(served: Served) -> None:
    receipts = (await ask(served.cashier, transaction_id="T-1", payments=["P1", "", "P1"]))["receipts"]
    assert len({one["code"] for one in receipts}) == 3


async def test_on_a_full_disk_no_codes_are_given(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.space, "admit", lambda _: False)
    answer = await served.cashier.post("/v1/receipts", json={"transaction_id": "T-1"})
    assert (answer.status_code, answer.json()["errors"]["code"]) == (507, "disk_full")


async def test_on_a_full_disk_codes_that_are_there_are_given_again_G8_G12(served: Served) -> None:
    asked = await ask(served.cashier, transaction_id="T-1")
    served.space.admit = lambda _: False  # type: ignore[method-assign]
    assert await ask(served.cashier, transaction_id="T-1") == asked
    answer = await served.cashier.post("/v1/receipts", json={"transaction_id": "T-2"})
    assert (answer.status_code, answer.json()["errors"]["code"]) == (507, "disk_full")
