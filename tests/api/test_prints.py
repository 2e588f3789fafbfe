"""A receipt is printed by its code, and the cashier is told at once whether the paper came."""

import asyncio
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store_agent.agent.schedule import Job, Schedule
from store_agent.api import spool
from store_agent.api.slips import slip_of
from store_agent.domain.prints import Condition
from store_agent.domain.receipts import Code
from store_agent.errors import BadInput
from store_agent.printing.escpos import render
from store_agent.printing.paper import Paper
from store_agent.printing.printer import FileWay, NetworkWay, Printer
from store_agent.storage.intake import Intake
from store_agent.storage.receipts import Receipt
from store_agent.upkeep.printing import PrintChore, Rest
from tests.support.arrivals import arrival
from tests.support.fake_printer import OUT_OF_PAPER, FakePrinter
from tests.support.receipt_printer import ReceiptPrinter
from tests.support.sales import payment
from tests.support.served import Served

NEVER = 86_400.0


@pytest.fixture
async def store(served: Served, tmp_path: Path) -> Any:
    """Serve with a printer for lane-1, which is out of paper, and a file for all others."""
    served.intake = Intake(served.database, served.clock, lambda: str(uuid.uuid4()))
    with FakePrinter(status=OUT_OF_PAPER) as fake:
        counter = NetworkWay("127.0.0.1", fake.port)
        served.printers["counter"] = Printer("counter", counter, Paper(), 2.0, ("lane-1",))
        served.printers["office"] = Printer("office", FileWay(tmp_path / "office"), Paper())
        served.conditions |= {name: Condition() for name in served.printers}
        schedule = Schedule(
            [Job(name, chore(served, name), NEVER) for name in served.printers], served.clock, lambda: 0.0
        )
        schedule.start()
        served.hurry = schedule.hurry
        yield served, fake
        await schedule.stop()


def chore(served: Served, name: str) -> PrintChore:
    rest = Rest(served.clock, NEVER)
    return PrintChore(served.printers[name], served.prints, served.conditions[name], served.hub.publish, rest)


async def sell(served: Served, name: str = "T-1") -> str:
    """Take a sale; gives its code."""
    (taken,) = await served.intake.accept([arrival(name)])
    return taken.codes[0].code


async def test_a_receipt_is_printed_at_the_printer_of_its_caller(store: Any, tmp_path: Path) -> None:
    served, fake = store
    code = await sell(served)
    done = await served.do(f"/v1/receipts/{code}/reprint", reason="jammed")
    assert (done["printer"], done["state"], done["about"]) == ("office", "printed", f"copy of receipt {code}")
    assert done["words"].startswith(f"Copy of receipt {code} was printed by office at ")
    printed = (tmp_path / "office").read_bytes()
    assert b"Sale T-1" in printed
    assert f"https://rewards.example.com/r/{code}".encode() in printed
    fake.be_well()
    answer = await served.cashier.post(f"/v1/receipts/{code}/print")
    assert answer.json()["payload"]["printer"] == "counter"
    assert answer.json()["payload"]["state"] == "printed"
    (job,) = await asyncio.to_thread(fake.wait_for_jobs, 1)
    assert b"REPRINT" not in job


async def test_a_reprint_says_so_and_is_audited_with_the_sale(store: Any, tmp_path: Path) -> None:
    served, _ = store
    code = await sell(served)
    await served.do(f"/v1/receipts/{code}/reprint", reason="jammed", printer="office")
    assert b"REPRINT" in (tmp_path / "office").read_bytes()
    (entry, *_) = (await served.ask("/v1/audit"))["entries"]
    told = [entry[name] for name in ("action", "who", "sequence", "reason")]
    assert told == ["reprint", "Ada", 1, f"{code}: jammed"]
    assert (await served.ask("/v1/outbox/1"))["history"] == [entry]
    answer = await served.cashier.post(f"/v1/receipts/{code}/reprint", json={})
    assert (answer.status_code, answer.json()["errors"]["fields"][0]["path"]) == (400, "by")


async def test_without_paper_the_receipt_waits_and_the_cashier_is_told_why(store: Any) -> None:
    served, fake = store
    code = await sell(served)
    answer = await served.cashier.post(f"/v1/receipts/{code}/print")
    job = answer.json()["payload"]
    assert job["state"] == "waiting"
    trouble = "The printer counter is out of paper: put in a new roll."
    assert job["words"] == f"Receipt {code} is not printed yet; it is tried again. {trouble}"
    words = (await served.ask("/v1/status"))["words"]
    assert words[-1] == f"1 receipt waits for the printer counter. {trouble}"
    (counter, office) = (await served.ask("/v1/printers"))["printers"]
    assert counter == {
        "name": "counter",
        "kind": "network",
        "where": f"127.0.0.1:{fake.port}",
        "terminals": ["lane-1"],
        "waiting": 1,
        "last_printed_at": None,
        "trouble": trouble,
    }
    assert (office["terminals"], office["trouble"]) == (None, None)
    fake.be_well()
    served.hurry("counter")
    await asyncio.to_thread(fake.wait_for_jobs, 1)


async def test_a_printer_that_takes_its_time_does_not_keep_the_cashier(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, _ = store
    monkeypatch.setattr(spool, "WAIT_SECONDS", 0.01)
    served.hurry = lambda _: None
    code = await sell(served)
    job = (await served.cashier.post(f"/v1/receipts/{code}/print")).json()["payload"]
    assert job["words"] == f"Receipt {code} waits for the printer counter."
    assert (await served.ask(f"/v1/prints/{job['job']}"))["state"] == "waiting"


async def test_printing_twice_prints_once_and_another_copy_is_a_reprint(store: Any, tmp_path: Path) -> None:
    served, fake = store
    code = await sell(served)
    path = f"/v1/receipts/{code}/print"
    waiting = [(await served.cashier.post(path)).json()["payload"]["job"] for _ in range(2)]
    assert waiting[0] == waiting[1]
    assert await served.prints.waiting() == {"counter": 1}
    fake.be_well()
    served.hurry("counter")
    await asyncio.to_thread(fake.wait_for_jobs, 1)
    again = (await served.cashier.post(path)).json()["payload"]
    assert (again["job"], again["state"]) == (waiting[0], "printed")
    assert (await served.cashier.post(path, json={"printer": "office"})).json()["payload"]["job"] != waiting[0]
    for _ in range(2):
        await served.do(f"/v1/receipts/{code}/reprint", reason="torn")
    assert (tmp_path / "office").read_bytes().count(b"REPRINT") == 2
    assert len(fake.jobs) == 1


async def test_of_two_who_ask_for_the_same_one_that_left_does_not_keep_the_other(store: Any) -> None:
    served, fake = store
    code = await sell(served)
    number = (await served.cashier.post(f"/v1/receipts/{code}/print")).json()["payload"]["job"]
    leaving, staying = (asyncio.create_task(served.prints.wait_until_tried(number)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    fake.be_well()
    served.hurry("counter")
    await asyncio.wait_for(staying, 20.0)
    assert (await served.ask(f"/v1/prints/{number}"))["state"] == "printed"


async def test_what_was_given_up_is_printed_when_it_is_asked_for_again(store: Any) -> None:
    served, _ = store
    code = await sell(served)
    path = f"/v1/receipts/{code}/print"
    first, second = [(await served.cashier.post(path)).json()["payload"]["job"] for _ in range(2)]
    await served.cashier.delete(f"/v1/prints/{first}", params={"by": "Bo"})
    third = (await served.cashier.post(path)).json()["payload"]
    assert (first == second, third["job"] == first, third["state"]) == (True, False, "waiting")


async def test_what_waits_is_listed_in_its_order(store: Any) -> None:
    served, fake = store
    assert await served.ask("/v1/prints") == {"prints": []}
    codes = [await sell(served, name) for name in ("T-1", "T-2")]
    for code in codes:
        await served.cashier.post(f"/v1/receipts/{code}/print")
    await served.do(f"/v1/receipts/{codes[0]}/reprint", reason="torn")
    listed = (await served.ask("/v1/prints"))["prints"]
    assert [(job["about"], job["printer"]) for job in listed] == [(f"receipt {code}", "counter") for code in codes]
    assert listed[0] == await served.ask(f"/v1/prints/{listed[0]['job']}")
    fake.be_well()
    served.hurry("counter")
    await asyncio.to_thread(fake.wait_for_jobs, 2)


async def test_a_receipt_whose_guest_is_known_by_now_is_not_printed(store: Any) -> None:
    served, _ = store
    code = await sell(served)
    await served.intake.accept([arrival("T-1", payments=[payment("P1", user_id="u", user_id_type="Email")])])
    errors = await served.refused(f"/v1/receipts/{code}/reprint", 409)
    assert errors["code"] == "guest_known"
    assert await served.prints.waiting() == {}
    assert (await served.ask("/v1/audit"))["entries"] == []


async def test_a_voided_sale_s_receipt_is_not_printed(store: Any) -> None:
    served, _ = store
    code = await sell(served)
    await served.intake.accept([arrival("T-1", is_voided=True)])
    assert (await served.refused(f"/v1/receipts/{code}/reprint", 409))["code"] == "voided"


async def test_a_terminal_gives_up_at_its_own_printer_and_is_named_in_the_audit(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, _ = store
    code = await sell(served)
    monkeypatch.setattr(spool, "WAIT_SECONDS", 0.01)
    served.hurry = lambda _: None
    waiting = (await served.manager.post(f"/v1/receipts/{code}/print")).json()["payload"]
    path = f"/v1/prints/{waiting['job']}"
    refused = await served.cashier.delete(path)
    assert (waiting["printer"], refused.status_code, refused.json()["errors"]["code"]) == ("office", 403, "forbidden")
    assert (await served.manager.delete(path)).json()["payload"]["state"] == "given_up"
    await served.cashier.post(f"/v1/receipts/{code}/reprint", json={"by": "Ada", "reason": "torn"})
    (entry, *_) = (await served.ask("/v1/audit"))["entries"]
    assert (entry["who"], entry["reason"]) == ("Ada", f"{code} at lane-1: torn")


async def test_a_job_is_given_up_by_a_person_once(store: Any) -> None:
    served, _ = store
    code = await sell(served)
    number = (await served.cashier.post(f"/v1/receipts/{code}/print")).json()["payload"]["job"]
    path = f"/v1/prints/{number}"
    ended = (await served.cashier.delete(path, params={"by": "Bo"})).json()["payload"]
    assert (ended["state"], ended["error"]) == ("given_up", "It was given up by Bo.")
    again = await served.cashier.delete(path)
    assert (again.status_code, again.json()["errors"]["code"]) == (409, "not_possible")
    assert (await served.cashier.delete("/v1/prints/99")).json()["errors"]["code"] == "unknown_print"
    (told,) = [told.event for told in served.hub._kept if told.event.name == "print.given_up"]
    assert told.details == {"job": number, "printer": "counter", "who": "Bo"}


async def test_a_job_that_is_being_printed_is_not_given_up(store: Any) -> None:
    served, _ = store
    code = await sell(served)
    number = (await served.cashier.post(f"/v1/receipts/{code}/print")).json()["payload"]["job"]
    job = await served.prints.oldest("counter")
    assert await served.prints.begin(job)
    refused = await served.cashier.delete(f"/v1/prints/{number}", params={"by": "Bo"})
    assert (refused.status_code, refused.json()["errors"]["code"]) == (409, "not_possible")
    assert refused.json()["errors"]["message"].startswith("Nothing was done: It is being printed now.")
    served.prints.let_go(job)
    ended = await served.cashier.delete(f"/v1/prints/{number}", params={"by": "Bo"})
    assert ended.json()["payload"]["state"] == "given_up"


async def test_what_cannot_be_printed_is_refused_in_words(store: Any) -> None:
    served, _ = store
    code = await sell(served)
    errors = await served.refused("/v1/receipts/nothing/reprint", 404)
    assert errors["code"] == "unknown_code"
    errors = await served.refused(f"/v1/receipts/{code}/reprint", 404, printer="bar")
    assert (errors["code"], errors["message"]) == (
        "unknown_printer",
        "There is no printer bar here; there are counter, office.",
    )
    served.printers.pop("office")
    errors = await served.refused(f"/v1/receipts/{code}/reprint", 409)
    assert errors["message"].startswith("No printer is set up for manager; there are counter.")
    served.space.admit = lambda _: False
    answer = await served.cashier.post(f"/v1/receipts/{code}/print")
    assert (answer.status_code, answer.json()["errors"]["code"]) == (507, "disk_full")
    assert await served.prints.waiting() == {}


async def test_a_test_page_is_for_managers(store: Any, tmp_path: Path) -> None:
    served, _ = store
    done = (await served.manager.post("/v1/printers/office/test")).json()["payload"]
    assert done["words"].startswith("Test page was printed by office at ")
    printed = (tmp_path / "office").read_bytes()
    for expected in (b"TEST PAGE", b"office", b"12345678901234567890"):
        assert expected in printed
    assert (await served.cashier.post("/v1/printers/office/test")).status_code == 403


async def test_what_waits_for_a_code_that_cannot_be_drawn_is_nothing(store: Any) -> None:
    served, _ = store
    code = await sell(served)
    served.printers["office"] = replace(served.printers["office"], paper=Paper(code_page="KLINGON"))
    errors = await served.refused(f"/v1/receipts/{code}/reprint", 409)
    assert errors["code"] == "not_printable"
    assert "code page KLINGON" in errors["message"]
    assert await served.prints.waiting() == {}
    assert (await served.ask("/v1/audit"))["entries"] == []


def test_other_people_s_text_cannot_steer_the_printer() -> None:
    """It loses its control codes before it is printed (DESIGN, section 8)."""
    receipt = Receipt(Code("", "c-1", minted=False), "T\x1bp0", None)
    slip = slip_of(receipt, "https://rewards.example.com/r/", "")
    assert "ESC p" not in ReceiptPrinter(render(slip, Paper())).run().commands


def test_a_receipt_without_an_address_is_not_printed() -> None:
    with pytest.raises(BadInput, match=r"receipts\.base_url is not set") as refused:
        slip_of(Receipt(Code("", "c-1", minted=True), "T-1", None), None, "")
    assert (refused.value.code, refused.value.status) == ("no_address", 409)
