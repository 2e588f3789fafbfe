"""Looking for sales: filters of the list, pages over any number of sales, and what people did to one."""

from typing import Any

import pytest

from store_agent.domain.settle import Park
from store_agent.storage import revisions
from tests.support.served import Served


async def names(served: Served, **filters: Any) -> list[str]:
    page = await served.ask("/v1/outbox", **filters)
    return [row["transaction_id"] for row in page["revisions"]]


async def test_sales_are_found_by_state_terminal_name_and_reason(served: Served) -> None:
    await served.sell("Breakfast-1", "Lunch-1")
    await served.answer(Park("Item 4711 is unknown.", ""))
    await served.sell("Breakfast-2")
    assert await names(served, state="parked") == ["Breakfast-1", "Lunch-1"]
    assert await names(served, text="breakfast") == ["Breakfast-1", "Breakfast-2"]
    assert await names(served, text="4711", state="parked") == ["Breakfast-1", "Lunch-1"]
    assert await names(served, terminal="lane-1", text="2") == ["Breakfast-2"]
    assert await names(served, terminal="lane-2") == []


async def test_sales_are_found_by_their_age(served: Served) -> None:
    await served.sell("Yesterday")
    served.clock.ahead = 86_400.0
    await served.sell("Today")
    assert await names(served, older_than_seconds=3_600) == ["Yesterday"]
    assert await names(served, younger_than_seconds=3_600) == ["Today"]
    assert await names(served, older_than_seconds=3_600, younger_than_seconds=7_200) == []
    assert await names(served, older_than_seconds=0.0) == ["Yesterday", "Today"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"text": ""},
        {"text": "x" * 101},
        {"terminal": ""},
        {"older_than_seconds": -1},
        {"older_than_seconds": "nan"},
        {"younger_than_seconds": "1e300"},
        {"older_then_seconds": 5},
    ],
)
async def test_a_filter_that_cannot_be_is_refused_by_name(served: Served, parameters: dict[str, Any]) -> None:
    answer = await served.cashier.get("/v1/outbox", params=parameters)
    assert answer.status_code == 400
    assert [field["path"] for field in answer.json()["errors"]["fields"]] == list(parameters)


async def test_a_rare_sale_among_many_is_found_page_by_page(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page looks at so many sales and no more; the pages together find everything once."""
    monkeypatch.setattr(revisions, "SCAN_MAX", 10)
    await served.sell(*(f"{'rare' if number % 17 == 0 else 'sale'}-{number}" for number in range(100)))
    found, pages, after = [], 0, 0
    while after is not None:
        page = await served.ask("/v1/outbox", text="rare", after=after, limit=2)
        found += [row["transaction_id"] for row in page["revisions"]]
        pages, after = pages + 1, page["next_after"]
    assert found == [f"rare-{number}" for number in range(0, 100, 17)]
    assert pages >= 10


async def test_one_sale_tells_what_people_did_to_it(served: Served) -> None:
    await served.sell("T-1", "T-2")
    await served.do("/v1/outbox/hold", sequences=[1], reason="the price is wrong")
    await served.do("/v1/outbox/release", sequences=[1])
    shown = await served.ask("/v1/outbox/1")
    assert [(entry["action"], entry["who"], entry["reason"]) for entry in shown["history"]] == [
        ("hold", "Ada", "the price is wrong"),
        ("release", "Ada", ""),
    ]
    assert (await served.ask("/v1/outbox/2"))["history"] == []
