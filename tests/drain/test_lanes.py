"""New sales overtake a backlog, the pace follows the platform, and a line that is mended is used at once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from store_agent.domain.batch import BatchLimits, FrozenBatch
from store_agent.domain.lifecycle import State
from store_agent.domain.link import LinkState
from store_agent.domain.outcome import Halted, Loss, Outcome, Transport
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import Database
from store_agent.storage.revisions import Filter
from tests.drain.store import RULES, Store, arrived_once, batches, names
from tests.support.arrivals import another, arrival


async def arrived(platform: SandboxServer, reached: Callable[[dict[str, int]], bool]) -> None:
    await asyncio.to_thread(platform.wait_for, reached)


async def draining(store: Store, platform: SandboxServer, backlog: int) -> None:
    """Have a slow platform and a backlog on its way."""
    platform.set_faults(["slow:ms=20"])
    await store.sell(*names(backlog))
    store.start()
    await arrived(platform, lambda totals: totals["transactions_accepted"] >= 50)
    assert store.drain.live


def place_of(platform: SandboxServer, name: str) -> int:
    """Tell how many requests the platform had processed before the one with this sale."""
    return next(place for place, members in enumerate(batches(platform)) if name in members)


async def test_a_new_sale_leaves_while_a_backlog_drains_G10(store: Store, platform: SandboxServer) -> None:
    await draining(store, platform, 1_500)
    before = len(batches(platform))
    await store.sell("live")
    await store.drained(1_501)
    assert place_of(platform, "live") - before <= 2 * RULES.concurrency + 2


async def test_without_a_lane_of_its_own_a_new_sale_would_wait_for_the_backlog_G10(
    store: Store, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with one lane the new sale is the last of all."""
    monkeypatch.setattr(store.drain._lanes, "follow", lambda now: None)
    monkeypatch.setattr(store.drain._lanes, "_part", lambda: None)
    monkeypatch.setattr(store.drain._lanes, "_live_after", 10**9)
    await draining(store, platform, 600)
    await store.sell("live")
    store.drain.wake()
    await store.drained(601)
    assert place_of(platform, "live") == len(batches(platform)) - 1


async def test_a_newer_revision_of_a_waiting_sale_goes_live_G10(store: Store, platform: SandboxServer) -> None:
    await draining(store, platform, 1_500)
    before = len(batches(platform))
    (newer,) = await store.intake.accept([another("T-1499")])
    store.drain.wake(newer.sequence)
    await store.drained(1_500)
    assert place_of(platform, "T-1499") - before <= 2 * RULES.concurrency + 2
    (old,) = (await store.outbox.page(0, 10, Filter(State.SUPERSEDED))).rows
    assert old.transaction_id == "T-1499"


async def oldest_arrived_while_selling(store: Store, platform: SandboxServer) -> int:
    """Sell without end until the backlog is through; gives how many sales that took."""
    await draining(store, platform, 200)
    for number in range(100_000):
        await store.sell(f"new-{number}")
        if not (await store.outbox.page(0, 1, Filter(State.WAITING, text="T-"))).rows:
            return number + 1
        if number > 3_000:
            break
    return 0


async def test_new_sales_do_not_starve_the_backlog(store: Store, platform: SandboxServer) -> None:
    sold = await oldest_arrived_while_selling(store, platform)
    assert sold > 0
    await store.drained(200 + sold)
    arrived_once(platform, [*names(200), *[f"new-{one}" for one in range(sold)]])


async def test_a_backlog_that_only_gets_what_is_left_would_starve(
    store: Store, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a backlog that yields to every new sale never ends while sales go on."""
    lanes = store.drain._lanes
    real = lanes._may_send
    monkeypatch.setattr(lanes, "_may_send", lambda lane: real(lane) and (lane is lanes.live or not lanes.newest > 200))
    assert await oldest_arrived_while_selling(store, platform) == 0


async def test_a_call_that_ends_with_a_repeated_sale_wakes_the_drain_for_the_others(
    store: Store, platform: SandboxServer
) -> None:
    platform.set_faults(["down"])
    await store.sell("T-1")
    store.start()
    await store.link_is(LinkState.BACKING_OFF)
    await store.intake.accept([arrival("T-2"), arrival("T-1")])
    platform.set_faults([])
    store.drain.wake(1)
    await store.drained(2)


async def test_what_the_live_lane_cannot_keep_up_with_becomes_backlog_G10(
    store: Store, platform: SandboxServer
) -> None:
    await selling(store)
    platform.set_faults(["slow:ms=20"])
    accepted = await store.intake.accept([another(name) for name in names(600)])
    store.drain.wake(accepted[-1].sequence)
    await arrived(platform, lambda totals: totals["transactions_accepted"] >= 50)
    before = len(batches(platform))
    await store.sell("live")
    await store.drained(602)
    assert place_of(platform, "live") - before <= 3 * RULES.concurrency


@pytest.mark.parametrize("lost", [Transport("lost"), Transport("late", loss=Loss.TIME), Halted("404", "mend it")])
async def test_one_sale_that_never_gets_an_answer_does_not_stand_for_all_G6(store: Store, lost: Outcome) -> None:
    """A firewall that does not like one item's name, for example: neither refused nor delivered, for ever."""
    await selling(store)
    lose(store, "T-000", lost)
    await store.sell("T-000")
    await store.link_is(LinkState.HALTED if isinstance(lost, Halted) else LinkState.BACKING_OFF)
    for number in range(1, 6):
        await store.sell(f"T-{number:03}")
    await store.drained(6)
    assert [row.transaction_id for row in (await store.outbox.page(0, 9, Filter(State.FROZEN))).rows] == ["T-000"]
    await store.link_is(LinkState.ONLINE)


def lose(store: Store, name: str, outcome: Outcome) -> None:
    """Let calls with this sale end like this."""
    real = store.drain._platform.send

    async def send(batch: FrozenBatch, body: bytes) -> Outcome:
        if name.encode() in body:
            return outcome
        return await real(batch, body)

    store.drain._platform.send = send  # type: ignore[method-assign]


async def test_many_poison_sales_in_a_quiet_store_do_not_make_the_line_look_down_G6(
    store: Store, platform: SandboxServer
) -> None:
    bad = [f"bad-{number}" for number in range(10)]
    platform.set_faults([f"poison:ids={'+'.join(bad)}"])
    await store.sell(*bad)
    store.start()
    await arrived(platform, lambda totals: totals["requests_received"] > 60)
    for name in names(5):
        await store.sell(name)
        await store.until(lambda counts, wanted=int(name[2:]) + 1: counts[State.DELIVERED] == wanted)  # type: ignore[misc]
    assert (await store.until(lambda counts: True))[State.PARKED] == 0


async def test_requests_in_flight_grow_with_good_answers_and_stay_within_the_limit_G11(
    store: Store, platform: SandboxServer
) -> None:
    platform.set_faults(["slow:ms=5"])
    seen: list[int] = []
    real = store.drain._platform.send

    async def send(batch: FrozenBatch, body: bytes) -> object:
        seen.append(store.drain._lanes.in_flight)
        return await real(batch, body)

    store.drain._platform.send = send  # type: ignore[assignment, method-assign]
    await store.sell(*names(400))
    store.start()
    await store.drained(400)
    assert seen[0] == 1
    assert max(seen) == RULES.concurrency


async def test_one_request_tries_a_line_before_more_are_sent(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["hang"])
    await store.sell(*names(100))
    store.start()
    await arrived(platform, lambda totals: totals["requests_hanging"] == 1)
    assert store.drain._lanes.in_flight == 1
    platform.set_faults([])
    await store.drained(100)


async def selling(store: Store) -> None:
    """Be online with nothing waiting."""
    await store.sell("first")
    store.start()
    await store.told("outbox.drained")
    store.events.clear()


async def test_a_lost_reply_now_and_then_is_no_outage(store: Store, platform: SandboxServer) -> None:
    await selling(store)
    platform.set_faults(["drop_after:count=1"])
    await store.sell(*names(30))
    await store.drained(31)
    assert [event.name for event in store.events] == []
    arrived_once(platform, ["first", *names(30)])


async def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(
    store: Store, platform: SandboxServer
) -> None:
    await selling(store)
    platform.stop()
    await store.sell(*names(25))
    await store.link_is(LinkState.BACKING_OFF)
    for _ in range(50):
        await store.outbox.books()
    platform.start()
    await store.drained(26)
    await store.told("outbox.drained")
    assert [event.name for event in store.events] == ["link.backing_off", "link.online", "outbox.drained"]
    assert store.events[-1].details["sales"] == 25
    assert "25 sales" in store.events[-1].words


async def test_platform_too_small_for_ten_gets_smaller_requests_from_then_on_G5(
    store: Store, platform: SandboxServer
) -> None:
    platform.set_faults(["status:code=413,count=1"])
    await store.sell(*names(120))
    store.start()
    await store.drained(120)
    sizes = [len(members) for members in batches(platform)]
    assert max(sizes[:6]) <= 5
    assert max(sizes) > 5, "they grow back"
    await store.told("batch.shrunk")


async def refused_by_burst(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=400"])
    await store.sell(*names(60))
    store.start()
    await store.link_is(LinkState.HALTED)


def few_in_a_row(database: Database, platform: SandboxServer, burst_max: int = 7) -> Store:
    link = replace(RULES.link, probe_interval=3_600.0)
    return Store(database, platform.url, replace(RULES, burst_max=burst_max, link=link))


async def test_a_burst_of_refusals_halts_the_line_and_parks_only_a_few_G6(
    database: Database, platform: SandboxServer
) -> None:
    store = few_in_a_row(database, platform)
    await refused_by_burst(store, platform)
    assert "refused 7 sales in a row" in store.drain.link.reason
    assert "store.store_id" in store.drain.link.cure
    counts = await store.until(lambda counts: counts[State.PARKED] >= 7)
    assert counts[State.PARKED] <= 7 + RULES.concurrency
    platform.set_faults([])
    assert await store.drain.resume() > 0
    await store.drained(60)
    arrived_once(platform, names(60))
    await store.stop()
    await store.transport.close()


async def test_without_the_guard_a_burst_would_park_the_whole_queue_G6(
    database: Database, platform: SandboxServer
) -> None:
    """The control: with a guard that never bites, all are parked."""
    store = few_in_a_row(database, platform, burst_max=10_000)
    platform.set_faults(["status:code=400"])
    await store.sell(*names(60))
    store.start()
    await store.until(lambda counts: counts[State.PARKED] == 60)
    await store.stop()
    await store.transport.close()


async def test_a_restart_lets_the_sales_of_a_burst_go_again_G6(database: Database, platform: SandboxServer) -> None:
    store = few_in_a_row(database, platform)
    await refused_by_burst(store, platform)
    await store.stop()
    await store.transport.close()
    platform.set_faults([])
    again = Store(database, platform.url)
    again.start()
    await again.drained(60)
    await again.stop()
    await again.transport.close()


async def test_a_probe_that_is_taken_ends_a_burst_by_itself_G6(database: Database, platform: SandboxServer) -> None:
    store = Store(database, platform.url, replace(RULES, burst_max=7))
    await refused_by_burst(store, platform)
    platform.set_faults([])
    await store.drained(60)
    arrived_once(platform, names(60))
    await store.stop()
    await store.transport.close()


async def test_wrong_sales_between_good_ones_are_no_burst_G6(database: Database, platform: SandboxServer) -> None:
    store = few_in_a_row(database, platform, burst_max=15)
    bad = [f"bad-{number}" for number in range(20)]
    platform.set_faults([f"refuse:ids={'+'.join(bad)}"])
    mixed = [name for pair in zip(bad, names(20), strict=True) for name in pair]
    await store.sell(*mixed)
    store.start()
    counts = await store.until(lambda counts: counts[State.DELIVERED] == 20 and counts[State.PARKED] == 20)
    assert counts[State.WAITING] == 0
    assert store.drain.link.state is LinkState.ONLINE
    await store.stop()
    await store.transport.close()


async def test_a_halted_line_is_tried_at_once_when_somebody_says_so(
    database: Database, platform: SandboxServer
) -> None:
    store = few_in_a_row(database, platform)
    platform.set_faults(["status:code=403"])
    await store.sell(*names(5))
    store.start()
    await store.link_is(LinkState.HALTED)
    platform.set_faults([])
    await store.drain.resume()
    await store.drained(5)
    assert all(row.attempts == 1 for row in (await store.outbox.page(0, 10)).rows), "a halted call is no attempt"
    await store.stop()
    await store.transport.close()


async def test_what_rests_does_not_keep_its_bytes_in_memory_G11(store: Store, platform: SandboxServer) -> None:
    platform.set_faults(["pending:times=1000000"])
    await store.sell(*names(30))
    store.start()
    await arrived(platform, lambda totals: totals["requests_received"] > 10)
    assert [batch.body for _, _, batch in store.drain._resting._heap if batch.body is not None] == []
    platform.set_faults([])
    await store.drained(30)
    arrived_once(platform, names(30))


async def test_smaller_limits_of_the_configuration_hold_in_both_lanes_G5(
    database: Database, platform: SandboxServer
) -> None:
    store = Store(database, platform.url, replace(RULES, limits=BatchLimits(count_max=3)))
    await store.sell(*names(20))
    store.start()
    await store.drained(20)
    await store.sell(*[f"new-{number}" for number in range(20)])
    await store.drained(40)
    await store.stop()
    await store.transport.close()
    assert max(map(len, batches(platform))) == 3
