"""What offers went through, each history as small as it can be told: no guest loses one, none is given twice (G9)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from store_agent.domain.counter_answer import NotDone, Passed
from store_agent.domain.offers import OfferAction
from store_agent.domain.outcome import Halted
from store_agent.domain.repair import Action
from store_agent.errors import StorageFailure
from store_agent.storage import offers as module
from tests.offers.platform import Wire
from tests.offers.rig import SHORT_CODE, Rig, discount_of, open_rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """Open a store that applies offers offline."""
    async with open_rig(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Rig]:
    """Open a store that applies no offer offline."""
    async with open_rig(tmp_path / "data", generous=False) as opened:
        yield opened


async def lock_offline(rig: Rig, **changes: Any) -> dict[str, Any]:
    rig.platform.wire = Wire.DOWN
    return await rig.lock(**changes)


async def test_a_lock_answered_after_a_later_lock_of_the_same_check_does_not_take_that_back(rig: Rig) -> None:
    later = []

    async def lock_again() -> None:
        later.append(await rig.lock(subtotal=9))

    rig.platform.after = lock_again
    await rig.apply()
    await rig.drain()
    await rig.sell("T-1", *later, subtotal=4)
    await rig.rest()
    assert rig.offer()["times_redeemed"] == 1


async def test_a_lock_by_short_code_waits_until_the_offer_went_back(rig: Rig) -> None:
    first = await rig.lock(offer=SHORT_CODE, by="TTLCode")
    await rig.sell("T-1", first, is_closed=False)
    await rig.freeze()
    await rig.give_back()
    early = await rig.apply(offer=SHORT_CODE, by="TTLCode", subtotal=9)
    assert isinstance(early, NotDone)
    assert early.code == "pending"
    await rig.drain()
    await rig.sell("T-1", await rig.lock(offer=SHORT_CODE, by="TTLCode", subtotal=9))
    await rig.rest()
    assert rig.offer()["times_redeemed"] == 1


@pytest.mark.parametrize(("beside", "refused"), [((), "T-1"), (("T-9",), "T-9")], ids=["refused", "taken apart"])
async def test_a_check_closed_without_its_offer_while_it_is_on_its_way_locks_nothing_for_ever(
    rig: Rig, beside: tuple[str, ...], refused: str
) -> None:
    await rig.sell("T-1", await rig.lock())
    for sale in beside:
        await rig.sell(sale)
    await rig.freeze()
    await rig.sell("T-1")
    rig.platform.refuses = {refused}
    await rig.send()
    rig.platform.refuses -= {"T-1"}
    await rig.rest()
    assert rig.offer()["status"] != "LOCKED"


@pytest.mark.parametrize("end", ["voided", "unlocked", "closed without it"])
async def test_an_offer_renewed_offline_after_it_arrived_goes_back_with_its_check(rig: Rig, end: str) -> None:
    await rig.look_up()
    await rig.sell("T-1", await lock_offline(rig), is_closed=False)
    rig.platform.wire = Wire.UP
    await rig.drain()
    await lock_offline(rig, subtotal=9)
    if end == "unlocked":
        await rig.give_back()
    await rig.sell("T-1", is_voided=end == "voided")
    await rig.rest()
    assert rig.offer()["status"] == "INFO"


async def test_an_offline_offer_unlocked_while_its_open_check_waits_goes_back(rig: Rig) -> None:
    await rig.look_up()
    await rig.sell("T-1", await lock_offline(rig), is_closed=False)
    await rig.give_back()
    rig.platform.wire = Wire.UP
    await rig.drain()
    await rig.sell("T-1")
    await rig.rest()
    assert rig.offer()["status"] == "INFO"


async def test_an_offline_offer_forgotten_while_its_open_check_waits_goes_back(rig: Rig) -> None:
    await rig.look_up()
    await rig.sell("T-1", await lock_offline(rig), is_closed=False)
    await rig.tidy()
    await rig.rest()
    assert rig.offer()["status"] == "INFO"


async def void_what_another_check_locked_since(strict: Rig) -> None:
    strict.platform.wire = Wire.LOSES_QUESTIONS
    await strict.apply("T-1")
    strict.platform.wire = Wire.UP
    locked = await strict.lock("T-2")
    await strict.sell("T-1", is_voided=True)
    await strict.drain()
    await strict.sell("T-2", locked)
    await strict.rest()


async def test_clean_up_for_one_check_does_not_free_the_lock_of_another(strict: Rig) -> None:
    await void_what_another_check_locked_since(strict)
    assert strict.offer()["times_redeemed"] == 1


async def test_clean_up_that_does_not_look_for_later_locks_would_be_noticed(
    strict: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: an offer goes back whoever has it since."""
    monkeypatch.setattr(module, "_held", lambda *_: False)
    await void_what_another_check_locked_since(strict)
    assert strict.offer()["times_redeemed"] == 0


async def test_an_offer_locked_and_renewed_offline_can_be_reinstated_before_it_arrives(rig: Rig) -> None:
    await rig.look_up()
    await rig.apply()
    await rig.sell("T-1", await lock_offline(rig, subtotal=9))
    await rig.give_back("reinstate")
    await rig.rest()
    assert rig.offer()["status"] == "INFO"


async def test_a_lock_that_was_redeemed_offline_goes_back_with_its_voided_check(rig: Rig) -> None:
    await rig.look_up()
    await rig.apply()
    rig.platform.wire = Wire.DOWN
    await rig.apply(action=OfferAction.REDEEM)
    await rig.sell("T-1", is_voided=True)
    await rig.rest()
    assert rig.offer()["status"] == "INFO"


async def test_a_lock_renewed_offline_goes_back_though_its_open_check_is_refused(rig: Rig) -> None:
    await rig.look_up()
    await rig.apply()
    await rig.sell("T-1", await lock_offline(rig, subtotal=9), is_closed=False)
    await rig.freeze()
    await rig.sell("T-1", is_voided=True)
    rig.platform.wire = Wire.UP
    rig.platform.refuses = {"T-1"}
    await rig.send()
    rig.platform.refuses = set()
    await rig.rest()
    assert rig.offer()["status"] == "INFO"


async def test_an_offer_reinstated_before_its_check_is_refused_and_discarded_is_not_left_locked(rig: Rig) -> None:
    locked = await rig.lock()
    rig.platform.wire = Wire.DOWN
    await rig.sell("T-1", locked)
    await rig.give_back("reinstate")
    rig.platform.wire = Wire.UP
    rig.platform.refuses = {"T-1"}
    await rig.drain()
    for refused in await rig.parked():
        await rig.repair(Action.DISCARD, refused)
    await rig.rest()
    assert rig.offer()["status"] != "LOCKED"


async def test_of_two_tries_at_once_the_one_that_failed_does_not_hide_the_lock_of_the_other(strict: Rig) -> None:
    there, over = asyncio.Event(), asyncio.Event()
    tries = []

    async def wait_for_the_first() -> None:
        there.set()
        await over.wait()

    async def let_the_second_come() -> None:
        strict.platform.before = wait_for_the_first
        tries.append(asyncio.create_task(strict.apply()))
        await there.wait()
        strict.platform.wire = Wire.DOWN

    strict.platform.before = let_the_second_come
    assert isinstance(await strict.apply(), NotDone)
    strict.platform.wire = Wire.UP
    over.set()
    assert isinstance(await tries[0], Passed)
    await strict.sell("T-1", is_voided=True)
    await strict.rest()
    assert strict.offer()["status"] == "INFO"


async def test_a_check_closed_with_a_lock_that_was_taken_back_is_warned_of(rig: Rig) -> None:
    locked = await rig.lock()
    await rig.tidy()
    await rig.drain()
    sold = await rig.sell("T-1", locked)
    await rig.rest()
    assert [warning["code"] for warning in sold.warnings] == ["offer_given_back"]
    assert rig.offer()["times_redeemed"] == 0


async def test_an_unlock_of_the_agent_outlives_an_address_that_is_not_found(rig: Rig) -> None:
    await rig.apply()
    await rig.sell("T-1", is_voided=True)
    await rig.freeze()
    await rig.send()
    await rig.freeze()
    await rig.settle(Halted("It answers 404.", "", missing=True))
    await rig.rest()
    assert rig.offer()["status"] == "INFO"


async def test_a_memory_that_fails_applies_nothing_offline(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(offer: str) -> None:
        raise StorageFailure("the disk failed")

    await rig.look_up()
    monkeypatch.setattr(rig.memory, "find_offer", fail)
    rig.platform.wire = Wire.DOWN
    answer = await rig.apply()
    assert isinstance(answer, NotDone)
    assert answer.code == "offline_limit"


async def test_a_lock_answered_after_its_unlock_does_not_free_the_lock_of_another_check(rig: Rig) -> None:
    """The POS asks again for a slow lock, unlocks it, and another check locks it: then the slow answer comes."""
    others = []

    async def lock_unlock_and_lock_for_another() -> None:
        await rig.apply()
        await rig.give_back()
        others.append(await rig.lock("T-2"))

    rig.platform.after = lock_unlock_and_lock_for_another
    assert discount_of(await rig.apply()) is not None
    await rig.drain()
    await rig.sell("T-2", *others)
    await rig.rest()
    assert rig.offer()["times_redeemed"] == 1


@pytest.mark.parametrize("refused", [False, True])
async def test_clean_up_after_a_lost_lock_does_not_free_the_earlier_lock_of_another_check(
    strict: Rig, *, refused: bool
) -> None:
    discount = await strict.lock("T-1")
    if refused:
        strict.platform.refuses = {"T-1"}
        await strict.sell("T-1", discount)
        await strict.drain()
        strict.platform.refuses = set()
    strict.platform.wire = Wire.LOSES_QUESTIONS
    await strict.apply("T-3")
    strict.platform.wire = Wire.UP
    await strict.sell("T-3", is_voided=True)
    await strict.drain()
    if refused:
        for sequence in await strict.parked():
            await strict.repair(Action.RETRY, sequence)
    else:
        await strict.sell("T-1", discount)
    await strict.rest()
    assert strict.offer()["times_redeemed"] == 1
