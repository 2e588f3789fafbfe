"""A manager looks through a queue on the command line: newest first, by amount, cause and receipt, and takes it out."""

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.support.scanner import blocks_of, from_blocks, scan

CAUSE = "The platform does not know employee 1000."


@pytest.fixture(scope="module")
def platform() -> Iterator[SandboxServer]:
    """A platform that does not know an employee."""
    with SandboxServer(SandboxOptions(port=0)) as server:
        server.set_faults(["refuse:ids=R-1+R-2,message=unknown employee 1000,field=pos_employee_id"])
        yield server


@pytest.fixture(scope="module")
def store(platform: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """A store with six sales, of which two are refused: sequences 3 and 4."""
    running = AgentProcess(tmp_path_factory.mktemp("store"), platform.url).start()
    for number, name in enumerate(("T-1", "T-2", "R-1", "R-2", "T-3", "T-4"), 1):
        running.send(sale(name, subtotal=number))
    running.wait_for_outbox(delivered=4, parked=2)
    yield running
    running.close()


def listed(store: AgentProcess, *arguments: str) -> list[int]:
    return [row["sequence"] for row in store.cli_json("outbox", "list", *arguments)["revisions"]]


def fails(store: AgentProcess, code: int, words: str, *arguments: str) -> None:
    done = store.cli(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_the_newest_come_first_and_tell_where_to_go_on(store: AgentProcess) -> None:
    assert listed(store, "--newest", "--limit", "2") == [6, 5]
    assert "There may be more: --before 5" in store.cli("outbox", "list", "--newest", "--limit", "2").stdout
    assert listed(store, "--before", "5", "--limit", "2") == [4, 3]
    assert listed(store, "--newest") == [6, 5, 4, 3, 2, 1]
    lines = store.cli("outbox", "list", "--newest", "--all", "--json").stdout.splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == [6, 5, 4, 3, 2, 1]
    fails(store, 2, "--after goes from old to new", "outbox", "list", "--newest", "--after", "3")


def test_sales_are_listed_by_amount_and_by_cause(store: AgentProcess) -> None:
    assert listed(store, "--amount-min", "2.70", "--amount-max", "4.7") == [2, 3, 4]
    assert listed(store, "--cause", CAUSE, "--amount-min", "4") == [4]
    fails(store, 65, "amount_min: Input should be a valid decimal", "outbox", "list", "--amount-min", "much")


def test_what_was_refused_is_shown_by_cause_with_what_to_do(store: AgentProcess) -> None:
    (group,) = store.cli_json("outbox", "attention")["groups"]
    assert (group["cause"], group["sales"], group["fields"]) == (CAUSE, 2, ["pos_employee_id"])
    shown = store.cli("outbox", "attention").stdout
    assert f"2 sales (8.40): {CAUSE}" in shown
    assert "Have the employee added at the platform" in shown
    assert shown.rstrip().endswith(": 3 4")


def test_a_receipt_leads_to_its_sale(store: AgentProcess) -> None:
    (receipt,) = store.cli_json("outbox", "show", "1")["receipts"]
    assert receipt["url"] == f"https://rewards.example.com/r/{receipt['code']}"
    shown = store.cli("receipt", "show", receipt["url"]).stdout
    assert "This sale is at the platform since" in shown
    assert "T-1" in shown
    assert receipt["code"] in store.cli("outbox", "show", "1").stdout
    assert store.cli_json("receipt", "show", receipt["code"].upper())["transaction_id"] == "T-1"
    fails(store, 65, "No sale of this store has this receipt code", "receipt", "show", "nothing")


def test_receipts_are_found_by_what_a_guest_knows(store: AgentProcess) -> None:
    (receipt,) = store.cli_json("outbox", "show", "1")["receipts"]
    row = store.cli_json("receipt", "show", receipt["code"])["sale"]
    around = datetime.fromtimestamp(row["accepted_at"], UTC).isoformat()
    questions = (
        ("--code", receipt["url"]),
        ("--transaction", "T-1"),
        ("--last", receipt["code"][-6:].upper()),
        ("--amount", row["amount"], "--around", around, "--within", "1"),
    )
    for asked in questions:
        found = store.cli_json("receipt", "find", *asked)
        assert receipt["code"] in [one["code"] for one in found["receipts"]]
        assert found["complete"]
    shown = store.cli("receipt", "find", "--transaction", "T-1").stdout
    assert f"{receipt['code']}: the whole of sale T-1" in shown
    assert "This sale is at the platform since" in shown
    assert "No receipt fits" in store.cli("receipt", "find", "--last", "zzzz").stdout
    fails(store, 65, "give exactly one of code, transaction_id, last and amount", "receipt", "find")


def test_a_receipt_is_drawn_on_the_terminal(store: AgentProcess) -> None:
    (receipt,) = store.cli_json("outbox", "show", "1")["receipts"]
    shown = store.cli("receipt", "show", receipt["code"], "--qr").stdout
    assert scan(from_blocks(blocks_of(shown))) == receipt["url"]
    assert shown.rstrip().endswith(receipt["url"])


def test_sales_are_exported_one_a_line_and_audited(store: AgentProcess, tmp_path: Path) -> None:
    file = tmp_path / "sales.jsonl"
    done = store.cli("outbox", "export", "6", "5", "4", "3", "1", "--output", str(file), "--by", "Ada")
    assert (done.returncode, done.stdout) == (0, f"5 sales were written to {file}.\n"), done.stderr
    sales = [json.loads(line) for line in file.read_text().splitlines()]
    assert [one["sequence"] for one in sales] == [6, 5, 4, 3, 1]
    assert json.loads(sales[2]["payload"])["transaction_id"] == "R-2"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    done = store.cli("outbox", "export", "2", "--by", "Ada", "--reason", "asked for")
    assert json.loads(done.stdout)["sequence"] == 2
    entries = store.cli_json("audit")["entries"]
    assert [(entry["action"], entry["sequence"]) for entry in entries[:2]] == [("export", 2), ("export", 1)]
    fails(store, 65, "There is no sale with sequence 99", "outbox", "export", "99")
    fails(store, 73, "cannot be written", "outbox", "export", "1", "--output", str(tmp_path / "none" / "file"))


def test_a_group_is_retried_by_its_cause(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults([])
    done = store.cli("outbox", "retry", "--all", "--cause", CAUSE, "--amount-max", "3.70")
    assert done.stdout == "1 sale goes out again.\n", done.stderr
    store.wait_for_outbox(parked=1, delivered=5)
    store.cli("outbox", "retry", "--all", "--cause", CAUSE)
    store.wait_for_outbox(parked=0, delivered=6)
    assert store.cli("outbox", "attention").stdout == "Nothing waits for you.\n"
