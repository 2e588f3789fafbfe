"""Unlock and reinstate are never refused for want of a line, and go in order with what they belong to."""

import json

import pytest

from store_agent.domain.batch import BatchLimits
from store_agent.domain.outcome import Halted, PlatformFailure, Throttled
from store_agent.domain.reply import Reply
from store_agent.domain.settle import Deliver
from store_agent.errors import DiskFull
from tests.gateway.counter import FOUND, KNOWN, REPEAT_SECONDS, Till, told
from tests.gateway.far import DOWN, PORTAL, SILENT, good, refused
from tests.support.arrivals import arrival
from tests.support.queued import assemble

LOCKED = good(json.dumps({"status": "OK", "payload": KNOWN | {"status": "LOCKED"}, "errors": None}).encode())


async def locked(till: Till, sale: str = "T-1") -> None:
    till.answers(LOCKED)
    assert told(await till.apply(sale=sale)) == "passed 200"


async def settled(till: Till) -> list[str]:
    """Deliver all that may go, one after the other; gives the endpoints."""
    sent = []
    while batches := [*await till.outbox.unsettled(), *await till.outbox.freeze(9, BatchLimits(), assemble)]:
        for batch in batches:
            sent.append(batch.endpoint)
            await till.outbox.settle(batch, Deliver(""), assemble)
    return sent


@pytest.mark.parametrize("call", ["unlock", "reinstate"])
async def test_online_the_platform_s_answer_passes_and_ends_the_use(till: Till, call: str) -> None:
    await locked(till)
    till.answers(good())
    assert told(await till.give_back(call)) == "passed 200"
    assert till.platform.asked[-1].endpoint == call
    assert await till.uses() == [("T-1", "released")]


async def test_a_refusal_ends_nothing(till: Till) -> None:
    await locked(till)
    till.answers(refused())
    assert told(await till.give_back()) == "passed 400"
    assert await till.uses() == [("T-1", "applied")]
    assert await till.queued() == []


@pytest.mark.parametrize(
    "reply",
    [
        DOWN,
        SILENT,
        PORTAL,
        Reply(PlatformFailure("It failed."), 500, b"{}"),
        Reply(Throttled("Wait.", 5), 429, b"{}"),
        Reply(Halted("Not you.", "Mend it."), 401, b"{}"),
    ],
)
async def test_without_an_answer_it_waits_in_the_outbox_G2(till: Till, reply: Reply) -> None:
    await locked(till)
    till.answers(reply)
    assert told(await till.give_back()) == "queued"
    ((sequence, call, state),) = await till.queued()
    assert (call, state) == ("unlock", "frozen" if reply.sent else "waiting")
    assert (till.line.adopted, till.line.woken) == (([sequence], []) if reply.sent else ([], [sequence]))
    assert await till.uses() == [("T-1", "released")]


async def test_what_may_have_arrived_goes_again_to_the_byte_G3(till: Till) -> None:
    till.answers(SILENT)
    await till.give_back()
    (batch,) = await till.outbox.unsettled()
    (tried,) = till.platform.asked
    assert (batch.request_id, await till.outbox.body(batch.number)) == (tried.request_id, tried.body)


async def test_it_waits_behind_what_is_on_its_way_of_its_sale_though_the_line_is_up_G4(till: Till) -> None:
    await locked(till)
    await till.intake.accept([arrival("T-1", is_closed=False), arrival("T-2")])
    till.answers(good())
    assert told(await till.give_back()) == "queued"
    assert [request.endpoint for request in till.platform.asked] == ["lock"]
    assert await settled(till) == ["send_batch_transaction", "unlock"]


async def test_a_second_call_about_an_offer_never_overtakes_one_that_waits_G4(till: Till) -> None:
    till.answers(DOWN)
    assert told(await till.give_back("unlock")) == "queued"
    till.answers(good())
    assert told(await till.give_back("reinstate")) == "queued"
    assert till.platform.asked[-1].endpoint == "unlock"
    assert await settled(till) == ["unlock", "reinstate"]
    assert told(await till.give_back("reinstate", employee_id="7")) == "passed 200"


async def test_the_same_again_is_one_call_now_and_later_G9(till: Till) -> None:
    await locked(till)
    till.answers(DOWN)
    first = await till.give_back()
    assert await till.give_back() == first
    till.clock.let_pass(REPEAT_SECONDS + 1)
    till.answers(good())
    assert await till.give_back() == first
    assert len(await till.queued()) == 1
    assert await settled(till) == ["unlock"]


async def test_the_same_again_after_another_lock_is_another_call_G9(till: Till) -> None:
    for _ in range(2):
        await locked(till)
        till.answers(good())
        await till.give_back()
    assert [request.endpoint for request in till.platform.asked] == ["lock", "unlock", "lock", "unlock"]


async def offline(till: Till, sale: str) -> None:
    till.answers(good(FOUND))
    await till.lookup(sale)
    till.answers(DOWN)
    assert told(await till.apply(sale=sale)) == "passed 200"


async def test_what_only_the_store_knows_of_is_given_back_here(generous: Till) -> None:
    await offline(generous, "T-1")
    asked = len(generous.platform.asked)
    assert told(await generous.give_back()) == "here"
    assert (len(generous.platform.asked), await generous.queued()) == (asked, [])
    assert await generous.uses() == [("T-1", "released")]


async def test_what_an_open_sale_took_from_the_wallet_is_reinstated(generous: Till) -> None:
    """Status OFFLINE takes an offer as soon as a sale with it arrives, closed or not."""
    await offline(generous, "T-1")
    await generous.intake.accept([arrival("T-1", is_closed=False, discounts=[{"reference_id": "offer-1"}])])
    assert await settled(generous) == ["send_transaction"]
    generous.answers(good())
    assert told(await generous.give_back("unlock")) == "queued"
    assert await settled(generous) == ["reinstate"]


async def test_without_room_nothing_is_promised_G12(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    await locked(till)
    monkeypatch.setattr(till.room, "admit", lambda _: False)
    till.answers(DOWN)
    with pytest.raises(DiskFull):
        await till.give_back()
    assert await till.uses() == [("T-1", "applied")]
    monkeypatch.undo()
    assert told(await till.give_back()) == "queued"
