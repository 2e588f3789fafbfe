"""A receipt is looked up by its code, and a sale shows the codes of its transaction."""

import uuid
from datetime import datetime
from typing import Any

import pytest

from store_agent.domain.link import Link, LinkState
from store_agent.domain.settle import Deliver, Park
from store_agent.storage.intake import Intake
from tests.support.arrivals import another, arrival
from tests.support.sales import payment
from tests.support.served import Served


@pytest.fixture(autouse=True)
def minting(served: Served) -> None:
    served.intake = Intake(served.database, served.clock, lambda: str(uuid.uuid4()))


async def sell(served: Served, name: str = "T-1", **fields: Any) -> list[str]:
    """Take a sale; gives its codes."""
    (taken,) = await served.intake.accept([arrival(name, **fields)])
    return [code.code for code in taken.codes]


async def scan(served: Served, text: str) -> Any:
    """Look up as the till does."""
    answer = await served.cashier.get("/v1/receipts", params={"scanned": text})
    assert answer.status_code == 200, answer.text
    return answer.json()["payload"]


async def test_a_receipt_is_found_by_its_code_with_its_sale(served: Served) -> None:
    (code,) = await sell(served)
    served.line.link = Link(since=0.0, state=LinkState.BACKING_OFF)
    found = await served.ask(f"/v1/receipts/{code}")
    (row,) = (await served.ask("/v1/outbox"))["revisions"]
    taken = datetime.fromtimestamp(row["accepted_at"]).astimezone()
    assert found == {
        "code": code,
        "url": f"https://rewards.example.com/r/{code}",
        "payment_id": None,
        "minted": True,
        "used": True,
        "retired": False,
        "claimable": True,
        "transaction_id": "T-1",
        "terminal": "lane-1",
        "sale": row,
        "words": f"This sale waits since {taken:%H:%M} and is sent when the line is back.",
    }


async def test_a_code_is_found_however_it_is_written(served: Served) -> None:
    (code,) = await sell(served)
    (brought,) = await sell(served, "T-2", guest_receipt_code="ABCDEF0123456789ABCDEF0123456789")
    (own,) = await sell(served, "T-3", guest_receipt_code="R/17 B")
    for text in (code, code.upper(), code.replace("-", ""), f"https://rewards.example.com/r/{code}/?from=till"):
        assert (await scan(served, text))["transaction_id"] == "T-1"
    assert (await served.ask(f"/v1/receipts/{code.upper()}"))["code"] == code
    assert (await scan(served, "abcdef01-2345-6789-abcd-ef0123456789"))["code"] == brought
    found = await scan(served, own)
    assert (found["transaction_id"], found["minted"]) == ("T-3", False)


async def test_the_newest_state_of_the_sale_is_shown(served: Served) -> None:
    (code,) = await sell(served)
    await served.answer(Deliver(""))
    assert "is at the platform since" in (await scan(served, code))["words"]
    await served.intake.accept([another("T-1")])
    await served.answer(Park("The platform does not know item 4711.", ""))
    found = await scan(served, code)
    assert (found["sale"]["sequence"], found["sale"]["state"]) == (2, "parked")
    assert found["words"].endswith("The platform does not know item 4711.")


async def test_a_day_that_is_past_is_named(served: Served) -> None:
    (code,) = await sell(served)
    taken = datetime.fromtimestamp((await scan(served, code))["sale"]["accepted_at"]).astimezone()
    served.clock.ahead = 2 * 86_400.0
    assert f"since {taken:%H:%M} on {taken.day} {taken:%B}" in (await scan(served, code))["words"]
    served.clock.ahead = 800 * 86_400.0
    assert f"{taken:%B} {taken.year}" in (await scan(served, code))["words"]


async def test_a_sale_that_is_not_kept_any_more_was_at_the_platform(served: Served) -> None:
    (code,) = await sell(served)
    await sell(served, "T-2")
    await served.answer(Deliver(""))
    await served.database.write(lambda raw: raw.execute("DELETE FROM revision WHERE sequence = 1"))
    found = await scan(served, code)
    assert (found["transaction_id"], found["sale"]) == ("T-1", None)
    assert "not kept on this machine any more; it was at the platform" in found["words"]


async def test_an_unknown_code_is_told_in_words(served: Served) -> None:
    for path in (f"/v1/receipts/{uuid.uuid4()}", "/v1/receipts?scanned=https://elsewhere.example.com/"):
        answer = await served.cashier.get(path)
        errors = answer.json()["errors"]
        assert (answer.status_code, errors["code"]) == (404, "unknown_code")
        assert "No sale of this store has this receipt code" in errors["message"]


@pytest.mark.parametrize("parameters", [{}, {"scanned": ""}, {"scanned": "x" * 501}])
async def test_what_nobody_can_have_scanned_is_refused(served: Served, parameters: dict[str, str]) -> None:
    answer = await served.cashier.get("/v1/receipts", params=parameters)
    assert answer.status_code == 400
    assert [field["path"] for field in answer.json()["errors"]["fields"]] == ["scanned"]


async def test_a_sale_shows_the_codes_of_all_payments(served: Served) -> None:
    first, second = await sell(served, payments=[payment("P1", amount=5.35), payment("P2", amount=5.35)])
    await served.intake.accept([arrival("T-1", custom_data={"later": 1})])
    shown = (await served.ask("/v1/outbox/1"))["receipts"]
    assert shown[-2:] == [
        {"payment_id": "P1", "code": first, "url": f"https://rewards.example.com/r/{first}"},
        {"payment_id": "P2", "code": second, "url": f"https://rewards.example.com/r/{second}"},
    ]
    assert (await served.ask("/v1/outbox/2"))["receipts"] == shown
    found = await scan(served, second)
    assert (found["payment_id"], found["code"]) == ("P2", second)


async def test_a_sale_of_a_known_guest_has_no_receipts(served: Served) -> None:
    await sell(served, payments=[payment("P1", user_id="u", user_id_type="SessionM_ID")])
    assert (await served.ask("/v1/outbox/1"))["receipts"] == []
