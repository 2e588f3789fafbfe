"""Receipt codes that are printed before the sale comes: the same ones then, and known as unused until it does."""

import itertools
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.errors import BadInput, StorageFailure
from store_agent.storage import ahead as rules
from store_agent.storage.ahead import Ahead
from store_agent.storage.codes import codes_so_far
from store_agent.storage.database import Database, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.receipts import Receipt, Receipts
from tests.support.arrivals import another, arrival
from tests.support.sales import payment

KNOWN = {"user_id": "u", "user_id_type": "Email"}


class Till:
    """Asks for codes and sells, on one database."""

    def __init__(self, database: Database) -> None:
        numbers = itertools.count(1)
        self.database = database
        self.outbox = Outbox(database, SystemClock())
        self.intake = Intake(database, SystemClock(), lambda: f"code-{next(numbers)}")
        self.ahead = Ahead(database, SystemClock(), lambda: f"code-{next(numbers)}")

    async def ask(self, *payments: str, name: str = "T-1", terminal: str = "lane-1") -> dict[str, str]:
        codes = await self.ahead.codes(terminal, name, payments)
        return {code.payment: code.code for code in codes}

    async def sell(self, *payments: dict[str, Any], name: str = "T-1", **fields: Any) -> dict[str, str]:
        (taken,) = await self.intake.accept([arrival(name, payments=list(payments), **fields)])
        return {code.payment: code.code for code in taken.codes}

    async def find(self, code: str) -> Receipt:
        found = await Receipts(self.database).find([code])
        assert found is not None
        return found

    async def kept(self) -> int:
        return await self.database.read(lambda raw: int(raw.execute("SELECT count(*) FROM receipt_code").fetchone()[0]))


@pytest.fixture
def till(database: Database) -> Till:
    return Till(database)


async def test_the_sale_comes_with_the_codes_that_were_printed_before_it_G8(till: Till) -> None:
    whole, parts = await till.ask("P1", name="T-1"), await till.ask("P1", "P2", name="T-2")
    assert (whole, parts) == ({"": "code-1"}, {"P1": "code-2", "P2": "code-3"})
    assert await till.sell(payment("P1"), name="T-1") == whole
    assert await till.sell(payment("P1"), payment("P2"), name="T-2") == parts
    assert await till.kept() == 3
    detail = await till.outbox.show(1)
    assert detail is not None
    assert b'"guest_receipt_code":"code-1"' in (detail.payload or b"")


async def test_asked_again_the_codes_are_the_same_and_more_payments_get_theirs_G8(till: Till) -> None:
    first = await till.ask("P1", "P2")
    assert await till.ask("P1", "P2", "P3") == first | {"P3": "code-3"}
    assert await till.ask("P2", "P1") == first
    assert await till.ask() == {"": "code-4"}
    assert await till.ask("P1", "P2") == {"": "code-4"} | first


async def test_a_code_that_was_answered_is_there_after_a_restart_G1_G8(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()) as database:
        asked = await Till(database).ask("P1", "P2")
    async with open_database(tmp_path, SystemClock()) as database:
        later = Ahead(database, SystemClock(), lambda: str(uuid.uuid4()))
        codes = await later.codes("lane-1", "T-1", ["P1", "P2"])
        assert {code.payment: code.code for code in codes} == asked


async def test_codes_asked_for_while_a_check_is_open_go_with_its_next_state_G8(till: Till) -> None:
    opened = await till.sell(is_closed=False)
    parts = await till.ask("P1", "P2")
    assert parts == opened | {"P1": "code-2", "P2": "code-3"}
    assert await till.sell(payment("P1"), payment("P2")) == parts
    assert await till.ask("P1", "P2") == parts


async def test_the_guest_check_and_the_payments_each_keep_their_code_G8(till: Till) -> None:
    check = await till.ask()
    parts = await till.sell(payment("P1"), payment("P2"))
    assert parts == check | {"P1": "code-2", "P2": "code-3"}
    assert await till.sell(payment("P1"), payment("P2"), table_id="7") == parts


async def test_a_code_says_whether_a_sale_came_with_it(till: Till) -> None:
    await till.ask("P1", "P2", terminal="lane-7")
    found = await till.find("code-1")
    assert (found.ahead, found.sale, found.code.payment) == ("lane-7", None, "P1")
    await till.sell(payment("P1"))
    used, left = await till.find("code-1"), await till.find("code-2")
    assert (used.ahead, left.ahead) == (None, "lane-7")
    assert used.sale is not None
    assert left.sale is not None


async def test_codes_without_a_sale_are_in_no_books_G2(till: Till) -> None:
    await till.ask("P1", "P2")
    books = await till.outbox.books()
    assert (books.accepted.revisions, books.balanced) == (0, True)
    await till.sell(payment("P1"))
    assert (await till.outbox.books()).accepted.revisions == 1


async def test_a_guest_who_is_found_later_needs_no_code_any_more_G8(till: Till) -> None:
    (code,) = (await till.sell(payment("P1"))).values()
    assert await till.sell(payment("P1", **KNOWN)) == {}
    assert (await till.find(code)).retired
    assert await Receipts(till.database).of_transaction("T-1") == []
    assert await till.ask() == {}
    assert await till.sell(payment("P1"), table_id="7") == {"": code}
    assert not (await till.find(code)).retired


async def test_only_the_payment_whose_guest_is_known_loses_its_code_G8(till: Till) -> None:
    parts = await till.sell(payment("P1"), payment("P2"))
    assert await till.sell(payment("P1", **KNOWN), payment("P2")) == {"P2": parts["P2"]}
    assert [(await till.find(code)).retired for code in parts.values()] == [True, False]
    assert [code.code for code in await Receipts(till.database).of_transaction("T-1")] == [parts["P2"]]


async def test_a_code_printed_ahead_for_a_guest_who_is_then_known_is_not_needed_G8(till: Till) -> None:
    (code,) = (await till.ask()).values()
    assert await till.sell(payment("P1", **KNOWN)) == {}
    found = await till.find(code)
    assert (found.retired, found.ahead) == (True, "lane-1")


async def test_a_guest_who_was_known_from_the_first_state_needs_no_code_ahead_G8(till: Till) -> None:
    await till.sell(payment("P1", **KNOWN), name="T-1", is_closed=False)
    assert await till.ask("P1", name="T-1") == {}
    await till.sell(payment("P1", **KNOWN), payment("P2"), name="T-2", is_closed=False)
    assert (await till.ask("P1", "P2", "P3", name="T-2")).keys() == {"P2", "P3"}
    await till.sell(payment("P1"), name="T-3", is_voided=True)
    assert await till.ask("P1", name="T-3") == {}
    assert await till.kept() == 2


async def test_a_user_beside_the_payload_is_known_too_G8(till: Till) -> None:
    known = replace(arrival("T-1", payments=[payment("P1")]), forwarded='"user_id": "u"', alone=True)
    sale = replace(known.sale, user_known=True)
    await till.intake.accept([replace(known, sale=sale)])
    assert await till.ask("P1") == {}


async def test_a_check_that_comes_under_another_number_keeps_the_code_that_was_printed_G8(till: Till) -> None:
    (code,) = (await till.ask(name="T-4")).values()
    assert await till.sell(payment("P1"), name="T-5", guest_receipt_code=code) == {"": code}
    found = await till.find(code)
    assert (found.transaction_id, found.ahead, found.sale and found.sale.transaction_id) == ("T-5", None, "T-5")
    assert await till.sell(payment("P1"), name="T-5", table_id="7", guest_receipt_code=code) == {"": code}
    assert await till.sell(payment("P1"), name="T-4") == {"": "code-2"}


async def test_a_code_of_a_sale_that_came_stays_with_it_G8(till: Till) -> None:
    parts = await till.ask("P1", "P2", name="T-4")
    await till.sell(payment("P1"), payment("P2", **KNOWN), name="T-4")
    (taken,) = await till.intake.accept([arrival("T-5", guest_receipt_code=parts["P2"])])
    assert [warning["code"] for warning in taken.warnings] == ["receipt_code_in_use"]
    assert (await till.find(parts["P2"])).transaction_id == "T-4"


async def test_what_is_known_is_given_without_writing(till: Till) -> None:
    assert await till.ahead.known("T-1", ["P1", "P2"]) is None
    asked = await till.ask("P1", "P2")
    known = await till.ahead.known("T-1", ["P1", "P2"])
    assert known is not None
    assert {code.payment: code.code for code in known} == asked
    assert await till.ahead.known("T-1", ["P1", "P2", "P3"]) is None


async def test_too_many_payments_of_one_sale_are_refused_and_the_sale_is_not(till: Till) -> None:
    for first in range(0, rules.PAYMENTS_MAX, 50):
        await till.ask(*(f"P{number}" for number in range(first, first + 50)))
    before = await till.kept()
    with pytest.raises(BadInput, match="print the check without one"):
        await till.ask("more", "and more")
    assert await till.kept() == before
    assert await till.ask("P0", "P99") == {"P0": "code-1", "P99": "code-100"}
    assert len(await till.sell(payment("more"), payment("and more"))) == 2


async def test_a_terminal_that_asks_without_end_is_refused(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TERMINAL_MAX", 5)
    for number in range(5):
        await till.ask(name=f"T-{number}")
    with pytest.raises(BadInput, match="tell whoever looks after the till") as refused:
        await till.ask(name="T-5")
    assert (refused.value.code, refused.value.status) == ("too_many_codes", 409)
    assert await till.ask(name="T-5", terminal="lane-2") == {"": "code-7"}
    assert await till.ask(name="T-4") == {"": "code-5"}
    await till.sell(payment("P1"), name="T-0")
    assert len(await till.ask(name="T-6")) == 1


async def test_where_receipts_carry_no_codes_none_are_minted(database: Database) -> None:
    with pytest.raises(BadInput, match="carry no codes"):
        await Ahead(database, SystemClock(), None).codes("lane-1", "T-1", [])


async def test_a_code_ahead_that_exists_already_is_never_given_out_G8(database: Database) -> None:
    stuck = Ahead(database, SystemClock(), lambda: "the-only-one")
    await stuck.codes("lane-1", "T-1", [])
    with pytest.raises(StorageFailure, match="already in use"):
        await stuck.codes("lane-1", "T-2", [])


async def test_forgetting_what_was_minted_ahead_would_be_noticed_G8(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a sale that only looks at its revisions gives other codes than those that are printed."""
    asked = await till.ask()
    without = lambda name, written, raw: codes_so_far("", written, raw)  # noqa: E731
    monkeypatch.setattr("store_agent.storage.intake.codes_so_far", without)
    assert await till.sell(payment("P1")) != asked


async def test_the_codes_of_the_pos_are_given_ahead_as_they_are(till: Till) -> None:
    await till.intake.accept([another("T-2"), arrival("T-1", guest_receipt_code="mine")])
    assert await till.ask() == {"": "mine"}
