"""The receipt desk: a receipt is found by whatever its guest knows of it."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store_agent.storage import desk as bounds
from store_agent.storage.intake import Intake
from tests.support.arrivals import arrival
from tests.support.sales import payment
from tests.support.served import Served

FIRST = "0a1b2c3d-0000-4000-8000-00000000beef"
OTHER = "0a1b2c3d-0000-4000-8000-11110000beef"


def minting(served: Served, codes: Sequence[str] = ()) -> None:
    """Mint some codes, and then any."""
    left = list(codes)
    served.intake = Intake(served.database, served.clock, lambda: left.pop(0) if left else str(uuid.uuid4()))


@pytest.fixture(autouse=True)
def _minting(served: Served) -> None:
    minting(served, [FIRST, OTHER])


async def sell(served: Served, name: str, **fields: Any) -> None:
    await served.intake.accept([arrival(name, **fields)])


async def find(served: Served, **asked: Any) -> Any:
    """Look as the cashier does; gives the payload."""
    answer = await served.cashier.get("/v1/receipts/find", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["payload"]


async def names(served: Served, **asked: Any) -> list[str]:
    return [one["transaction_id"] for one in (await find(served, **asked))["receipts"]]


async def test_a_receipt_is_found_by_its_code_or_its_address(served: Served) -> None:
    await sell(served, "T-1")
    for text in (FIRST, FIRST.upper(), FIRST.replace("-", ""), f"https://rewards.example.com/r/{FIRST}"):
        found = await find(served, code=text)
        assert found == {"receipts": [await served.ask(f"/v1/receipts/{FIRST}")], "complete": True}
    assert await find(served, code=OTHER) == {"receipts": [], "complete": True}


async def test_all_receipts_of_a_sale_are_found_retired_ones_too(served: Served) -> None:
    await sell(served, "T-1", payments=[payment("P1"), payment("P2")])
    known = payment("P2", user_id="u", user_id_type="Email")
    await sell(served, "T-1", payments=[payment("P1"), known])
    receipts = (await find(served, transaction_id="T-1"))["receipts"]
    assert [(one["payment_id"], one["retired"]) for one in receipts] == [("P1", False), ("P2", True)]
    assert {one["sale"]["sequence"] for one in receipts} == {2}
    assert await names(served, transaction_id="t-1") == []


async def test_the_last_letters_of_a_code_or_of_a_sale_will_do(served: Served) -> None:
    await sell(served, "2026-03-01/0417")
    await sell(served, "T-BEEF")
    assert (
        await names(served, last="0000-BEEF") == ["T-BEEF", "2026-03-01/0417"] == await names(served, last="0000beef")
    )
    assert await names(served, last="11110000beef") == ["T-BEEF"]
    assert await names(served, last="t-beef") == ["T-BEEF"]
    assert set(await names(served, last="beef")) == {"T-BEEF", "2026-03-01/0417"}
    assert await names(served, last="0417") == ["2026-03-01/0417"]
    assert await names(served, last="9417") == []


async def test_a_sale_is_found_by_its_amount_and_about_when(served: Served) -> None:
    served.clock.ahead = -3 * 3_600.0
    await sell(served, "T-early")
    served.clock.ahead = 0.0
    await sell(served, "T-other", subtotal=11)
    await sell(served, "T-late")
    now = datetime.now(UTC)
    assert await names(served, amount="10.70", around=now.isoformat()) == ["T-late"]
    assert await names(served, amount="10.7", around=f"{now.astimezone():%Y-%m-%dT%H:%M:%S}") == ["T-late"]
    assert await names(served, amount="10.70", around=now.isoformat(), within_minutes=200) == ["T-late", "T-early"]
    early = (now - timedelta(hours=3)).isoformat()
    assert await names(served, amount="10.70", around=early) == ["T-early"]
    assert await names(served, amount="10.69", around=now.isoformat()) == []
    assert await names(served, amount="10.70", around="1970-01-02T00:00Z") == []


async def test_a_clock_that_was_wrong_for_a_while_hides_no_other_sales_G14(served: Served) -> None:
    now = datetime.now(UTC)
    for number in range(30):
        served.clock.ahead = 31_536_000.0 if 10 <= number < 20 else number * 60.0
        await sell(served, f"T-{number}")
    for number in (*range(10), *range(20, 30)):
        around = (now + timedelta(minutes=number)).isoformat()
        assert f"T-{number}" in await names(served, amount="10.70", around=around, within_minutes=1)


async def test_blanks_and_dashes_in_a_number_do_not_count(served: Served) -> None:
    await sell(served, "0001 003-7 ")
    assert await names(served, last="0037") == await names(served, last="00 3-7") == ["0001 003-7 "]


async def test_an_amount_of_an_earlier_state_finds_the_sale_too(served: Served) -> None:
    await sell(served, "T-1")
    await sell(served, "T-1", subtotal=11)
    now = datetime.now(UTC).isoformat()
    assert await names(served, amount="10.70", around=now) == await names(served, amount="11.70", around=now) == ["T-1"]


async def test_an_answer_that_leaves_something_out_says_so(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC).isoformat()
    for number in range(60):
        await sell(served, f"T-{number}-same")
    for asked in ({"last": "same"}, {"amount": "10.70", "around": now}):
        found = await find(served, **asked)
        assert (len(found["receipts"]), found["complete"]) == (50, False)
    monkeypatch.setattr(bounds, "END_SCAN_MAX", 40)
    monkeypatch.setattr(bounds, "AMOUNT_SCAN_MAX", 40)
    for asked in ({"last": "same"}, {"amount": "10.70", "around": now}):
        found = await find(served, **asked)
        assert (len(found["receipts"]), found["complete"]) == (40, False)


async def test_the_newest_stand_first(served: Served) -> None:
    for number in range(3):
        served.clock.ahead = number * 60.0
        await sell(served, f"T-{number}-same")
    assert await names(served, last="same") == ["T-2-same", "T-1-same", "T-0-same"]


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({}, ["code", "transaction_id", "last", "amount"]),
        ({"code": "a", "last": "abcd"}, ["code", "last"]),
        ({"amount": "1"}, ["around"]),
        ({"code": "a", "around": "2026-03-01T10:00"}, ["around"]),
        ({"last": "abcd", "within_minutes": 5}, ["within_minutes"]),
        ({"last": "abc"}, ["last"]),
        ({"last": "0123456789abc"}, ["last"]),
        ({"last": "ab%d"}, ["last"]),
        ({"amount": "1.23456", "around": "2026-03-01T10:00"}, ["amount"]),
        ({"amount": "1", "around": "yesterday"}, ["around"]),
        ({"amount": "1", "around": "0001-01-01T00:00+14:00"}, ["around"]),
        ({"amount": "1", "around": "2026-03-01T10:00", "within_minutes": 1441}, ["within_minutes"]),
        ({"codes": "a"}, ["codes"]),
    ],
)
async def test_unclear_questions_are_refused(served: Served, asked: dict[str, Any], paths: list[str]) -> None:
    answer = await served.cashier.get("/v1/receipts/find", params=asked)
    assert answer.status_code == 400
    assert [field["path"] for field in answer.json()["errors"]["fields"]] == paths


@pytest.mark.parametrize("around", ["0001-01-01T00:00Z", "9999-12-31T23:59:59Z"])
async def test_times_at_either_end_of_the_calendar_find_nothing(served: Served, around: str) -> None:
    await sell(served, "T-1")
    assert await names(served, amount="10.70", around=around, within_minutes=1440) == []
