"""The business day: its books, what keeps it open, and closing it."""

import pytest

from store_agent.domain.settle import Deliver, Park
from tests.support.served import Served

ONE = {"sales": 1, "amount": "10.70"}
TWO = {"sales": 2, "amount": "21.40"}
NONE = {"sales": 0, "amount": "0.00"}


async def test_the_books_of_a_day_show_every_state_with_its_money_G2(served: Served) -> None:
    await served.sell("T-1")
    await served.answer(Deliver(""))
    await served.sell("T-2")
    await served.answer(Park("no", ""))
    await served.sell("T-3", "T-3")
    day = await served.ask("/v1/day")
    assert (day["number"], day["since"], day["balanced"]) == (1, None, True)
    assert (day["carried"], day["accepted"]) == (NONE, {"sales": 4, "amount": "42.80"})
    assert (day["delivered"], day["parked"], day["superseded"], day["waiting"]) == (ONE, ONE, ONE, ONE)
    assert (day["held"], day["frozen"], day["discarded"]) == (NONE, NONE, NONE)
    assert day["unfinished"] == TWO
    assert [(row["sequence"], row["state"]) for row in day["keeps_open"]] == [(2, "parked"), (4, "waiting")]
    assert day["closed"] == []


async def test_a_day_with_unfinished_sales_is_not_closed_without_a_reason(served: Served) -> None:
    await served.sell("T-1")
    await served.answer(Park("no", ""))
    await served.sell("T-2", "T-3", "T-4")
    await served.do("/v1/outbox/hold", sequences=[4])
    errors = await served.refused("/v1/day/close", 409, reason="  ")
    assert errors["code"] == "day_open"
    for words in (
        "4 sales are unfinished (42.80)",
        "2 wait to be sent, 1 is held back and 1 was refused by the platform",
        "safe",
        "wait until they are sent, release what is held, retry or discard what was refused or close the day with a",
    ):
        assert words in errors["message"]
    assert (await served.ask("/v1/day"))["number"] == 1
    assert [told.event.name for told in served.hub._kept] == ["queue.repaired"]


async def test_unfinished_sales_are_carried_into_the_next_day_G2(served: Served) -> None:
    await served.sell("T-1")
    await served.answer(Deliver(""))
    await served.sell("T-2", "T-3")
    closed = await served.do("/v1/day/close", reason="the line is down since noon")
    assert (closed["closed"], closed["delivered"], closed["unfinished"]) == (1, ONE, TWO)
    await served.answer(Deliver(""))
    day = await served.ask("/v1/day")
    assert (day["number"], day["carried"], day["accepted"], day["delivered"]) == (2, TWO, NONE, TWO)
    assert (day["balanced"], day["unfinished"], day["keeps_open"]) == (True, NONE, [])
    assert abs(day["since"] - served.clock.wall()) < 60
    (before,) = day["closed"]
    assert before == {
        "number": 1,
        "closed_at": day["since"],
        "closed_by": "Ada",
        "reason": "the line is down since noon",
    }


async def test_a_finished_day_is_closed_audited_and_told(served: Served) -> None:
    await served.sell("T-1")
    await served.answer(Deliver(""))
    assert (await served.do("/v1/day/close"))["closed"] == 1
    (entry,) = (await served.ask("/v1/audit"))["entries"]
    assert (entry["who"], entry["action"], entry["sequence"]) == ("Ada", "day_close", None)
    (told,) = served.hub._kept
    assert (told.event.name, told.event.words) == ("day.closed", "Day 1 was closed by Ada.")
    assert told.event.details == {"number": 1, "who": "Ada", "carried": 0}


async def test_only_the_last_closed_days_and_the_oldest_open_sales_are_listed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_agent.api.day.CLOSED_SHOWN_MAX", 2)
    monkeypatch.setattr("store_agent.api.day.OPEN_SHOWN_MAX", 3)
    await served.sell("T-1", "T-2", "T-3", "T-4")
    await served.do("/v1/outbox/hold", sequences=[1, 4])
    for _ in range(3):
        await served.do("/v1/day/close", reason="open")
    day = await served.ask("/v1/day")
    assert [row["sequence"] for row in day["keeps_open"]] == [1, 2, 3]
    assert day["unfinished"]["sales"] == 4
    assert [closed["number"] for closed in day["closed"]] == [3, 2]


async def test_a_cashier_sees_the_day_and_does_not_close_it_G15(served: Served) -> None:
    assert (await served.cashier.get("/v1/day")).status_code == 200
    answer = await served.cashier.post("/v1/day/close", json={"by": "Ada"})
    assert (answer.status_code, answer.json()["errors"]["code"]) == (403, "forbidden")


async def test_a_close_names_its_person(served: Served) -> None:
    answer = await served.manager.post("/v1/day/close", json={})
    assert (answer.status_code, answer.json()["errors"]["fields"][0]["path"]) == (400, "by")
