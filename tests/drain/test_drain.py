"""The drain against the real database and the real sandbox over HTTP: every sale arrives once, whatever fails."""

import asyncio
import hashlib
import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.answers import read_outcome
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.cloud.transport import Answer
from store_agent.domain.batch import BatchLimits, FrozenBatch
from store_agent.domain.lifecycle import State
from store_agent.domain.link import LinkState
from store_agent.domain.settle import Park, decide
from store_agent.errors import StorageFailure
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import Database, open_database
from store_agent.storage.revisions import Filter
from tests.drain.store import RULES, Store, arrived_once, batches, names
from tests.support.arrivals import another


async def test_one_sale_goes_out_by_itself_several_in_tens_G5(store: Store, platform: SandboxServer) -> None:
    store.start()
    await store.sell("live")
    await store.drained(1)
    platform.set_faults(["down"])
    await store.sell("probe")
    await store.link_is(LinkState.BACKING_OFF)
    await store.sell(*names(25))
    platform.set_faults([])
    await store.drained(27)
    assert sorted(map(len, batches(platform))) == [1, 1, 5, 10, 10]
    endpoints = {request["endpoint"] for request in platform.account()["requests"] if len(request["transactions"]) == 1}
    assert endpoints == {"send_transaction"}


async def test_a_smaller_batch_size_is_kept_G5(database: Database, platform: SandboxServer) -> None:
    store = Store(database, platform.url, replace(RULES, limits=BatchLimits(count_max=4)))
    await store.sell(*names(10))
    store.start()
    await store.drained(10)
    await store.stop()
    await store.transport.close()
    assert sorted(map(len, batches(platform))) == [2, 4, 4]


@pytest.mark.parametrize(
    "fault",
    [
        "drop_before:count=3",
        "drop_after:count=3",
        "hang:count=2",
        "status:code=503,count=3",
        "status:code=500,count=3",
        "captive:count=3",
        "pending:times=2",
        "status:code=429,retry_after=0,count=3",
        "drop_after:probability=0.3",
    ],
)
async def test_every_sale_arrives_once_in_effect_through_any_doubt_G2_G3(
    store: Store, platform: SandboxServer, fault: str
) -> None:
    platform.set_faults([fault])
    await store.sell(*names(60))
    store.start()
    await store.drained(60)
    arrived_once(platform, names(60))


async def test_the_same_bytes_go_out_again_when_an_answer_is_lost_G3(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["drop_after:count=2"])
    await store.sell("T-1")
    store.start()
    await store.drained(1)
    (request,) = platform.account()["requests"]
    assert request["received"] == 3
    assert platform.totals()["requests_repeated"] == 2


class Forgetful(SessionM):
    """A broken platform adapter: every try is a new request."""

    async def send(self, batch: FrozenBatch, body: bytes) -> Any:
        return await super().send(batch, self._changed(body))

    def _changed(self, body: bytes) -> bytes:
        return json.dumps(json.loads(body) | {"request_id": str(uuid.uuid4())}).encode()


async def test_a_new_request_id_for_each_try_would_be_noticed_G3(database: Database, platform: SandboxServer) -> None:
    """The control: with new ids the sandbox accepts the same sale several times."""
    store = Store(database, platform.url)
    store.drain._platform.__class__ = Forgetful
    platform.set_faults(["drop_after:count=2"])
    await store.sell("T-1")
    store.start()
    await store.drained(1)
    await store.stop()
    await store.transport.close()
    assert len(platform.account()["transactions"]["T-1"]) == 3


async def test_revisions_arrive_in_order_and_never_two_in_flight_G4(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["slow:ms=5"])
    store.start()
    for number in range(30):
        accepted = await store.intake.accept([another("same"), another(f"other-{number}")])
        store.drain.wake(accepted[-1].sequence)
    await store.until(lambda counts: counts[State.WAITING] == counts[State.FROZEN] == 0)
    rows = (await store.outbox.page(0, 1_000, Filter(State.DELIVERED))).rows
    sent = {(await store.outbox.show(row.sequence)).payload: row.sequence for row in rows}  # type: ignore[union-attr]
    bodies = [json.loads(request["body"]) for request in platform.account(bodies=True)["requests"]]
    assert all(
        sum("same" in one["transaction_id"] for one in body["request_payload"].get("transactions", [])) <= 1
        for body in bodies
    )
    accepted = platform.account()["transactions"]["same"]
    by_text = {hashlib.sha256(payload or b"").hexdigest(): sequence for payload, sequence in sent.items()}
    order = [by_text[one["sha256"]] for one in accepted]
    assert order == sorted(order)
    assert order[-1] == max(row.sequence for row in rows if row.transaction_id == "same")


async def test_wrong_credentials_halt_the_link_and_park_nothing(database: Database, platform: SandboxServer) -> None:
    store = Store(database, platform.url, secret="wrong")
    await store.sell(*names(20))
    store.start()
    await store.link_is(LinkState.HALTED)
    assert "credentials" in store.drain.link.reason
    assert "cloud.secret" in store.drain.link.cure
    counts = await store.until(lambda counts: counts[State.FROZEN] > 0)
    assert counts[State.PARKED] == 0
    assert counts[State.WAITING] + counts[State.FROZEN] == 20
    await store.stop()
    await store.transport.close()


async def test_a_halted_link_is_probed_and_comes_back_by_itself(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=403,count=3"])
    await store.sell(*names(5))
    store.start()
    await store.drained(5)
    arrived_once(platform, names(5))


async def test_while_the_line_is_down_one_request_tries_it_and_nothing_more_is_frozen(
    store: Store, platform: SandboxServer
) -> None:
    platform.set_faults(["down"])
    await store.sell("first")
    store.start()
    await store.link_is(LinkState.BACKING_OFF)
    platform.set_faults(["hang"])
    await store.sell(*names(100))
    await asyncio.to_thread(platform.wait_for, lambda totals: totals["requests_hanging"] == 1)
    received = platform.totals()["requests_received"]
    for _ in range(20):
        store.drain.wake()
        await store.outbox.books()
        assert platform.totals()["requests_hanging"] <= 1
    counts = await store.until(lambda counts: counts[State.FROZEN] > 0)
    assert counts[State.FROZEN] == 1
    assert platform.totals()["requests_received"] <= received + 2
    platform.set_faults([])
    await store.drained(101)
    arrived_once(platform, ["first", *names(100)])


async def test_a_refused_sale_is_set_aside_and_the_innocent_go_out_G6(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["refuse:ids=T-007+T-031,message=Unknown employee 1000"])
    await store.sell(*names(40))
    store.start()
    await store.until(lambda counts: counts[State.DELIVERED] == 38 and counts[State.PARKED] == 2)
    parked = (await store.outbox.page(0, 10, Filter(State.PARKED))).rows
    assert [row.transaction_id for row in parked] == ["T-007", "T-031"]
    assert {row.error for row in parked} == {"The platform does not know employee 1000."}
    arrived_once(platform, [name for name in names(40) if name not in ("T-007", "T-031")])


async def test_without_splitting_the_innocent_would_stay_G6(
    store: Store, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a drain that parks a refused request as a whole parks the innocent with the culprit."""
    parked = Park("refused", "")
    monkeypatch.setattr("store_agent.drain.line.decide", lambda *_, **__: parked)
    platform.set_faults(["refuse:ids=T-007"])
    await store.sell(*names(10))
    store.start()
    counts = await store.until(lambda counts: counts[State.PARKED] > 0)
    assert counts[State.PARKED] == 10


async def test_more_than_ten_in_a_call_would_be_noticed_G5(
    store: Store, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the platform refuses such a call, and the database does not even freeze it."""
    monkeypatch.setattr("store_agent.storage.outbox.plan", lambda candidates, limits: list(candidates))
    await store.sell(*names(11))
    with pytest.raises(StorageFailure, match="batch_members"):
        await store.outbox.freeze(2, BatchLimits(), store.drain._platform.assemble)
    assert platform.totals()["requests_received"] == 0


async def test_a_poison_sale_backs_off_alone_and_is_not_lost_G6(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["poison:ids=T-003"])
    await store.sell(*names(10))
    store.start()
    await store.until(lambda counts: counts[State.DELIVERED] == 9)
    await store.sell("later")
    await store.until(lambda counts: counts[State.DELIVERED] == 10)
    assert [row.transaction_id for row in (await store.outbox.page(0, 10, Filter(State.FROZEN))).rows] == ["T-003"]
    platform.set_faults([])
    await store.drained(11)


async def test_a_poison_sale_in_a_quiet_store_does_not_block_the_sales_after_it_G6(
    store: Store, platform: SandboxServer
) -> None:
    platform.set_faults(["poison:ids=T-000"])
    await store.sell("T-000")
    store.start()
    await asyncio.to_thread(platform.wait_for, lambda totals: totals["requests_received"] > 12)
    await store.sell(*names(6)[1:])
    await store.drained(5)
    assert store.drain.link.state is LinkState.ONLINE, "one bad sale is not an outage"
    platform.set_faults([])
    await store.drained(6)


async def test_a_platform_that_never_finishes_does_not_freeze_the_whole_backlog_G11(
    store: Store, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_agent.drain.resting.RESTING_MAX", 3)
    platform.set_faults(["pending:times=1000000"])
    await store.sell(*names(200))
    store.start()
    await asyncio.to_thread(platform.wait_for, lambda totals: totals["requests_received"] > 60)
    counts = await store.until(lambda counts: counts[State.FROZEN] > 0)
    assert counts[State.FROZEN] <= 10 * (3 + 2 * RULES.concurrency)
    platform.set_faults([])
    await store.drained(200)
    arrived_once(platform, names(200))


async def test_an_impatient_platform_is_not_hammered(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=429,retry_after=0"])
    await store.sell("T-1")
    store.start()
    await store.link_is(LinkState.BACKING_OFF)
    turns = 0
    real = store.drain._pause

    async def counted() -> None:
        nonlocal turns
        turns += 1
        await real()

    store.drain._pause = counted  # type: ignore[method-assign]
    await asyncio.to_thread(platform.wait_for, lambda totals: totals["requests_received"] > 8)
    assert turns < 100, "the loop turns for a reason, a few times a call"


@pytest.mark.parametrize(
    "content", [b'{"status": "Error", "errors": {"message": "\\ud83d"}}', b"\xff\xfe", b'{"status":"\\ud83d"}']
)
async def test_odd_words_of_the_platform_do_not_end_the_agent(store: Store, content: bytes) -> None:
    """Half a character in a message must not come back at every start (the request stays the same)."""
    for status in (400, 200, 500):
        (batch,) = await _one_frozen(store, f"T-{status}-{len(content)}")
        outcome = read_outcome(Answer(status, {}, content), 0.0)
        await store.outbox.settle(batch, decide(outcome, batch, blamed=True), store.drain._platform.assemble)


async def _one_frozen(store: Store, name: str) -> list[FrozenBatch]:
    await store.sell(name)
    return await store.outbox.freeze(1, BatchLimits(), store.drain._platform.assemble)


async def test_a_request_that_is_too_large_goes_out_in_smaller_ones_G5(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=413,count=2"])
    await store.sell(*names(10))
    store.start()
    await store.drained(10)
    arrived_once(platform, names(10))


async def test_a_restart_sends_the_frozen_requests_again_as_they_are_G3(
    tmp_path: Path, platform: SandboxServer
) -> None:
    platform.set_faults(["drop_after"])
    for restart in range(3):
        async with open_database(tmp_path, SystemClock()) as database:
            store = Store(database, platform.url)
            if restart == 0:
                await store.sell(*names(15))
            if restart == 2:
                platform.set_faults([])
            store.start()
            if restart < 2:
                await store.link_is(LinkState.BACKING_OFF)
            else:
                await store.drained(15)
            await store.stop()
            await store.transport.close()
    arrived_once(platform, names(15))


async def test_a_disk_that_fails_for_a_moment_loses_and_doubles_nothing_G2(
    store: Store, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_agent.drain.drain.STORAGE_RETRY_SECONDS", 0.01)
    real_settle, real_freeze, failures = store.outbox.settle, store.outbox.freeze, iter(range(100))

    async def settle(*arguments: Any) -> Any:
        done = await real_settle(*arguments)
        if next(failures) < 3:
            raise StorageFailure("The commit was made, and its return lost.")
        return done

    async def freeze(*arguments: Any) -> Any:
        done = await real_freeze(*arguments)
        if next(failures) < 3:
            raise StorageFailure("The commit was made, and its return lost.")
        return done

    monkeypatch.setattr(store.outbox, "settle", settle)
    monkeypatch.setattr(store.outbox, "freeze", freeze)
    platform.set_faults(["refuse:ids=T-004"])
    await store.sell(*names(20))
    store.start()
    await store.until(lambda counts: counts[State.DELIVERED] == 19 and counts[State.PARKED] == 1)
    arrived_once(platform, [name for name in names(20) if name != "T-004"])


async def test_a_bug_in_the_drain_ends_it_loudly_G17(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(store.outbox, "freeze", broken)
    await store.sell("T-1")
    with pytest.raises(ExceptionGroup):
        await store.drain.run()


async def test_stopping_while_a_call_hangs_is_quick_and_keeps_the_request(
    store: Store, platform: SandboxServer
) -> None:
    platform.set_faults(["hang"])
    await store.sell("T-1")
    store.start()
    await asyncio.to_thread(platform.wait_for, lambda totals: totals["requests_hanging"] == 1)
    async with asyncio.timeout(2):
        await store.stop()
    assert len(await store.outbox.unsettled()) == 1
