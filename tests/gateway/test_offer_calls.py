"""Lock and redeem: one request however often it is asked, and an honest word when nobody knows."""

import asyncio
import json
from typing import Any

import pytest

from store_agent.domain.counter_answer import NotDone
from store_agent.domain.outcome import Halted, Pending, PlatformFailure, Throttled
from store_agent.domain.reply import Reply
from store_agent.storage import offers as storage
from store_agent.storage.offers import Applied
from tests.gateway.counter import FOUND, KNOWN, Till, payload, told
from tests.gateway.far import DOWN, PORTAL, SILENT, good, refused
from tests.support.arrivals import arrival

LOCKED = good(
    json.dumps({"status": "OK", "payload": KNOWN | {"status": "LOCKED", "amount": 2.50}, "errors": None}).encode()
)
FAILED = Reply(PlatformFailure("It failed."), 500, b'{"status": "Error"}')


async def test_the_platform_s_answer_passes_and_is_the_answer_to_the_same_call_G7_G9(till: Till) -> None:
    till.answers(LOCKED, DOWN)
    first, again = await till.apply(), await till.apply()
    assert first == again
    assert getattr(first, "body", None) == LOCKED.body
    assert len(till.platform.asked) == 1
    assert await till.uses() == [("T-1", "applied")]


async def test_another_sale_terminal_or_action_is_another_call_G9(till: Till) -> None:
    till.answers(LOCKED)
    for change in ({}, {"sale": "T-2"}, {"action": "redeem"}, {"unknown": 1}):
        await till.apply(**change)
    assert len({request.request_id for request in till.platform.asked}) == 4


async def test_what_nobody_answered_goes_again_under_the_same_request_G3(till: Till) -> None:
    till.answers(SILENT, LOCKED)
    assert told(await till.apply()) == "unknown"
    assert told(await till.apply()) == "passed 200"
    first, second = till.platform.asked
    assert (first.request_id, first.body) == (second.request_id, second.body)


async def test_another_request_for_what_nobody_answered_would_be_noticed_G3(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what was asked before is not found again."""
    monkeypatch.setitem(storage._SQL, "same_use", "SELECT 1 WHERE ? AND ? AND ? AND ? AND 0")
    till.answers(SILENT, LOCKED)
    await till.apply()
    await till.apply()
    assert len({request.request_id for request in till.platform.asked}) == 2


@pytest.mark.parametrize(
    "reply", [SILENT, PORTAL, Reply(Pending("Working."), 200, b"{}"), Reply(PlatformFailure("It failed."), 500)]
)
async def test_what_may_have_arrived_stays_unknown_while_the_line_is_down_G3(till: Till, reply: Reply) -> None:
    """The second call is not sent, but the first one was."""
    till.answers(reply)
    assert told(await till.apply()) == "unknown"
    till.line.goes_down()
    assert told(await till.apply()) == "unknown"
    assert await till.uses() == [("T-1", "asked")]


@pytest.mark.parametrize("reply", [SILENT, PORTAL])
async def test_what_may_have_arrived_is_not_said_to_stay_with_the_guest_G3(generous: Till, reply: Reply) -> None:
    generous.answers(reply)
    assert told(await generous.apply()) == "unknown"
    generous.line.goes_down()
    assert told(await generous.apply()) == "unknown"
    assert await generous.uses() == [("T-1", "asked")]


async def test_what_was_never_sent_is_offline_and_begins_anew(till: Till) -> None:
    till.answers(DOWN)
    assert told(await till.apply()) == "offline"
    assert await till.uses() == [("T-1", "refused")]
    till.answers(LOCKED)
    assert told(await till.apply()) == "passed 200"


async def test_a_refusal_is_the_platform_s_own_and_is_asked_anew(till: Till) -> None:
    till.answers(refused(), LOCKED)
    assert told(await till.apply()) == "passed 400"
    assert told(await till.apply()) == "passed 200"
    assert till.platform.asked[0].request_id != till.platform.asked[1].request_id
    assert await till.uses() == [("T-1", "refused"), ("T-1", "applied")]


async def test_a_platform_that_failed_may_have_done_it_G3(till: Till) -> None:
    till.answers(FAILED, LOCKED)
    assert told(await till.apply()) == "passed 500"
    assert told(await till.apply()) == "passed 200"
    assert till.platform.asked[0].request_id == till.platform.asked[1].request_id


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(Throttled("Wait.", 2), 429, b"{}"), "throttled"),
        (Reply(Halted("Not you.", "Mend it."), 401, b"{}"), "halted"),
    ],
)
async def test_what_the_platform_does_not_take_now_is_said(till: Till, reply: Reply, code: str) -> None:
    till.answers(reply)
    assert told(await till.apply()) == code


async def test_two_who_press_at_once_ask_the_same_request_G9(till: Till) -> None:
    till.answers(LOCKED)
    both = await asyncio.gather(till.apply(), till.apply())
    assert [told(answer) for answer in both] == ["passed 200"] * 2
    assert len({request.request_id for request in till.platform.asked}) == 1
    assert await till.uses() == [("T-1", "applied")]


@pytest.mark.parametrize(
    "body", [b'{"status": "OK"}', b'{"status": "OK", "payload": []}', b'{"status": "OK", "payload": {}}']
)
async def test_an_answer_without_a_discount_passes_all_the_same(till: Till, body: bytes) -> None:
    till.answers(good(body))
    assert told(await till.apply()) == "passed 200"


async def remembered(till: Till, **offer: Any) -> None:
    """Look the guest up while the line is up, and lose it."""
    found = FOUND.replace(b'"amount": 2.5', json.dumps({"amount": 2.5, **offer})[1:-1].encode())
    till.answers(good(found))
    await till.lookup()
    till.answers(DOWN)


async def test_an_offer_that_is_known_is_applied_offline_and_says_so(generous: Till) -> None:
    await remembered(generous)
    found = payload(await generous.apply())
    assert (found["status"], found["amount"], found["reference_id"]) == ("OFFLINE", 2.5, "offer-1")
    assert await generous.uses() == [("T-1", "applied")]
    (use,) = await generous.offers.uses("offer-1")
    assert (use.offline, use.reached) == (True, False)
    assert payload(await generous.apply()) == found


async def test_an_offer_that_may_have_arrived_is_known_as_such_when_it_is_applied_offline(generous: Till) -> None:
    await remembered(generous)
    generous.answers(SILENT)
    assert payload(await generous.apply())["status"] == "OFFLINE"
    (use,) = await generous.offers.uses("offer-1")
    assert (use.offline, use.reached) == (True, True)


async def test_two_who_press_at_once_apply_one_offer_offline_G9(generous: Till) -> None:
    await remembered(generous)
    both = await asyncio.gather(generous.apply(), generous.apply())
    assert [told(answer) for answer in both] == ["passed 200"] * 2
    assert await generous.uses() == [("T-1", "applied")]


async def test_nothing_is_applied_offline_where_that_is_not_allowed(till: Till) -> None:
    await remembered(till)
    assert told(await till.apply()) == "offline"


@pytest.mark.parametrize(
    ("change", "later"),
    [
        ({"offer": "offer-9"}, 0),
        ({"offer_lookup_type": "TTLCode"}, 0),
        ({}, 3_601),
        ({}, -100),
    ],
)
async def test_an_offer_that_is_not_known_any_more_stays_with_the_guest(
    generous: Till, change: dict[str, Any], later: float
) -> None:
    await remembered(generous)
    generous.clock.at += later
    answer = await generous.apply(**change)
    assert isinstance(answer, NotDone)
    assert (answer.status, answer.code) == (409, "offline_limit")
    assert await generous.uses() == [("T-1", "refused")]


@pytest.mark.parametrize("offer", [{"status": "LOCKED"}, {"amount": 0}])
async def test_an_offer_that_cannot_be_applied_stays_with_the_guest(generous: Till, offer: dict[str, Any]) -> None:
    await remembered(generous, **offer)
    generous.answers(DOWN)
    if "status" in offer:
        generous.answers(good(FOUND.replace(b'"INFO"', b'"LOCKED"')))
        await generous.lookup("lane-2")
        generous.answers(DOWN)
    assert told(await generous.apply()) == "offline_limit"


async def test_the_caps_hold_and_what_is_given_back_counts_no_more(generous: Till) -> None:
    await remembered(generous)
    offers = [await generous.apply(offer=f"offer-{number}", sale=f"T-{number}") for number in (1, 2, 3)]
    assert [told(answer) for answer in offers] == ["passed 200", "passed 200", "offline_limit"]
    assert told(await generous.give_back()) == "here"
    assert told(await generous.apply(offer="offer-3")) == "passed 200"


async def test_a_cap_that_does_not_hold_would_be_noticed(generous: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr("store_agent.gateway.offers.over_cap", lambda *_: "")
    await remembered(generous)
    offers = [await generous.apply(offer=f"offer-{number}") for number in (1, 2, 3)]
    assert [told(answer) for answer in offers] == ["passed 200"] * 3


async def test_an_offer_that_another_sale_has_is_not_applied_offline(generous: Till) -> None:
    generous.answers(LOCKED)
    await generous.apply(sale="T-1")
    await remembered(generous)
    assert told(await generous.apply(sale="T-2")) == "offline_limit"
    assert told(await generous.apply(sale="T-1", unknown="another line")) == "passed 200"


async def test_an_offer_is_not_taken_again_before_it_is_back_G4(till: Till) -> None:
    till.answers(DOWN)
    assert told(await till.give_back()) == "queued"
    till.answers(LOCKED)
    assert told(await till.apply()) == "pending"
    assert await till.uses() == []


async def test_an_answer_that_comes_when_its_sale_is_over_is_taken_back(till: Till) -> None:
    till.answers(SILENT)
    await till.apply()
    await till.intake.accept([arrival(is_voided=True)])
    till.answers(LOCKED)
    number = (await till.offers.uses("offer-1"))[0].number
    assert await till.offers.apply(number, Applied("offer-1", None, LOCKED.body)) is not None
    assert await till.uses() == [("T-1", "released")]
