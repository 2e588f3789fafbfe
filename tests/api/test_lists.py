"""Looking for sales: filters of the list, pages over any number of sales, and what people did to one."""

import re
from typing import Any

import pytest

from store_agent.domain.settle import Deliver, Park
from store_agent.storage import revisions
from tests.support.arrivals import arrival
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
        {"amount_min": "ten"},
        {"amount_min": "nan"},
        {"amount_max": "0.00001"},
        {"amount_max": "1e300"},
        {"cause": ""},
        {"cause": "x" * 2_001},
        {"before": 0},
    ],
)
async def test_a_filter_that_cannot_be_is_refused_by_name(served: Served, parameters: dict[str, Any]) -> None:
    answer = await served.cashier.get("/v1/outbox", params=parameters)
    assert answer.status_code == 400
    assert [field["path"] for field in answer.json()["errors"]["fields"]] == list(parameters)


async def test_sales_are_found_by_their_amount_and_by_the_exact_cause(served: Served) -> None:
    for name, subtotal in (("small", 4.30), ("middle", 10.00), ("large", 99.30), ("unknown", None)):
        await served.intake.accept([arrival(name, subtotal=subtotal)])
    assert await names(served, amount_min="10.70") == ["middle", "large"]
    assert await names(served, amount_min=5.5, amount_max=10.70) == ["middle"]
    assert await names(served, amount_max="10.6999") == ["small"]
    await served.answer(Park("Item 1 is unknown.", ""))
    await served.sell("later")
    await served.answer(Park("Item 10 is unknown.", ""))
    assert await names(served, cause="Item 10 is unknown.") == ["later"]
    assert await names(served, cause="item 10 is unknown.") == []


async def test_an_amount_range_that_holds_nothing_is_refused(served: Served) -> None:
    answer = await served.cashier.get("/v1/outbox", params={"amount_min": "5", "amount_max": "4.99"})
    fields = [{"path": "amount_max", "message": "must not be below amount_min"}]
    assert (answer.status_code, answer.json()["errors"]["fields"]) == (400, fields)


async def test_a_repair_of_everything_takes_amounts_and_causes(served: Served) -> None:
    for name, subtotal in (("small", 4.30), ("large", 99.30)):
        await served.intake.accept([arrival(name, subtotal=subtotal)])
    await served.answer(Park("Item 1 is unknown.", ""))
    await served.sell("other")
    await served.answer(Park("Item 10 is unknown.", ""))
    for match, sequences in (
        ({"cause": "Item 1 is unknown.", "amount_min": 100.0}, [2]),
        ({"cause": "Item 1 is unknown."}, [1]),
        ({}, [3]),
    ):
        done = await served.do("/v1/outbox/retry", all=match)
        assert [result["sequence"] for result in done["results"]] == sequences
    errors = await served.refused("/v1/outbox/retry", 400, all={"amount_min": True})
    assert [field["path"] for field in errors["fields"]] == ["all.amount_min"]


async def test_the_list_goes_backwards_from_any_sequence(served: Served) -> None:
    await served.sell(*(f"T-{number}" for number in range(7)))
    page = await served.ask("/v1/outbox", before=6, limit=3)
    assert [row["sequence"] for row in page["revisions"]] == [5, 4, 3]
    assert (page["next_after"], page["next_before"]) == (None, 3)
    page = await served.ask("/v1/outbox", before=page["next_before"], limit=3)
    assert [row["sequence"] for row in page["revisions"]] == [2, 1]
    assert (page["next_after"], page["next_before"]) == (None, None)
    forward = await served.ask("/v1/outbox", after=5, limit=1)
    assert (forward["next_after"], forward["next_before"]) == (6, None)


@pytest.mark.parametrize("after", [0, 3])
async def test_a_page_has_one_edge(served: Served, after: int) -> None:
    answer = await served.cashier.get("/v1/outbox", params={"after": after, "before": 9})
    assert answer.status_code == 400
    assert answer.json()["errors"]["fields"] == [
        {"path": "after", "message": "give either after or before"},
        {"path": "before", "message": "give either after or before"},
    ]


async def test_a_rare_sale_is_found_backwards_page_by_page_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "SCAN_MAX", 10)
    await served.sell(*(f"{'rare' if number % 17 == 0 else 'sale'}-{number}" for number in range(100)))
    await served.do("/v1/outbox/hold", sequences=[18, 52])
    for state, numbers in ((None, [85, 68, 51, 34, 17, 0]), ("waiting", [85, 68, 34, 0]), ("held", [51, 17])):
        found, pages, before = [], 0, 1_000
        while before is not None:
            asked = {"text": "rare", "before": before, "limit": 2} | ({"state": state} if state else {})
            page = await served.ask("/v1/outbox", **asked)
            found += [row["transaction_id"] for row in page["revisions"]]
            pages, before = pages + 1, page["next_before"]
        assert found == [f"rare-{number}" for number in numbers]
        assert pages >= 10 or state == "held"


@pytest.mark.parametrize("query", ["page", "page_before"])
def test_a_page_looks_at_no_more_rows_than_its_bound(query: str) -> None:
    """Whatever the filters, rows are taken from a part of the list that is limited before they are looked at."""
    (part,) = re.findall(r"sequence IN \((.*?)\n\)", revisions._SQL[query], re.DOTALL)
    assert part.rstrip().endswith("LIMIT :scan")


async def test_the_extent_of_a_state_places_a_scroll_bar(served: Served) -> None:
    nothing = {"first": None, "last": None, "sales": 0, "amount": "0.00"}
    assert await served.ask("/v1/outbox/extent") == nothing
    await served.sell("T-1", "T-2")
    await served.answer(Deliver(""))
    await served.sell("T-3", "T-4", "T-5")
    assert await served.ask("/v1/outbox/extent") == {"first": 1, "last": 5, "sales": 5, "amount": "53.50"}
    waiting = {"first": 3, "last": 5, "sales": 3, "amount": "32.10"}
    assert await served.ask("/v1/outbox/extent", state="waiting") == waiting
    assert await served.ask("/v1/outbox/extent", state="parked") == nothing
    await served.database.write(lambda raw: raw.execute("DELETE FROM revision WHERE sequence = 1"))
    assert await served.ask("/v1/outbox/extent", state="delivered") == {
        "first": 2,
        "last": 2,
        "sales": 1,
        "amount": "10.70",
    }
    assert (await served.ask("/v1/outbox/extent"))["sales"] == 4


async def test_an_unknown_state_has_no_extent(served: Served) -> None:
    answer = await served.cashier.get("/v1/outbox/extent", params={"state": "lost"})
    assert (answer.status_code, answer.json()["errors"]["fields"][0]["path"]) == (400, "state")


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
