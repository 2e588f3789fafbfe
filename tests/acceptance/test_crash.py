"""Kill -9 of the real process at any moment under load: nothing acknowledged is missing, nothing arrives twice."""

import random
import sys
import threading
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from store_agent.sandbox.sales import SaleMaker, sale_bytes
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import COMMAND, AgentProcess

ROUNDS = 10
LANES = 4
BROKEN = (sys.executable, "-m", "tests.support.broken_agent")


class Till(threading.Thread):
    """Sells until told to stop; keeps what was answered, and sends again what was not."""

    def __init__(self, agent: AgentProcess, lane: str, stop: threading.Event, another: threading.Condition) -> None:
        super().__init__(name=lane)
        self._another = another
        self._agent = agent
        self._stop_selling = stop
        self._maker = SaleMaker(1, lane)
        self.answered: dict[str, tuple[str, list[str]]] = {}

    def run(self) -> None:
        with self._agent.client_of("lane-1", self._agent.token) as client:
            while not self._stop_selling.is_set():
                sale = self._maker.make(datetime.now(UTC))
                body = sale_bytes(sale, request_id="1")
                while not self._send(client, body) and not self._stop_selling.is_set():
                    pass

    def _send(self, client: httpx.Client, body: bytes) -> bool:
        try:
            answer = client.post(
                "/api/2.0/send_transaction", content=body, headers={"Content-Type": "application/json"}
            )
        except httpx.TransportError:
            return False
        if answer.status_code != 200:
            return False
        payload = answer.json()["payload"]
        codes = [receipt["code"] for receipt in payload["receipts"]]
        with self._another:
            self.answered[payload["transaction"]["id"]] = (payload["digest"], codes)
            self._another.notify_all()
        return True


def answered_sales(tills: list[Till]) -> int:
    return sum(len(till.answered) for till in tills)


def sold(tills: list[Till], enough: int) -> bool:
    return answered_sales(tills) >= enough


def sell_and_kill(agent: AgentProcess, platform: SandboxServer, rounds: int) -> list[Till]:
    """Sell on all lanes while the agent is killed and started again and the line drops answers now and then."""
    platform.set_faults(["drop_after:probability=0.2", "slow:ms=2"])
    stop = threading.Event()
    another = threading.Condition()
    tills = [Till(agent, f"till-{number}", stop, another) for number in range(LANES)]
    for till in tills:
        till.start()
    chance = random.Random(42)  # noqa: S311 - moments of kills must repeat, not surprise
    try:
        for _ in range(rounds):
            enough = answered_sales(tills) + chance.randint(5, 60)
            with another:
                assert another.wait_for(partial(sold, tills, enough), timeout=60)
            agent.kill()
            agent.start()
    finally:
        stop.set()
        for till in tills:
            till.join()
    platform.set_faults([])
    return tills


def missing(platform: SandboxServer, tills: list[Till]) -> list[str]:
    arrived = platform.account()["transactions"]
    return [name for till in tills for name in till.answered if name not in arrived]


def test_nothing_acknowledged_is_lost_or_doubled_by_kills_G1_G2_G3_G8(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url).start()
    tills = sell_and_kill(agent, platform, ROUNDS)
    agent.wait_for_outbox(waiting=0, frozen=0)
    outbox = agent.status()["outbox"]
    account = platform.account(bodies=True)
    assert missing(platform, tills) == []
    assert outbox["balanced"]
    assert outbox["accepted"] >= answered_sales(tills)
    assert account["totals"]["doubled"] == account["totals"]["conflicts"] == 0
    assert all(len(revisions) == 1 for revisions in account["transactions"].values())
    sent = "".join(request["body"] for request in account["requests"])
    codes = [code for till in tills for _, codes in till.answered.values() for code in codes]
    assert len(codes) == len(set(codes))
    assert all(code in sent for code in codes)


def test_answering_before_the_commit_is_found_out_by_kills_G1(make_agent: MakeAgent, platform: SandboxServer) -> None:
    """The control: the same kills find the sales that an agent without durability loses."""
    agent = make_agent(platform.url, BROKEN).start()
    tills = sell_and_kill(agent, platform, 3)
    agent.kill()
    whole = make_agent_again(agent)
    whole.start()
    whole.wait_for_outbox(waiting=0, frozen=0)
    assert missing(platform, tills)


def make_agent_again(agent: AgentProcess) -> AgentProcess:
    """Let the real agent take over the broken one's directory."""
    agent._command = COMMAND
    return agent


@pytest.mark.parametrize("command", [BROKEN])
def test_the_broken_agent_still_sells(make_agent: MakeAgent, platform: SandboxServer, command: tuple[str, ...]) -> None:
    """Guards the control: it must lose sales because of its break, not because it does not run."""
    agent = make_agent(platform.url, command).start()
    assert agent.post("send_transaction", sale_bytes(SaleMaker(1, "x").make(datetime.now(UTC)))).status_code == 200
