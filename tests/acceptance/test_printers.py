"""Printers that stall, reset, refuse or have no paper cost no sale, and receipts come when they are well again."""

import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.fake_printer import OUT_OF_PAPER, FakePrinter, taking_nobody
from tests.support.sales import sale

MOODS = ("stalls", "resets", "refuses", "no-paper")
SALES = 30
SALES_WHILE_HANGING = 10
INLINE = (sys.executable, "-m", "tests.support.inline_agent")

MARK = b"THE FIRST COPY"

_CODE = re.compile(rb"rewards\.example\.com/r/([0-9a-f-]{36})")


@pytest.fixture
def printers() -> Iterator[dict[str, FakePrinter]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(FakePrinter()) for name in MOODS}


def tables(printers: dict[str, FakePrinter], **printing: Any) -> dict[str, Any]:
    """Configure them; none of them is anybody's but by its name."""
    made: dict[str, Any] = {
        f"printers.{name}": {"kind": "network", "host": "127.0.0.1", "port": fake.port, "terminals": []}
        for name, fake in printers.items()
    }
    return made | {"printing": {"retry_seconds": 0.2, **printing}}


def misbehave(printers: dict[str, FakePrinter]) -> None:
    printers["stalls"].mood = "stalls"
    printers["resets"].mood = "resets"
    printers["no-paper"].status = OUT_OF_PAPER
    printers["refuses"].refuse()


def sell(agent: AgentProcess, name: str) -> str:
    """Sell; gives the code."""
    answer = agent.send(sale(name))
    assert answer.status_code == 200, answer.text
    code: str = answer.json()["payload"]["receipts"][0]["code"]
    return code


def print_at(agent: AgentProcess, code: str, printer: str) -> dict[str, Any]:
    body = json.dumps({"printer": printer})
    headers = {"Content-Type": "application/json"}
    answer = agent.client.post(f"/v1/receipts/{code}/print", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()["payload"]
    return job


def codes_in(jobs: list[bytes]) -> list[str]:
    return [_CODE.findall(job)[0].decode() for job in jobs]


def test_bad_printers_cost_no_sale_and_lose_no_receipt_over_a_kill(
    make_agent: MakeAgent, platform: SandboxServer, printers: dict[str, FakePrinter]
) -> None:
    agent = make_agent(platform.url, **tables(printers)).start()
    first = {name: sell(agent, f"T-{name}") for name in printers}
    assert {print_at(agent, code, name)["state"] for name, code in first.items()} == {"printed"}
    misbehave(printers)
    wanted: dict[str, list[str]] = {name: [] for name in printers}
    with ThreadPoolExecutor(16) as pool:
        asked = []
        for number in range(SALES):
            code = sell(agent, f"T-{number}")  # while prints hang at all printers
            for name in printers:
                wanted[name].append(code)
                asked.append(pool.submit(print_at, agent, code, name))
        states = {one.result()["state"] for one in asked}
    assert states == {"waiting"}
    agent.wait_for_outbox(delivered=SALES + len(printers))
    agent.kill()
    agent.start()
    told = {one["name"]: one for one in agent.client.get("/v1/printers").json()["payload"]["printers"]}
    assert {name: told[name]["waiting"] for name in printers} == dict.fromkeys(printers, SALES)
    for fake in printers.values():
        fake.be_well()
    for name in MOODS:
        jobs = printers[name].wait_for_jobs(1 + SALES)
        assert sorted(codes_in(jobs)) == sorted([first[name], *wanted[name]])
    marked = [job for name in MOODS for job in printers[name].jobs if MARK in job]
    assert codes_in(marked) == wanted["resets"][:1], "only this one may have come out before"
    status = agent.status()
    assert status["outbox"]["balanced"]
    assert status["outbox"]["accepted"] == SALES + len(printers)


def sold_while_a_print_hangs(agent: AgentProcess) -> int:
    """Print at a printer that takes no connection, then sell; gives the sales answered before that try had an end."""
    job = print_at(agent, sell(agent, "T-first"), "nobody")["job"]
    for number in range(SALES_WHILE_HANGING):
        sell(agent, f"T-{number}")
        if agent.client.get(f"/v1/prints/{job}").json()["payload"]["attempts"]:
            return number
    return SALES_WHILE_HANGING


def hanging(port: int) -> dict[str, Any]:
    """Configure a printer that takes no connection, and is given up after far more than so many sales take."""
    return {"printers.nobody": {"kind": "network", "host": "127.0.0.1", "port": port, "timeout_seconds": 8.0}}


def test_sales_are_answered_while_a_print_hangs(make_agent: MakeAgent, platform: SandboxServer) -> None:
    with taking_nobody() as port:
        assert sold_while_a_print_hangs(make_agent(platform.url, **hanging(port)).start()) == SALES_WHILE_HANGING


def test_printing_within_the_sale_would_be_noticed(make_agent: MakeAgent, platform: SandboxServer) -> None:
    """The control for the test above."""
    with taking_nobody() as port:
        assert sold_while_a_print_hangs(make_agent(platform.url, INLINE, **hanging(port)).start()) == 0


@pytest.mark.usefixtures("slow_dns")
def test_printers_whose_names_are_never_found_keep_nobody_waiting_for_the_platform(
    make_agent: MakeAgent, platform: SandboxServer, printers: dict[str, FakePrinter]
) -> None:
    keys = {"kind": "network", "timeout_seconds": 1.0, "terminals": []}
    lost = {f"printers.lost-{number}": {**keys, "host": f"hangs-{number}.example"} for number in range(8)}
    named = platform.url.replace("127.0.0.1", "localhost")
    agent = make_agent(named, **tables(printers), **lost).start()
    code = sell(agent, "T-0")
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda name: print_at(agent, code, name.partition(".")[2]), lost))
    assert {job["state"] for job in jobs} == {"waiting"}
    agent.reload()  # so that the platform is looked up anew
    sell(agent, "T-1")
    agent.wait_for_outbox(delivered=2)
    assert print_at(agent, code, "resets")["state"] == "printed"
    assert agent.stop() == 0


def test_a_queue_in_memory_would_lose_receipts_to_a_kill(
    make_agent: MakeAgent, platform: SandboxServer, printers: dict[str, FakePrinter], tmp_path: Path
) -> None:
    """The control: without its rows in the database, nothing comes out after the kill."""
    agent = make_agent(platform.url, **tables(printers)).start()
    printers["refuses"].refuse()
    lost, kept = sell(agent, "T-1"), sell(agent, "T-2")
    assert print_at(agent, lost, "refuses")["state"] == "waiting"
    agent.kill()
    forget(agent.directory / "data" / "store-agent.db")
    agent.start()
    printers["refuses"].be_well()
    assert print_at(agent, kept, "refuses")["state"] == "printed"
    assert codes_in(printers["refuses"].jobs) == [kept]


def forget(database: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(database)) as raw:
        raw.execute("DELETE FROM print_job")
        raw.commit()


def test_a_receipt_that_nobody_waits_for_any_more_is_given_up_with_an_event(
    make_agent: MakeAgent, platform: SandboxServer, printers: dict[str, FakePrinter]
) -> None:
    agent = make_agent(platform.url, **tables(printers, keep_hours=0.0005)).start()
    printers["refuses"].refuse()
    job = print_at(agent, sell(agent, "T-1"), "refuses")
    assert "is it on and connected?" in job["words"]
    agent.wait_for_log("print.given_up")
    ended = agent.client.get(f"/v1/prints/{job['job']}").json()["payload"]
    assert (ended["state"], ended["error"]) == ("given_up", "It could not be printed within 1 s.")


def test_the_commands_print_list_give_up_and_test(
    make_agent: MakeAgent, platform: SandboxServer, printers: dict[str, FakePrinter], tmp_path: Path
) -> None:
    office = {"kind": "file", "path": str(tmp_path / "office")}
    agent = make_agent(platform.url, **tables(printers), **{"printers.office": office}).start()
    url = agent.send(sale("T-1")).json()["payload"]["receipts"][0]["url"]
    code = url.rpartition("/")[2]
    assert agent.cli("receipt", "print", url).stdout.startswith(f"Receipt {code} was printed by office at ")
    done = agent.cli("receipt", "reprint", code, "--by", "Ada", "--reason", "torn", "--printer", "office")
    assert done.stdout.startswith(f"Copy of receipt {code} was printed by office at "), done.stderr
    assert (tmp_path / "office").read_bytes().count(b"REPRINT") == 1
    assert agent.cli_json("audit")["entries"][0]["reason"] == f"{code}: torn"
    assert agent.cli("printer", "test", "office").stdout.startswith("Test page was printed by office at ")
    misbehave(printers)
    assert agent.cli_json("printer", "test", "no-paper")["state"] == "waiting"
    waiting = agent.cli("printer", "jobs").stdout
    assert "test page" in waiting
    assert "out of paper" in waiting
    (job,) = agent.cli_json("printer", "jobs")["prints"]
    given_up = agent.cli("printer", "give-up", str(job["job"]), "--by", "Ada").stdout
    assert given_up == "Test page was not printed and is given up. It was given up by Ada.\n"
    assert agent.cli("printer", "jobs").stdout == "Nothing waits for a printer.\n"
    shown = agent.cli("printer", "list").stdout
    assert "office" in shown
    assert "out of paper" in shown
    unknown = agent.cli("printer", "test", "bar")
    assert (unknown.returncode, "There is no printer bar here" in unknown.stderr) == (65, True)
    found = {one["name"]: one for one in json.loads(agent.cli("doctor", "--json").stdout)["findings"]}
    assert found["printer.no-paper"]["state"] == found["printer.refuses"]["state"] == "warning"
    assert "out of paper" in found["printer.no-paper"]["words"]
    assert found["printer.office"]["state"] == "ok"
