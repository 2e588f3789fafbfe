"""What the log of a real agent says of a day: hardly anything at info, everything of one sale at debug."""

import json
import re
from typing import Any

import pytest
from typer.testing import CliRunner

from store_agent.cli.main import app
from store_agent.sandbox.fault import Fault
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import sale

PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3}

DAY = ["agent.started", "link.backing_off", "link.online", "outbox.drained"]
"""A hundred sales, forty of them without a line; with `agent.stopped` at the end these are five lines."""


def told(agent: AgentProcess) -> list[dict[str, Any]]:
    """Read the log as the journal does: each line has its priority, and is one event with words."""
    found = []
    for line in agent.log.read_text().splitlines():
        sign = re.fullmatch(r"<([0-7])>(\{.*\})", line)
        assert sign is not None, line
        event = json.loads(sign[2])
        assert PRIORITIES[event["level"]] == int(sign[1])
        assert event["words"], event
        found.append(event)
    return found


def loud(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what an agent with the default settings logs."""
    return [one for one in found if one["level"] != "debug"]


def read(agent: AgentProcess, *options: str) -> str:
    done = CliRunner().invoke(app, ["log", str(agent.log), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_hundred_sales_with_an_outage_are_five_lines_and_each_sale_can_be_followed(
    make_agent: MakeAgent, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = make_agent(platform.url, log={"level": "debug", "form": "json"})
    agent.config.chmod(0o600)
    agent.log.touch()
    journal = agent.log.stat()
    monkeypatch.setenv("JOURNAL_STREAM", f"{journal.st_dev}:{journal.st_ino}")
    agent.start()
    for number in range(1, 31):
        agent.send(sale(f"T-{number}"), request_id=f"P-{number}")
    agent.wait_for_outbox(delivered=30)
    platform.set_faults(["down"])
    for number in range(31, 71):
        agent.send(sale(f"T-{number}"), request_id=f"P-{number}")
    agent.wait_for_link("backing_off")
    platform.set_faults([])
    agent.wait_for_outbox(delivered=70)
    for number in range(71, 101):
        agent.send(sale(f"T-{number}"), request_id=f"P-{number}")
    agent.wait_for_outbox(delivered=100)
    agent.wait_for_log("outbox.drained")

    day = told(agent)
    assert [one["event"] for one in loud(day)] == DAY
    assert [one["sequence"] for one in day if one["event"] == "sale.taken"] == list(range(1, 101))
    (taken,) = [one for one in day if one["event"] == "sale.taken" and one["sequence"] == 42]
    assert (taken["terminal"], taken["transaction_id"], taken["pos_request_id"]) == ("lane-1", "T-42", "P-42")
    sent = [one for one in day if one["event"] == "request.answered" and 42 in one.get("sequences", ())]
    assert sent[-1]["outcome"] == "Delivered"
    assert {one["request_id"] for one in sent} == {sent[-1]["request_id"]}  # G3: the same request, as often as it took
    assert sent[-1]["request_id"] in {request["request_id"] for request in platform.account(bodies=True)["requests"]}
    shown = read(agent, "--sequence", "42").splitlines()
    assert "Sale 42 was taken and is on disk." in shown[0]
    assert any("Delivered" in line for line in shown[1:])

    platform.set_faults([Fault("refuse", ids=("T-bad",), message="Unknown employee")])
    for _ in range(3):
        assert agent.send(sale("T-wrong", subtotal="much"), request_id="P-x").status_code == 400
    agent.send(sale("T-bad"))
    agent.wait_for_outbox(parked=1)
    assert agent.post("lookup", json.dumps({"request_payload": {"user_id": "1"}})).status_code == 200
    agent.stop()

    day = told(agent)[len(day) :]
    assert [one["event"] for one in loud(day)] == ["sale.refused", "sale.parked", "agent.stopped"]
    refused = [one for one in day if one["event"] == "sale.refused"]
    assert [one["level"] for one in refused] == ["warning", "debug", "debug"]
    assert (refused[0]["terminal"], refused[0]["transaction_id"]) == ("lane-1", "T-wrong")
    (parked,) = [one for one in day if one["event"] == "sale.parked"]
    assert parked["sequences"] == [parked["sequence"]] == [101]
    assert parked["request_id"] in {one["request_id"] for one in day if one.get("outcome") == "Refused"}
    at_counter = [one for one in day if one["event"] == "request.answered" and one["endpoint"] == "lookup"]
    assert at_counter[-1]["terminal"] == "lane-1"
    assert "WARNING The platform refused a sale" in read(agent, "--sequence", "101", "--level", "warning")
