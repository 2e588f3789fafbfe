"""A manager finds, mends and accounts for sales on the command line of a running agent."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import COMMAND, AgentProcess
from tests.support.sales import sale

REFUSED = [f"refused-{number}" for number in range(8)]
REFUSES = f"refuse:ids={'+'.join(REFUSED)}"


@pytest.fixture(scope="module")
def platform() -> Iterator[SandboxServer]:
    """A platform that refuses some sales."""
    with SandboxServer(SandboxOptions(port=0)) as server:
        yield server


@pytest.fixture(scope="module")
def store(platform: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """One agent with its platform for all tests."""
    running = AgentProcess(tmp_path_factory.mktemp("store"), platform.url).start()
    yield running
    running.close()


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """One agent without a platform; its first sale is being sent for ever, later ones wait.

    It tries again so seldom that no other sale gets its turn to try the line.
    """
    seldom = {"backoff_base_seconds": 3_600.0, "backoff_cap_seconds": 3_600.0}
    running = AgentProcess(tmp_path_factory.mktemp("offline"), "http://127.0.0.1:9", drain=seldom).start()
    running.send(sale("first"))
    running.wait_for_outbox(frozen=1)
    yield running
    running.close()


def sell(agent: AgentProcess, name: str) -> str:
    return str(agent.send(sale(name)).json()["payload"]["sequence"])


def refuse(agent: AgentProcess, platform: SandboxServer, name: str) -> str:
    """Have a sale refused by the platform."""
    platform.set_faults([REFUSES])
    before = agent.status()["outbox"]["parked"]
    sequence = sell(agent, name)
    agent.wait_for_outbox(parked=before + 1, waiting=0, frozen=0)
    return sequence


def state(agent: AgentProcess, sequence: str) -> str:
    return str(agent.cli_json("outbox", "show", sequence)["state"])


def fails(agent: AgentProcess, code: int, words: str, *arguments: str) -> None:
    done = agent.cli(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refused_sale_is_mended_and_sent_again(store: AgentProcess, platform: SandboxServer) -> None:
    sequence = refuse(store, platform, REFUSED[0])
    assert REFUSED[0] in store.cli("outbox", "list", "--state", "parked").stdout
    platform.set_faults([])
    done = store.cli("outbox", "retry", sequence, "--by", "Ada", "--reason", "item added at the platform")
    assert (done.returncode, done.stdout) == (0, "1 sale goes out again.\n"), done.stderr
    store.wait_for_outbox(waiting=0, frozen=0, parked=0)
    assert state(store, sequence) == "delivered"
    shown = store.cli("outbox", "show", sequence).stdout
    assert "Done by people:" in shown
    assert "item added at the platform" in shown
    fails(store, 65, "at the platform already", "outbox", "retry", sequence)


def test_a_sale_is_given_up_only_with_a_reason(store: AgentProcess, platform: SandboxServer) -> None:
    sequence = refuse(store, platform, REFUSED[1])
    fails(store, 2, "--reason", "outbox", "discard", sequence)
    fails(store, 65, "reason", "outbox", "discard", sequence, "--reason", " ")
    done = store.cli_json("outbox", "discard", sequence, "--reason", "training sale", "--by", "Ada")
    assert done["results"] == [{"sequence": int(sequence), "state": "discarded", "problem": None}]
    (entry,) = store.cli_json("outbox", "show", sequence)["history"]
    assert (entry["who"], entry["reason"]) == ("Ada", "training sale")


def discard_on_a_terminal(agent: AgentProcess, sequence: str, answer: bytes) -> tuple[int, str]:
    """Run the command as a person does, who types an answer."""
    ours, theirs = pty.openpty()
    command = [*COMMAND, "outbox", "discard", sequence, "--reason", "training", "-c", str(agent.config)]
    try:
        with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            os.write(ours, answer)
            _, said = run.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    return run.returncode, said


def test_a_person_is_asked_before_a_sale_is_given_up(store: AgentProcess, platform: SandboxServer) -> None:
    sequence = refuse(store, platform, REFUSED[2])
    code, said = discard_on_a_terminal(store, sequence, b"n\n")
    assert code == 1
    assert "Discard 1 sale" in said
    assert state(store, sequence) == "parked"
    assert discard_on_a_terminal(store, sequence, b"y\n")[0] == 0
    assert state(store, sequence) == "discarded"


def test_what_fits_is_done_and_the_exit_code_tells_of_the_rest(store: AgentProcess, platform: SandboxServer) -> None:
    sequence = refuse(store, platform, REFUSED[3])
    platform.set_faults([])
    done = store.cli("outbox", "retry", sequence, "999999", "--by", "Ada")
    assert done.returncode == 65
    assert "1 sale goes out again." in done.stdout
    assert "1 sale is as before:" in done.stdout
    assert "There is no such sale." in done.stdout
    store.wait_for_outbox(waiting=0, frozen=0, parked=0)


def test_a_finished_day_is_closed_at_once(store: AgentProcess) -> None:
    store.wait_for_outbox(waiting=0, frozen=0, parked=0)
    shown = store.cli("day", "show").stdout
    assert "Nothing keeps the day open." in shown
    assert "at the platform" in shown
    done = store.cli("day", "close", "--wait", "30", "--by", "Ada")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Day 1 is closed." in done.stdout
    assert store.cli_json("day", "show")["closed"][0]["closed_by"] == "Ada"


def test_waiting_sales_are_held_and_released_by_filters(offline: AgentProcess) -> None:
    for name in ("Cake-1", "Cake-2", "Bread-1"):
        sell(offline, name)
    done = offline.cli("outbox", "hold", "--all", "--text", "cake", "--younger-than", "1h", "--by", "Ada")
    assert done.stdout == "2 sales are held back until they are released.\n", done.stderr
    held = offline.cli_json("outbox", "list", "--state", "held", "--terminal", "lane-1")
    assert [row["transaction_id"] for row in held["revisions"]] == ["Cake-1", "Cake-2"]
    done = offline.cli_json("outbox", "release", "--all", "--older-than", "0s", "--by", "Ada")
    assert (done["done"], done["not_done"]) == (2, 0)
    assert offline.status()["outbox"]["held"] == 0


def test_a_choice_that_is_not_clear_does_nothing(offline: AgentProcess) -> None:
    fails(offline, 2, "name the sales by their sequences, or give --all", "outbox", "hold")
    fails(offline, 2, "name the sales by their sequences, or give --all", "outbox", "hold", "1", "--all")
    fails(offline, 2, "filters go with --all", "outbox", "hold", "1", "--text", "cake")
    fails(offline, 2, "write for example 90s", "outbox", "hold", "--all", "--older-than", "5 weeks")
    fails(offline, 65, "There is no sale with sequence 999999.", "outbox", "hold", "999999")


def test_all_rows_are_listed_page_by_page(offline: AgentProcess) -> None:
    many = [sale(f"{'rare' if number == 1_500 else 'many'}-{number}") for number in range(2_000)]
    for part in (many[:1_000], many[1_000:]):
        small = [{**one, "items": [], "payments": []} for one in part]
        body = json.dumps({"request_payload": {"transactions": small}})
        assert offline.post("send_batch_transaction", body).status_code == 200
    listed = offline.cli("outbox", "list", "--all", "--json", "--state", "waiting").stdout.splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in listed]
    assert len(rows) == offline.status()["outbox"]["waiting"]
    assert [row["sequence"] for row in rows] == sorted({row["sequence"] for row in rows})
    table = offline.cli("outbox", "list", "--all", "--text", "rare").stdout
    assert "rare-1500" in table
    assert len(table.splitlines()) == 2


def test_draining_now_says_what_happens(offline: AgentProcess) -> None:
    done = offline.cli("outbox", "drain", "--reason", "cable replaced", "--by", "Ada")
    assert done.stdout == "The line is tried now; what waits goes out as soon as the platform answers.\n"


def test_the_audit_names_the_person_behind_sudo(offline: AgentProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "grace")
    offline.cli_json("outbox", "drain", "--reason", "\x1b[2J wiped")
    newest, *_ = offline.cli_json("audit", "--limit", "1")["entries"]
    assert (newest["who"], newest["action"]) == ("grace", "drain")
    table = offline.cli("audit").stdout
    assert table.splitlines()[1].split()[2:4] == ["grace", "drain"]
    assert "\x1b" not in table


def test_the_audit_is_verified_beside_the_agent_and_tells_who_changed_it(offline: AgentProcess) -> None:
    offline.cli_json("outbox", "drain", "--reason", "again")
    verdict = offline.cli_json("audit", "verify")
    assert (verdict["whole"], verdict["faults"], verdict["first"]) == (True, [], 1)
    assert verdict["entries"] == verdict["last"] > 1
    assert offline.cli("audit", "verify", "--noted", verdict["newest"]).stdout.splitlines()[0] == (
        f"The audit is whole from entry 1 to {verdict['last']}."
    )
    fails(offline, 2, "the number and the hash", "audit", "verify", "--noted", "17")
    another = f"{verdict['last']} {'00' * 32}"
    broken = offline.cli("audit", "verify", "--noted", another)
    assert broken.returncode == 65
    assert f"Entry {verdict['last']} is not the one that was noted" in broken.stdout


def test_the_configuration_is_in_the_audit_and_its_secrets_are_not(offline: AgentProcess) -> None:
    loads = [one for one in offline.cli_json("audit", "--limit", "1000")["entries"] if one["action"] == "configuration"]
    assert loads[-1]["reason"].startswith("start: digest ")
    assert {one["who"] for one in loads} == {"store-agent"}


def test_a_day_with_sales_on_the_way_is_closed_with_a_reason_and_carries_them(offline: AgentProcess) -> None:
    unfinished = offline.cli_json("day", "show")["unfinished"]["sales"]
    assert unfinished > 0
    fails(offline, 65, "close the day with a reason", "day", "close", "--by", "Ada")
    fails(offline, 75, "Sales are safe on this machine", "day", "close", "--wait", "0", "--by", "Ada")
    shown = offline.cli("day", "show").stdout
    assert "These keep the day open:" in shown
    done = offline.cli("day", "close", "--wait", "0", "--reason", "no line today", "--by", "Ada")
    assert f"{unfinished:,} unfinished sale" in done.stdout, done.stderr
    assert "carried into the next day" in done.stdout
    after = offline.cli("day", "show").stdout
    assert "Day 2, open since" in after
    assert after.splitlines()[-1].endswith("by Ada: no line today")
    assert offline.cli_json("day", "show")["carried"]["sales"] == unfinished
