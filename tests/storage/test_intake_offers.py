"""A sale is held against the offers in use for it: what must say OFFLINE does, and what it leaves goes back with it."""

import asyncio
import hashlib
import itertools
import json
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.offers import OfferAction
from store_agent.errors import StorageFailure
from store_agent.storage import intake as module
from store_agent.storage.database import Database
from store_agent.storage.deferral import AGENT
from store_agent.storage.intake import Intake
from store_agent.storage.offers import Applied, Asked, Offers
from store_agent.storage.outbox import Outbox
from tests.support.arrivals import another, arrival
from tests.support.uses import ANSWER, DISCOUNT

_numbers = itertools.count(1)


class Counter:
    """A counter at which offers are locked and sales come in."""

    def __init__(self, database: Database) -> None:
        codes = itertools.count(1)
        self.database = database
        self.offers = Offers(database, SystemClock())
        self.outbox = Outbox(database, SystemClock())
        self.intake = Intake(database, SystemClock(), lambda: f"code-{next(codes)}")

    async def lock(self, transaction: str = "T-1", *, offline: bool = False, **changes: Any) -> int:
        """Lock offer-1, or another one; gives the number of the use."""
        known: dict[str, Any] = {
            "reached": True,
            "offer": "offer-1",
            "action": OfferAction.LOCK,
            "answered": True,
        } | changes
        digest = hashlib.sha256(str(next(_numbers)).encode()).digest()
        code = known.get("code", known["offer"])
        offer = None if "code" in known else known["offer"]
        asked = Asked(transaction, "lane-1", "1000", known["action"], code, digest, "request", offer)
        number = (await self.offers.ask(asked)).number
        day = "2026-03-01" if offline else None
        answer = Applied(known["offer"], "u-1", ANSWER, day, reached=known["reached"])
        if known["answered"]:
            await self.offers.apply(number, answer)
        return number

    async def sell(self, *discounts: dict[str, Any], transaction: str = "T-1", **fields: Any) -> Any:
        (one,) = await self.intake.accept([arrival(transaction, discounts=list(discounts), **fields)])
        return one

    async def sent(self, sequence: int) -> dict[str, Any]:
        detail = await self.outbox.show(sequence)
        assert detail is not None
        assert detail.payload is not None
        return dict(json.loads(detail.payload))

    async def do(self, statement: str) -> None:
        await self.database.write(lambda raw: raw.execute(statement))

    async def uses(self) -> dict[int, tuple[str, int | None]]:
        query = "SELECT number, state, sequence FROM offer_use"
        rows = await self.database.read(lambda raw: raw.execute(query).fetchall())
        return {number: (state, sequence) for number, state, sequence in rows}

    async def calls(self) -> list[tuple[Any, ...]]:
        query = "SELECT sequence, call, follows, terminal, state FROM revision WHERE call IS NOT NULL ORDER BY sequence"
        return await self.database.read(lambda raw: raw.execute(query).fetchall())


@pytest.fixture
def counter(database: Database) -> Counter:
    return Counter(database)


INFO = DISCOUNT | {"status": "INFO"}
VOIDED: dict[str, Any] = {"is_voided": True}
BATCH = "INSERT INTO batch (request_id, endpoint, body, members, frozen_at) VALUES ('r', 'e', x'', 1, 0)"


@pytest.mark.parametrize("closed", [True, False])
async def test_an_offer_applied_offline_says_so_in_what_is_sent_and_nothing_else_changes_G7(
    counter: Counter, *, closed: bool
) -> None:
    await counter.lock(offline=True, reached=False)
    discounts = [{"reference_id": "offer-1", "status": "INFO"}, {"reference_id": "offer-9", "status": "INFO"}]
    one = await counter.sell(*discounts, is_closed=closed)
    plain = arrival(discounts=discounts, is_closed=closed).sale
    sent = await counter.sent(one.sequence)
    assert [discount["status"] for discount in sent["discounts"]] == ["OFFLINE", "INFO"]
    expected = json.loads(plain.text)
    expected["discounts"][0]["status"] = "OFFLINE"
    assert sent == expected | {"guest_receipt_code": one.codes[0].code}
    assert one.digest == plain.digest


async def test_an_offer_that_the_platform_applied_is_sent_as_the_pos_wrote_it_G7(counter: Counter) -> None:
    await counter.lock()
    one = await counter.sell(INFO)
    assert (await counter.sent(one.sequence))["discounts"] == [INFO]


async def test_a_voided_sale_never_says_OFFLINE_by_the_agent(counter: Counter) -> None:
    await counter.lock(offline=True, reached=False)
    one = await counter.sell(INFO, **VOIDED)
    assert (await counter.sent(one.sequence))["discounts"] == [INFO]


async def test_no_OFFLINE_where_it_must_stand_would_be_noticed_G7(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the text is left as the POS wrote it."""
    monkeypatch.setattr(module, "mark_offline", lambda text, offers: text)
    await counter.lock(offline=True, reached=False)
    one = await counter.sell(INFO)
    assert (await counter.sent(one.sequence))["discounts"][0]["status"] == "INFO"


async def test_a_closed_sale_uses_what_it_carries_once(counter: Counter) -> None:
    number = await counter.lock()
    await counter.sell(INFO, is_closed=False)
    assert await counter.uses() == {number: ("applied", None)}
    await counter.sell(INFO)
    assert await counter.uses() == {number: ("used", 2)}
    await counter.sell(INFO, table_id="7")
    assert await counter.uses() == {number: ("used", 2)}
    assert await counter.calls() == []


@pytest.mark.parametrize("sale", [{"is_closed": True}, VOIDED])
async def test_what_a_sale_leaves_goes_back_right_behind_it(counter: Counter, sale: dict[str, Any]) -> None:
    number = await counter.lock()
    unheard = await counter.lock(offer="offer-2", offline=True, reached=False)
    one = await counter.sell(**sale)
    assert await counter.uses() == {number: ("released", None), unheard: ("released", None)}
    assert await counter.calls() == [(2, "unlock", "T-1", AGENT, "waiting")]
    assert (one.sequence, one.newest) == (1, 2)
    detail = await counter.outbox.show(2)
    assert detail is not None
    assert json.loads(detail.payload or "") == {"user_offer_id": "offer-1", "employee_id": "1000"}


async def test_what_nobody_answered_for_goes_back_and_by_the_call_that_fits(counter: Counter) -> None:
    await counter.lock(answered=False)
    await counter.lock(action=OfferAction.REDEEM, answered=False, offer="offer-2")
    await counter.lock(action=OfferAction.REDEEM, offline=True, offer="offer-3")
    await counter.sell(**VOIDED)
    assert [call for _, call, *_ in await counter.calls()] == ["unlock", "reinstate", "reinstate"]


async def test_a_sale_and_what_it_gives_back_are_one_commit_G2(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await counter.lock()
    monkeypatch.setattr(module, "let_go", lambda *_: (_ for _ in ()).throw(StorageFailure("the disk failed")))
    with pytest.raises(StorageFailure):
        await counter.sell()
    assert (await counter.outbox.books()).accepted.revisions == 0
    assert await counter.uses() == {number: ("applied", None)}


async def test_a_call_in_a_commit_of_its_own_would_be_noticed_G2(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what goes back is forgotten on the way."""
    await counter.lock()
    monkeypatch.setattr(module, "let_go", lambda *_: None)
    await counter.sell()
    assert await counter.calls() == []


@pytest.mark.parametrize("sale", [{"is_closed": True}, VOIDED])
async def test_the_same_sale_again_changes_nothing_more_G9(counter: Counter, sale: dict[str, Any]) -> None:
    await counter.lock()
    one = await counter.sell(**sale)
    number = await counter.lock(code="123456")
    again = await counter.sell(**sale)
    assert (again.repeated, again.sequence, again.warnings) == (True, one.sequence, one.warnings)
    assert (await counter.uses())[number] == ("applied", None)
    assert len(await counter.calls()) == 1


async def test_the_pos_is_told_of_what_it_left_and_of_what_it_changed(counter: Counter) -> None:
    await counter.lock()
    await counter.lock(offer="offer-2")
    one = await counter.sell(INFO | {"amount": 9}, subtotal=1)
    told = [(warning["code"], warning["path"]) for warning in one.warnings]
    assert told == [("discount_changed", "discounts.0.amount"), ("offer_not_in_sale", "discounts")]


async def test_the_offers_of_a_transaction_do_not_touch_another(counter: Counter) -> None:
    number = await counter.lock("T-2")
    await counter.sell()
    assert await counter.uses() == {number: ("applied", None)}
    assert await counter.calls() == []


async def test_an_offline_discount_that_is_right_is_no_warning_though_the_line_is_back(counter: Counter) -> None:
    await counter.lock(offline=True, reached=False)
    assert (await counter.sell(INFO | {"status": "OFFLINE"}, subtotal=7.5)).warnings == []
    one = await counter.sell(INFO | {"status": "OFFLINE"}, subtotal=7.5, transaction="T-2")
    assert [warning["code"] for warning in one.warnings] == ["offline_discount_online"]


async def test_sales_and_calls_of_one_commit_have_one_order(counter: Counter) -> None:
    await counter.lock("T-1")
    await counter.lock("T-3", offer="offer-3")
    taken = await counter.intake.accept([arrival("T-1"), another("T-2"), arrival("T-3"), another("T-4")])
    assert [(one.sequence, one.newest) for one in taken] == [(1, 2), (3, 3), (4, 5), (6, 6)]
    assert [sequence for sequence, *_ in await counter.calls()] == [2, 5]
    both = await asyncio.gather(counter.sell(transaction="T-5"), counter.sell(transaction="T-6"))
    assert sorted(one.sequence for one in both) == [7, 8]


async def test_what_is_on_its_way_back_already_gives_no_sequence_twice(counter: Counter) -> None:
    """The call that is found again stands before sales that came since."""
    await counter.lock()
    await counter.sell(**VOIDED)
    await counter.sell(transaction="T-2")
    await counter.lock(code="123456")
    taken = await counter.intake.accept([arrival(is_voided=True, table_id="7"), another("T-3"), another("T-4")])
    assert [(one.sequence, one.newest) for one in taken] == [(4, 4), (5, 5), (6, 6)]
    assert [sequence for sequence, *_ in await counter.calls()] == [2]


async def test_what_is_being_sent_back_already_may_be_too_early_and_goes_back_again(counter: Counter) -> None:
    await counter.lock()
    await counter.sell(**VOIDED)
    await counter.do(BATCH)
    await counter.do("UPDATE revision SET state = 'frozen', batch = 1")
    await counter.lock(code="123456")
    await counter.sell(**VOIDED, table_id="7")
    assert [(sequence, call) for sequence, call, *_ in await counter.calls()] == [(2, "unlock"), (4, "unlock")]


async def test_a_sale_that_was_not_sent_takes_what_it_used_back_with_it(counter: Counter) -> None:
    """The platform never hears of the closed state that is superseded."""
    number = await counter.lock()
    await counter.sell(INFO)
    await counter.sell()
    assert await counter.uses() == {number: ("released", 1)}
    assert [(sequence, call) for sequence, call, *_ in await counter.calls()] == [(3, "unlock")]


@pytest.mark.parametrize("sale", [{"is_closed": True}, VOIDED])
async def test_what_the_platform_took_is_for_the_pos_to_want_back(counter: Counter, sale: dict[str, Any]) -> None:
    number = await counter.lock()
    await counter.sell(INFO)
    states = ("UPDATE revision SET state = 'frozen', batch = 1", "UPDATE revision SET state = 'delivered'")
    for statement in (BATCH, *states):
        await counter.do(statement)
    await counter.sell(**sale)
    assert await counter.uses() == {number: ("used", 1)}
    assert await counter.calls() == []


async def test_a_sale_of_a_store_without_offers_costs_no_look_at_them(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counter.lock("T-2")
    monkeypatch.setattr(module, "uses_of_transaction", lambda *_: pytest.fail("looked"))
    await counter.sell()
