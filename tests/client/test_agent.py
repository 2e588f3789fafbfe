"""The client and a real agent, with the sandbox behind it: sales, kept sales, and the example plugin."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from store_agent.client import (
    AgentClient,
    AsyncAgentClient,
    NotAllowed,
    NotNow,
    OutcomeUnknown,
    Refused,
    Timeouts,
    read_json,
    write_json,
)
from store_agent.client.kept import KeptSales
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess
from tests.support.sales import sale as sale_with_floats
from tests.support.scanner import picture, scan

EXAMPLE = Path(__file__).parents[2] / "examples" / "pos_plugin.py"
PATIENT = Timeouts(connect_seconds=20, counter_seconds=20, sale_seconds=20, turn_seconds=20)


def sale(transaction_id: str = "T-1", **changes: Any) -> dict[str, Any]:
    """Make a sale as a plugin has it: with exact amounts."""
    made: dict[str, Any] = read_json(json.dumps(sale_with_floats(transaction_id)))
    return made | changes


@pytest.fixture
def client(agent: AgentProcess, tmp_path: Path) -> Iterator[AgentClient]:
    with AgentClient(agent.url, "lane-1", agent.token, kept_in=tmp_path / "kept", timeouts=PATIENT) as made:
        yield made


def states(platform: SandboxServer) -> dict[str, int]:
    """Count the states of each transaction at the platform."""
    return {name: len(revisions) for name, revisions in platform.account()["transactions"].items()}


def test_a_sale_is_taken_with_its_receipt_code(
    client: AgentClient, agent: AgentProcess, platform: SandboxServer
) -> None:
    taken = client.send_transaction(sale())
    (receipt,) = taken.receipts
    assert receipt.url == f"https://rewards.example.com/r/{receipt.code}"
    assert client.send_transaction(sale()) == taken
    assert [one.transaction_id for one in client.send_transactions([sale("T-2"), sale("T-3")])] == ["T-2", "T-3"]
    agent.wait_for_outbox(delivered=3)
    assert states(platform) == {"T-1": 1, "T-2": 1, "T-3": 1}
    assert client.status().link == "online"


def test_codes_printed_before_a_sale_are_those_it_has(client: AgentClient, agent: AgentProcess) -> None:
    (check,) = client.mint_receipts("T-1")
    assert client.mint_receipts("T-1", ["P1"]) == (check,)
    assert client.send_transaction(sale()).receipts == (check,)
    parts = client.mint_receipts("T-2", ["P1", "P2"])
    assert [one.payment_id for one in parts] == ["P1", "P2"]
    with AgentClient(agent.url, "lane-1", "wrong") as stranger, pytest.raises(NotAllowed):
        stranger.mint_receipts("T-1")


def test_warnings_and_refusals_reach_the_plugin(client: AgentClient, agent: AgentProcess) -> None:
    assert client.send_transaction(sale("T-0", subtotal=Decimal("-1.00"), payments=[])).warnings
    with pytest.raises(Refused) as caught:
        client.send_transaction(sale(items="none"))
    assert caught.value.code == "invalid_field"
    assert [field.path for field in caught.value.fields] == ["request_payload.items"]
    with AgentClient(agent.url, "lane-1", "wrong") as stranger, pytest.raises(NotAllowed, match="terminal"):
        stranger.send_transaction(sale())
    client.keep(sale(items="none"))
    client.keep(sale("T-2"))
    flushed = client.flush()
    assert [one.transaction_id for one in flushed.taken] == ["T-2"]
    (aside,) = flushed.set_aside
    assert json.loads(aside.file.with_suffix(".error.json").read_text())["code"] == "invalid_field"
    assert agent.status()["outbox"]["accepted"] == 2


EXACT = "123456789.0123456789012345678901234567890123456789"


def test_every_digit_of_a_sale_reaches_the_platform_G7(
    client: AgentClient, agent: AgentProcess, platform: SandboxServer
) -> None:
    client.send_transaction(sale(custom_data={"exact": Decimal(EXACT)}))
    agent.wait_for_outbox(delivered=1)
    (request,) = platform.account(bodies=True)["requests"]
    assert f'"exact": {EXACT}' in request["body"]


def test_a_float_in_between_would_be_noticed_G7() -> None:
    """The control."""
    assert EXACT not in json.dumps(json.loads(write_json({"exact": Decimal(EXACT)})))


def test_kept_sales_outlive_agent_and_plugin_and_count_once_G9(
    client: AgentClient, agent: AgentProcess, platform: SandboxServer, tmp_path: Path
) -> None:
    agent.kill()
    for number in range(3):
        client.keep(sale(f"T-{number}"))
    client.keep(sale("T-0", table_id="12"))
    flushed = client.flush()
    assert isinstance(flushed.problem, NotNow)
    assert (flushed.taken, flushed.left) == ((), 4)
    agent.start()
    with AgentClient(agent.url, "lane-1", agent.token, kept_in=tmp_path / "kept", timeouts=PATIENT) as restarted:
        flushed = restarted.flush()
    assert [one.transaction_id for one in flushed.taken] == ["T-0", "T-1", "T-2", "T-0"]
    assert (flushed.left, flushed.problem) == (0, None)
    assert len({receipt.code for one in flushed.taken for receipt in one.receipts}) == 3
    agent.wait_for_outbox(accepted=4, waiting=0, frozen=0)
    found = platform.account(bodies=True)["transactions"]
    assert set(found) == {"T-0", "T-1", "T-2"}
    assert platform.account()["totals"]["doubled"] == 0


class Died(BaseException):
    """The plugin, between the agent's answer and forgetting the sale."""


def sent_twice(client: AgentClient, agent: AgentProcess, monkeypatch: pytest.MonkeyPatch) -> int:
    """Die after the agent took a sale, start again, flush; gives how many the agent took."""

    def die(*_: Any) -> None:
        raise Died

    client.keep(sale())
    with monkeypatch.context() as dying:
        dying.setattr(KeptSales, "remove", die)
        with pytest.raises(Died):
            client.flush()
    agent.kill()
    agent.start()
    assert client.flush().of("T-1") is not None
    accepted: int = agent.status()["outbox"]["accepted"]
    return accepted


def test_a_plugin_that_dies_before_it_forgets_sends_the_same_again_G9(
    client: AgentClient, agent: AgentProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sent_twice(client, agent, monkeypatch) == 1


def test_keeping_other_bytes_than_are_sent_would_be_noticed_G9(
    client: AgentClient, agent: AgentProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a request written anew each time it is read."""
    reads = iter(range(1, 10))
    read = KeptSales.read

    def another(kept: KeptSales, name: str) -> bytes:
        return read(kept, name).replace(b'"T-1",', b'"T-1",' + b" " * next(reads))

    monkeypatch.setattr(KeptSales, "read", another)
    assert sent_twice(client, agent, monkeypatch) == 2


def test_the_asynchronous_client_keeps_and_flushes(agent: AgentProcess, tmp_path: Path) -> None:
    async def selling() -> None:
        url, token = agent.url, agent.token
        async with AsyncAgentClient(url, "lane-1", token, kept_in=tmp_path / "kept", timeouts=PATIENT) as client:
            await asyncio.gather(*(client.keep(sale(f"T-{number}")) for number in range(5)))
            flushed = await client.flush()
            assert (len(flushed.taken), flushed.left, flushed.problem) == (5, 0, None)
            assert (await client.status()).words
            agent.kill()
            with pytest.raises((NotNow, OutcomeUnknown)):
                await client.send_transaction(sale())

    asyncio.run(selling())


def run_example(agent: AgentProcess, kept: Path) -> str:
    command = [sys.executable, str(EXAMPLE), agent.url, "lane-1", agent.token, str(kept), "5550100001"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_plugin_sells_whatever_line_and_agent_do(
    agent: AgentProcess, platform: SandboxServer, tmp_path: Path
) -> None:
    assert run_example(agent, tmp_path) == "Nora gets $5 reward\nPaid 5.20\n"
    platform.stop()
    assert re.fullmatch(r"No reward: The platform .*\nPaid 10.20\n", run_example(agent, tmp_path))
    agent.kill()
    assert re.fullmatch(r"No reward: The agent .*\nPaid 10.20 \(the agent gets .*\)\n", run_example(agent, tmp_path))
    platform.start()
    agent.start()
    assert "Paid" in run_example(agent, tmp_path)
    agent.wait_for_outbox(delivered=4)
    assert set(states(platform).values()) == {1}
    bodies = [request["body"] for request in platform.account(bodies=True)["requests"]]
    assert any('"status": "LOCKED"' in body and '"is_closed": true' in body for body in bodies)


def test_the_example_plugin_is_short_enough_to_be_read() -> None:
    code = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(code) <= 45


def test_a_kept_sale_brings_what_is_printed_when_it_is_taken(agent: AgentProcess, tmp_path: Path) -> None:
    asked = {"render": "png"}
    with AgentClient(
        agent.url, "lane-1", agent.token, kept_in=tmp_path / "kept", timeouts=PATIENT, render=asked
    ) as client:
        client.keep(sale("T-1"))
        taken = client.flush().of("T-1")
    assert taken is not None
    (receipt,) = taken.receipts
    assert receipt.rendered is not None
    assert scan(picture(receipt.rendered)) == receipt.url
