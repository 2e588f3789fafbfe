"""Uses of offers: kept before they are sent, applied once, counted against the caps, given back, forgotten."""

import asyncio
import hashlib
import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.offers import OfferAction, Use, UseState
from store_agent.storage import offers as module
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.deferral import Deferral
from store_agent.storage.intake import Intake
from store_agent.storage.offers import Applied, Asked, Offers, Taken, give_back_subject
from store_agent.storage.outbox import Outbox
from tests.support.arrivals import arrival
from tests.support.uses import ANSWER, DISCOUNT

_requests = itertools.count(1)

ONLINE = Applied("offer-1", "u-1", ANSWER)
OFFLINE = Applied("offer-1", "u-1", ANSWER, day="2026-03-01", reached=False)

BATCH = "INSERT INTO batch (request_id, endpoint, body, members, frozen_at) VALUES ('r', 'e', x'', 1, 0)"


@pytest.fixture
def offers(database: Database) -> Offers:
    return Offers(database, SystemClock())


def asked(transaction: str = "T-1", code: str = "offer-1", **changes: Any) -> Asked:
    known: dict[str, Any] = {
        "transaction_id": transaction,
        "terminal": "lane-1",
        "employee": "1000",
        "action": OfferAction.LOCK,
        "code": code,
    } | changes
    digest = hashlib.sha256(repr(known).encode()).digest()
    offer = code if code.startswith("offer") else None
    return Asked(**known, digest=digest, request_id=f"request-{next(_requests)}", offer=offer)


async def applied(offers: Offers, answer: Applied = ONLINE, *, sure: bool = True, **changes: Any) -> int:
    number = (await offers.ask(asked(**changes))).number
    if answer.day is not None:
        assert await offers.allow(number, answer, lambda _: "") == ""
    elif sure:
        await offers.apply(number, answer)
    return number


async def states(database: Database) -> dict[int, str]:
    rows = await database.read(lambda raw: raw.execute("SELECT number, state FROM offer_use").fetchall())
    return dict(rows)


def shown(uses: list[Use]) -> list[tuple[int, str]]:
    return [(one.number, one.state.value) for one in uses]


async def test_what_is_asked_is_kept_before_it_is_sent_and_asked_again_under_the_same_request_G3_G9(
    offers: Offers,
) -> None:
    first = await offers.ask(asked())
    again = await offers.ask(asked())
    assert (first.tried, again.tried) == (False, True)
    assert (again.number, again.request_id, again.answer) == (first.number, first.request_id, None)


async def test_a_request_id_that_were_not_kept_would_be_noticed_G3(
    offers: Offers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: nothing asked before is ever found again."""
    monkeypatch.setitem(module._SQL, "same_use", "SELECT 1 WHERE ? AND ? AND ? AND ? AND 0")
    first, again = await offers.ask(asked()), await offers.ask(asked())
    assert (again.request_id == first.request_id, again.tried) == (False, False)


async def test_the_same_again_after_an_answer_gets_that_answer_G9(offers: Offers) -> None:
    number = await applied(offers)
    again = await offers.ask(asked())
    assert (again.number, again.answer) == (number, ANSWER)


@pytest.mark.parametrize(
    "change",
    [{"terminal": "lane-2"}, {"action": OfferAction.REDEEM}, {"transaction": "T-2"}, {"employee": "another digest"}],
)
async def test_whatever_differs_is_another_use_G9(offers: Offers, change: dict[str, Any]) -> None:
    number = await applied(offers)
    assert (await offers.ask(asked(**change))).number != number


async def test_what_was_refused_or_given_back_is_asked_anew(offers: Offers) -> None:
    first = await offers.ask(asked())
    await offers.refuse(first.number)
    second = await offers.ask(asked())
    await offers.apply(second.number, ONLINE)
    await offers.release(await offers.uses("offer-1"))
    third = await offers.ask(asked())
    assert len({first.number, second.number, third.number}) == 3
    assert [third.tried, third.answer] == [False, None]


async def test_an_answer_that_came_too_late_changes_nothing_any_more(offers: Offers, database: Database) -> None:
    number = await applied(offers, sure=False)
    await offers.release(await offers.uses("offer-1"))
    await offers.apply(number, ONLINE)
    await offers.refuse(number)
    assert await states(database) == {number: "released"}


async def test_a_later_use_takes_the_place_of_earlier_ones_of_its_transaction(
    offers: Offers, database: Database
) -> None:
    first = await applied(offers)
    other = await applied(offers, Applied("offer-2", None, ANSWER), code="offer-2")
    elsewhere = await applied(offers, transaction="T-2")
    by_code = await applied(offers, code="123456")
    assert await states(database) == {first: "released", other: "applied", elsewhere: "applied", by_code: "applied"}


async def test_a_use_is_read_as_it_was_answered(offers: Offers) -> None:
    number = await applied(offers, code="123456", employee="77")
    (use,) = await offers.uses("offer-1")
    assert (use.number, use.code, use.offer, use.name, use.employee) == (number, "123456", "offer-1", "offer-1", "77")
    assert (use.action, use.state, use.offline, use.reached, use.sent) == (
        OfferAction.LOCK,
        UseState.APPLIED,
        False,
        True,
        False,
    )
    assert json.loads(json.dumps(use.discount, default=float)) == DISCOUNT


async def test_a_use_is_found_by_its_offer_whatever_it_was_asked_by(offers: Offers) -> None:
    unknown = (await offers.ask(asked(code="offer-1"))).number
    known = await applied(offers, transaction="T-2", code="123456")
    refused = (await offers.ask(asked("T-3"))).number
    await offers.refuse(refused)
    assert shown(await offers.uses("offer-1")) == [(known, "applied"), (unknown, "asked")]
    assert await offers.uses("123456") == []
    await offers.release(await offers.uses("offer-1"))
    assert shown(await offers.uses("offer-1")) == [(known, "released"), (unknown, "released")]
    assert await offers.uses("nobody's") == []


def offline(offer: str, guest: str | None = "u-1", day: str = "2026-03-01") -> Applied:
    return Applied(offer, guest, ANSWER, day, reached=False)


async def counted(offers: Offers, answer: Applied, transaction: str = "T-next") -> Taken:
    """See what an offer that is asked for next would be held against."""
    seen: list[Taken] = []
    number = (await offers.ask(asked(transaction, answer.offer, employee=str(next(_requests))))).number

    def why_not(taken: Taken) -> str:
        seen.append(taken)
        return "no"

    assert await offers.allow(number, answer, why_not) == "no"
    await offers.refuse(number)
    return seen[0]


async def test_offers_allowed_offline_are_counted_for_the_caps(offers: Offers) -> None:
    assert await counted(offers, OFFLINE) == (0, 0, 0)
    await applied(
        offers, Applied("offer-0", "u-1", ANSWER), transaction="T-0", code="offer-0"
    )  # online, which no cap counts
    await applied(offers, OFFLINE, transaction="T-2")
    await applied(offers, offline("offer-2", "u-2"), transaction="T-2", code="offer-2")
    await applied(offers, offline("offer-3", day="2026-03-02"), transaction="T-2", code="offer-3")
    await applied(offers, offline("offer-4", None), transaction="T-2", code="offer-4")
    assert await counted(offers, offline("offer-9")) == (0, 1, 3)
    assert await counted(offers, offline("offer-9", None)) == (0, 1, 3)
    assert await counted(offers, offline("offer-9", "u-9")) == (0, 0, 3)
    await offers.release(await offers.uses("offer-1"))
    assert await counted(offers, offline("offer-9")) == (0, 0, 2)


async def test_an_offer_in_use_for_another_sale_is_not_allowed_offline(offers: Offers, database: Database) -> None:
    number = await applied(offers)
    other = (await offers.ask(asked("T-2"))).number
    assert "in use" in await offers.allow(other, OFFLINE, lambda _: "")
    assert await states(database) == {number: "applied", other: "asked"}


async def test_an_offer_asked_again_for_its_changed_sale_counts_once(offers: Offers, database: Database) -> None:
    """A sale that gets another line asks for its offers anew; the later use takes the place of the first."""
    first = await applied(offers, OFFLINE)
    assert await counted(offers, OFFLINE, "T-1") == (0, 0, 0)
    again = await applied(offers, OFFLINE, employee="another digest")
    seen = await states(database)
    assert (seen[first], seen[again]) == ("released", "applied")


async def test_what_is_not_allowed_is_not_applied(offers: Offers, database: Database) -> None:
    number = (await offers.ask(asked())).number
    assert await offers.allow(number, OFFLINE, lambda _: "too many") == "too many"
    assert await states(database) == {number: "asked"}


async def test_a_use_does_not_count_against_itself(offers: Offers) -> None:
    """A cashier who presses twice gets the same answer twice, and the offer is applied once."""
    number = await applied(offers, OFFLINE)
    assert await offers.allow(number, OFFLINE, lambda taken: "again" if taken.offer else "") == ""
    assert await counted(offers, offline("offer-9")) == (0, 1, 1)


async def test_many_at_once_never_pass_a_cap(offers: Offers) -> None:
    names = [f"offer-{one}" for one in range(20)]
    numbers = [(await offers.ask(asked("T-1", name))).number for name in names]
    full = [
        offers.allow(number, offline(name), lambda taken: "full" if taken.store_day >= 3 else "")
        for number, name in zip(numbers, names, strict=True)
    ]
    assert sorted(await asyncio.gather(*full)) == [""] * 3 + ["full"] * 17


async def test_one_offer_asked_for_at_many_lanes_is_applied_once_at_most(offers: Offers) -> None:
    first, *others = [(await offers.ask(asked(f"T-{one}"))).number for one in range(9)]
    answers = await asyncio.gather(*(offers.allow(number, OFFLINE, lambda _: "") for number in (first, *others)))
    assert answers.count("") <= 1
    for number in others:
        await offers.refuse(number)
    assert await offers.allow(first, OFFLINE, lambda _: "") == ""


@pytest.mark.parametrize(("reached", "ways"), [(True, ("unlock",)), (False, ())])
async def test_it_is_kept_whether_the_platform_may_have_heard_of_an_offline_use(
    offers: Offers, *, reached: bool, ways: tuple[str, ...]
) -> None:
    await applied(offers, Applied("offer-1", None, ANSWER, "2026-03-01", reached=reached))
    (use,) = await offers.uses("offer-1")
    assert (use.offline, use.reached, use.ways_back) == (True, reached, ways)


async def test_giving_back_and_telling_the_platform_are_one_commit(offers: Offers, database: Database) -> None:
    await applied(offers)
    uses = await offers.uses("offer-1")
    call = Deferral("lane-1", "unlock", give_back_subject("offer-1"), "{}", follows="T-1")
    assert await offers.release(uses) is None
    await applied(offers)
    assert await offers.release(await offers.uses("offer-1"), call) == 1
    assert set((await states(database)).values()) == {"released"}
    assert (await Outbox(database, SystemClock()).books()).accepted.revisions == 1


def call(subject: str = "offer:1", follows: str | None = "T-1") -> Deferral:
    return Deferral("lane-1", "unlock", subject, "{}", follows=follows)


async def test_a_call_must_wait_until_what_goes_before_it_is_settled_G4(offers: Offers, database: Database) -> None:
    assert not await offers.must_wait(call())
    await Intake(database, SystemClock(), None).accept([arrival()])
    assert await offers.must_wait(call())
    await database.write(lambda raw: raw.execute("UPDATE revision SET state = 'held'"))
    assert await offers.must_wait(call())
    await database.write(lambda raw: raw.execute("UPDATE revision SET state = 'waiting'"))
    assert not await offers.must_wait(call(follows=None))
    await database.write(lambda raw: raw.execute("UPDATE revision SET state = 'superseded'"))
    assert not await offers.must_wait(call())
    await offers.defer(call())
    waits = [call(), call(follows=None), call("offer:2"), call("offer:2", "T-2"), call("offer:2", None)]
    assert [await offers.must_wait(one) for one in waits] == [True, True, True, False, False]


async def test_time_that_passes_makes_open_uses_older_and_no_others_G14(offers: Offers, database: Database) -> None:
    await applied(offers)
    await offers.release(await offers.uses("offer-1"))
    await applied(offers)
    await offers.grow_older(50)
    await offers.grow_older(10)
    ages = await database.read(lambda raw: raw.execute("SELECT age FROM offer_use ORDER BY number").fetchall())
    assert ages == [(0,), (60,)]


async def test_what_stays_open_for_too_long_is_taken_back_and_the_platform_told(
    offers: Offers, database: Database
) -> None:
    locked = await applied(offers)
    of_two = replace(ONLINE, offer="offer-2")
    spent = await applied(offers, of_two, transaction="T-2", code="offer-2", action=OfferAction.REDEEM)
    unheard = await applied(offers, offline("offer-3"), transaction="T-3", code="offer-3")
    unknown = await applied(offers, transaction="T-4", code="offer-4", sure=False)
    whose = await applied(offers, transaction="T-5", code="123456", sure=False)
    await offers.grow_older(3600)
    young = await applied(offers, replace(ONLINE, offer="offer-6"), transaction="T-6", code="offer-6")
    assert [one.number for one in await offers.forget(3600)] == [locked, spent, unheard, unknown, whose]
    assert await offers.forget(3600) == []
    released = dict.fromkeys([locked, spent, unheard, unknown, whose], "released")
    assert await states(database) == released | {young: "applied"}
    calls = await database.read(lambda raw: raw.execute("SELECT call, follows FROM revision").fetchall())
    assert calls == [("unlock", "T-1"), ("unlock", "T-4")]


@pytest.mark.parametrize("state", ["waiting", "held", "frozen"])
async def test_nothing_is_taken_back_while_a_closed_sale_is_on_its_way(
    offers: Offers, database: Database, state: str
) -> None:
    await applied(offers)
    await Intake(database, SystemClock(), None).accept([arrival(is_closed=False)])
    await offers.grow_older(3600)

    def closed(raw: sqlite.Connection) -> None:
        raw.execute("UPDATE revision SET closed = 1")
        if state == "frozen":
            raw.execute(BATCH)
            raw.execute("UPDATE revision SET batch = 1")
        if state != "waiting":
            raw.execute("UPDATE revision SET state = ?", (state,))

    await database.write(closed)
    assert await offers.forget(3600) == []
    await database.write(lambda raw: raw.execute("UPDATE revision SET closed = 0"))
    assert len(await offers.forget(3600)) == 1


async def test_old_uses_that_came_to_their_end_go_and_others_stay(
    offers: Offers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_MIN", 2)
    await Intake(database, SystemClock(), None).accept([arrival("T-sold")])
    kept_open = await applied(offers)
    sold = (await offers.ask(asked("T-sold"))).number
    gone = (await offers.ask(asked("T-gone"))).number
    last = [(await offers.ask(asked(f"T-{name}"))).number for name in "ab"]
    for number in (sold, gone, *last):
        await offers.refuse(number)
    assert not await offers.purge()
    assert set(await states(database)) == {kept_open, sold, *last}


async def test_a_purge_says_when_there_may_be_more(
    offers: Offers, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(module, "KEEP_MIN", 0)
    monkeypatch.setattr(module, "TIDY_MAX", 2)
    for name in "abc":
        await offers.refuse((await offers.ask(asked(name))).number)
    assert [await offers.purge(), await offers.purge()] == [True, False]
    assert await states(database) == {}
