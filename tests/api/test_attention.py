"""What waits for a person: refused sales by cause, with what to do, in bounded work."""

from functools import partial
from typing import Any

import pytest

from store_agent.domain.settle import Deliver, Park
from store_agent.storage import attention
from store_agent.storage.deferral import Deferral
from store_agent.storage.offers import Offers
from tests.support.arrivals import arrival
from tests.support.served import Served
from tests.support.steps import steps_of

EMPLOYEE = Park("The platform does not know employee 1000.", "no", ("pos_employee_id",))
ITEM = Park("The platform does not know item 4711.", "no", ("items.0.item_id",))


async def refuse(served: Served, decision: Park, *names: str) -> None:
    await served.sell(*names)
    await served.answer(decision)


async def test_refused_sales_are_grouped_by_cause_with_what_to_do(served: Served) -> None:
    await refuse(served, ITEM, "A-1")
    await refuse(served, EMPLOYEE, "B-1", "B-2")
    served.clock.ahead = 600.0
    await refuse(served, EMPLOYEE, "B-3")
    found = await served.ask("/v1/attention")
    assert found["complete"] is True
    first, second = found["groups"]
    assert first["newest_at"] - first["oldest_at"] == pytest.approx(600, abs=60)
    assert {name: first[name] for name in first if not name.endswith("_at")} == {
        "cause": "The platform does not know employee 1000.",
        "what_to_do": "Have the employee added at the platform, or check that the upload of the employees arrived and "
        "holds this one. Then retry all sales of this group.",
        "fields": ["pos_employee_id"],
        "burst": False,
        "sales": 3,
        "calls": 0,
        "amount": "32.10",
        "overtaken": 0,
        "first_sequence": 2,
        "sequences": [2, 3, 4],
    }
    assert (second["cause"], second["sales"], second["sequences"]) == (ITEM.words, 1, [1])


async def test_nothing_refused_needs_no_attention(served: Served) -> None:
    await served.sell("T-1")
    assert await served.ask("/v1/attention") == {"groups": [], "complete": True}


async def test_a_group_is_found_and_retried_by_its_cause(served: Served) -> None:
    await refuse(served, ITEM, "A-1")
    await refuse(served, EMPLOYEE, "B-1", "B-2")
    group = (await served.ask("/v1/attention"))["groups"][0]
    listed = await served.ask("/v1/outbox", state="parked", cause=group["cause"])
    assert [row["sequence"] for row in listed["revisions"]] == group["sequences"]
    assert (await served.do("/v1/outbox/retry", all={"cause": group["cause"]}))["done"] == 2


async def test_those_that_a_newer_state_overtook_are_what_a_retry_supersedes_G4(served: Served) -> None:
    await refuse(served, EMPLOYEE, "waits", "arrived", "refused-too", "alone")
    await served.sell("arrived")
    await served.answer(Deliver(""))
    await refuse(served, EMPLOYEE, "refused-too")
    await served.sell("waits")
    (group,) = (await served.ask("/v1/attention"))["groups"]
    assert (group["sales"], group["overtaken"]) == (5, 2)
    await served.do("/v1/outbox/retry", sequences=[1, 2])
    assert (await served.states())[:2] == ["superseded", "superseded"]


async def test_calls_are_counted_apart_and_come_last(served: Served) -> None:
    offers = Offers(served.database, served.clock)
    for number in range(3):
        await offers.defer(Deferral("lane-1", "unlock", f"offer:{number}", "{}"))
    await served.answer(Park("The platform refuses it: Offer 17 is REDEEMED, not LOCKED", ""))
    await refuse(served, ITEM, "A-1")
    sales, calls = (await served.ask("/v1/attention"))["groups"]
    assert (sales["sales"], sales["calls"]) == (1, 0)
    assert (calls["sales"], calls["calls"], calls["amount"]) == (0, 3, "0.00")
    assert "nothing left to give back" in calls["what_to_do"]


async def test_a_burst_shows_as_a_fault_of_the_setup(served: Served) -> None:
    await refuse(served, Park("The platform refuses it: no", "", burst=(1,)), "A-1")
    (group,) = (await served.ask("/v1/attention"))["groups"]
    assert group["burst"] is True
    assert "rather the setup" in group["what_to_do"]


async def test_no_more_is_looked_at_than_the_bound_and_it_says_so(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "SCAN_MAX", 3)
    await refuse(served, EMPLOYEE, "B-1", "B-2", "B-3")
    assert (await served.ask("/v1/attention"))["complete"] is True
    await refuse(served, EMPLOYEE, "B-4")
    found = await served.ask("/v1/attention")
    assert (found["complete"], found["groups"][0]["sales"]) == (False, 3)


async def test_groups_and_their_sequences_are_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "GROUPS_MAX", 2)
    monkeypatch.setattr(attention, "SEQUENCES_MAX", 3)
    await refuse(served, EMPLOYEE, *(f"B-{number}" for number in range(5)))
    for cause in ("one", "two"):
        await refuse(served, Park(cause, ""), cause)
    found = await served.ask("/v1/attention")
    assert [group["cause"] for group in found["groups"]] == [EMPLOYEE.words, "one"]
    assert found["complete"] is False
    assert (found["groups"][0]["sales"], found["groups"][0]["sequences"]) == (5, [1, 2, 3])


async def test_the_work_does_not_grow_with_the_queue_G11(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "SCAN_MAX", 50)
    taken: list[int] = []
    for _ in range(3):
        arrivals: list[Any] = [arrival(f"T-{len(taken)}-{number}") for number in range(200)]
        await served.intake.accept(arrivals)
        await served.answer(EMPLOYEE)
        found, steps = await served.database.read(partial(steps_of, attention._groups))
        assert found.groups[0].sales == 50
        taken.append(steps)
    assert max(taken) <= min(taken) * 1.2, taken


async def test_work_that_grows_would_be_noticed_G11(served: Served) -> None:
    """The control: without the bound, more parked sales are more steps."""
    taken: list[int] = []
    for name in ("a", "b"):
        await refuse(served, EMPLOYEE, *(f"{name}-{number}" for number in range(200)))
        taken.append((await served.database.read(partial(steps_of, attention._groups)))[1])
    assert taken[1] > taken[0] * 1.5
