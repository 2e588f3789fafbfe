"""Deferred calls stand in the outbox with the sales: in order with theirs, once, and never in the place of another."""

import json
from typing import Any

import pytest

from store_agent.domain.batch import Request
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action
from store_agent.domain.settle import Deliver, Keep, Park
from store_agent.errors import Damaged
from store_agent.storage import deferral as module
from store_agent.storage import outbox as outbox_module
from store_agent.storage import waiting
from store_agent.storage.database import Database
from store_agent.storage.deferral import AGENT
from tests.support.arrivals import arrival
from tests.support.queued import Queue, call

TRIED = Request("request-1", "unlock", b'{"request_id": "request-1", "request_payload": { "a":1.10 }}')


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


async def test_a_call_goes_after_what_was_sold_before_it_and_before_what_is_sold_after_it_G4(queue: Queue) -> None:
    await queue.sell("T-1")
    assert await queue.next() == [1]
    await queue.defer(call(follows="T-1"))
    await queue.sell("T-1", "T-2")
    assert await queue.next() == [4]
    await queue.settle(Keep("no line", ""))
    assert await queue.next() == []
    await queue.settle(Deliver(""))
    assert await queue.next() == [2]
    await queue.settle(Deliver(""))
    assert await queue.next() == [3]


@pytest.mark.parametrize("state", ["waiting", "held"])
async def test_a_call_waits_for_a_sale_that_is_held_or_waits_and_a_sale_for_such_a_call_G4(
    queue: Queue, state: str
) -> None:
    await queue.sell("T-1")
    await queue.defer(call(follows="T-1"))
    if state == "held":
        await queue.do(Action.HOLD, 1)
        assert await queue.next() == []
        await queue.do(Action.RELEASE, 1)
    assert await queue.next() == [1]
    await queue.settle(Deliver(""))
    await queue.sell("T-1")
    if state == "held":
        await queue.do(Action.HOLD, 2)
        assert await queue.next() == []
        await queue.do(Action.RELEASE, 2)
    assert await queue.next() == [2]


async def test_calls_of_one_subject_and_of_one_transaction_go_in_order_of_arrival_G4(queue: Queue) -> None:
    await queue.defer(call("offer:1", "T-1"))
    await queue.defer(call("offer:2", "T-1"))
    await queue.defer(call("offer:1", payload='{"another": 1}'))
    await queue.defer(call("offer:3"))
    assert await queue.next() == [1, 4]
    await queue.settle(Deliver(""))
    assert await queue.next() == [2, 3]


async def test_a_call_that_was_refused_and_goes_again_does_not_pass_one_in_flight_G4(queue: Queue) -> None:
    await queue.defer(call())
    await queue.next()
    await queue.settle(Park("no", ""))
    await queue.defer(call(payload='{"another": 1}'))
    assert await queue.next() == [2]
    await queue.do(Action.RETRY, 1)
    assert await queue.next() == []


async def test_an_order_that_is_not_kept_would_be_noticed_G4(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what waits goes without a look at what follows it."""
    everything = "SELECT sequence, size, forwarded, alone FROM revision WHERE state = 'waiting' AND ? < ? LIMIT ?"
    monkeypatch.setitem(outbox_module._SQL, "waiting_candidates", everything)
    await queue.sell("T-1")
    await queue.defer(call(follows="T-1"))
    assert await queue.next() == [1, 2]


async def test_a_call_never_takes_the_place_of_a_sale_nor_a_sale_of_a_call_G2(queue: Queue) -> None:
    await queue.sell("T-1")
    await queue.defer(call(follows="T-1"))
    await queue.sell("T-1")
    await queue.defer(call("offer:2", follows="T-1"))
    assert await queue.states() == {1: "superseded", 2: "waiting", 3: "waiting", 4: "waiting"}
    assert await queue.accepted() == 4


@pytest.mark.parametrize("refused", [1, 2])
async def test_a_call_never_takes_the_place_of_another_G2(queue: Queue, refused: int) -> None:
    """Each says something of its own, whatever becomes of those before and after it."""
    for number in (1, 2, 3):
        await queue.defer(call("POST /referrals", payload=f'{{"guest": {number}}}'))
    await queue.do(Action.HOLD, refused)
    await queue.do(Action.RELEASE, refused)
    assert await queue.states() == {1: "waiting", 2: "waiting", 3: "waiting"}
    for _ in range(3):
        batches = await queue.freeze()
        decision = Park("no", "") if batches[0].members == (refused,) else Deliver("")
        await queue.settle(decision)
    await queue.do(Action.RETRY, refused)
    assert await queue.next() == [refused]


async def test_a_call_that_is_superseded_would_be_noticed_G2(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a call let go again is looked at as a sale is."""
    for name in ("supersede_older", "supersede_if_overtaken"):
        monkeypatch.setitem(waiting._SQL, name, waiting._SQL[name].replace("call IS NULL", "1"))
    await queue.defer(call())
    await queue.defer(call(payload='{"another": 1}'))
    await queue.do(Action.HOLD, 1)
    await queue.do(Action.RELEASE, 1)
    assert (await queue.states())[1] == "superseded"


@pytest.mark.parametrize("state", ["waiting", "held", "frozen"])
async def test_the_same_open_call_makes_no_second_row_G9(queue: Queue, state: str) -> None:
    first = await queue.defer(call(follows="T-1"))
    if state == "held":
        await queue.do(Action.HOLD, first)
    if state == "frozen":
        await queue.next()
    assert await queue.defer(call(follows="T-1")) == first
    assert await queue.defer(call()) == first, "the offer is not in use any more, so that the sale is not known"
    assert await queue.accepted() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"terminal": "lane-2"},
        {"call": "reinstate"},
        {"payload": '{"user_offer_id":"1"}'},
        {"forwarded": '"culture": "de"'},
        {"subject": "offer:2"},
        {"follows": "T-2"},
    ],
)
async def test_whatever_differs_is_another_call_G9(queue: Queue, other: dict[str, Any]) -> None:
    await queue.defer(call(follows="T-1"))
    assert await queue.defer(call(**({"follows": "T-1"} | other))) == 2


@pytest.mark.parametrize("decision", [Deliver(""), Park("no", "")])
async def test_a_call_that_was_answered_is_made_again_when_it_is_asked_again_G9(
    queue: Queue, decision: Deliver | Park
) -> None:
    await queue.defer(call())
    await queue.next()
    await queue.settle(decision)
    assert await queue.defer(call()) == 2


async def test_calls_found_again_though_they_differ_would_be_noticed_G9(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: nothing is the same."""
    monkeypatch.setitem(module._SQL, "same_open", "SELECT 1 WHERE ? || ? || ? || ? || ? IS 0")
    await queue.defer(call())
    assert await queue.defer(call()) == 2


async def test_what_was_tried_goes_again_to_the_byte_under_its_request_id_G3(queue: Queue) -> None:
    sequence = await queue.defer(call(request=TRIED))
    assert await queue.freeze() == []
    (batch,) = await queue.outbox.unsettled()
    assert (batch.request_id, batch.endpoint, batch.members) == ("request-1", "unlock", (sequence,))
    assert (batch.deferred, batch.tidying) == (True, False)
    assert await queue.outbox.body(batch.number) == TRIED.body
    await queue.settle(Keep("no line", "", blamed=True))
    assert await queue.outbox.body(batch.number) == TRIED.body
    (row,) = (await queue.outbox.page(0, 1)).rows
    assert (row.state, row.attempts) == (State.FROZEN, 2)


async def test_a_tried_request_that_is_made_anew_would_be_noticed_G3(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: something always seems to be in its way."""
    monkeypatch.setitem(module._SQL, "in_flight", "SELECT 1 WHERE :key IS NOT :follows")
    await queue.defer(call(request=TRIED))
    (batch,) = await queue.freeze()
    assert batch.request_id != "request-1"


async def test_what_was_tried_waits_where_something_must_go_before_it_G4(queue: Queue) -> None:
    await queue.sell("T-1")
    await queue.defer(call(follows="T-1", request=TRIED))
    await queue.defer(call("offer:2", request=TRIED._replace(request_id="request-2")))
    await queue.defer(call("offer:2", payload="{}", request=TRIED._replace(request_id="request-3")))
    assert await queue.states() == {1: "waiting", 2: "waiting", 3: "frozen", 4: "waiting"}


async def damage(database: Database, statement: str) -> None:
    await database.write(lambda raw: raw.execute(statement))


async def test_a_damaged_request_or_text_of_a_call_is_not_sent_G13(queue: Queue, database: Database) -> None:
    await queue.defer(call(request=TRIED))
    await queue.defer(call("offer:2"))
    for trigger in ("batch_bytes_are_frozen", "revision_call_is_fixed"):
        await damage(database, f"DROP TRIGGER {trigger}")
    await damage(database, "UPDATE batch SET body = x'7b7d'")
    (batch,) = await queue.outbox.unsettled()
    with pytest.raises(Damaged):
        await queue.outbox.body(batch.number)
    await damage(database, "UPDATE revision SET call = 'reinstate' WHERE sequence = 2")
    with pytest.raises(Damaged):
        await queue.freeze()


async def test_each_call_goes_by_itself_in_a_container_of_its_own(queue: Queue) -> None:
    await queue.sell("T-1", "T-2")
    await queue.defer(call(forwarded='"culture": "de"'))
    await queue.defer(call("x", call="POST core /priv/v1/apps/{app}/users/7/referrals", payload='{"a": 1.10}'))
    sales, unlock, relayed = await queue.freeze()
    assert (sales.members, sales.deferred) == ((1, 2), False)
    assert (unlock.members, unlock.endpoint, unlock.deferred) == ((3,), "unlock", True)
    sent = json.loads(unlock.body or b"")
    assert sent == {
        "store_id": "1234x",
        "client_id": "retailer-1",
        "request_id": unlock.request_id,
        "culture": "de",
        "request_payload": {"user_offer_id": "1"},
    }
    assert (relayed.members, relayed.body) == ((4,), b'{"a": 1.10}')
    assert relayed.endpoint == "POST core /priv/v1/apps/{app}/users/7/referrals"


@pytest.mark.parametrize("terminal", [AGENT, "lane-1"])
async def test_it_is_known_which_calls_the_agent_makes_by_itself(queue: Queue, terminal: str) -> None:
    await queue.defer(call(terminal=terminal))
    (batch,) = await queue.freeze()
    (again,) = await queue.outbox.unsettled()
    assert batch.tidying == again.tidying == (terminal == AGENT)


async def test_calls_and_sales_stand_in_one_order_and_no_sequence_is_given_twice(
    queue: Queue, database: Database
) -> None:
    await database.write(lambda raw: raw.execute("UPDATE meta SET value = '40' WHERE key = 'sequences_given'"))
    assert await queue.sell("T-1") == [41]
    assert await queue.defer(call()) == 42
    assert await queue.sell("T-2") == [43]


@pytest.mark.parametrize("subject", ["offer:1", "o" * 56, "o" * 57, f"POST /priv/v1/{'x' * 300}"])
def test_a_call_has_a_key_that_no_sale_can_have(subject: str) -> None:
    key = call(subject).key
    assert key.startswith("\x1f")
    assert len(key) <= 64
    assert key != call(subject + "x").key
    assert not arrival("offer:1").sale.transaction_id.startswith("\x1f")
