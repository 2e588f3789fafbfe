"""SIGTERM: what was taken is answered and kept, what was not is refused in words, and the agent ends (G1, G17)."""

import base64
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import sale


def half_sent(agent: AgentProcess) -> socket.socket:
    """Send the head of a sale and a part of its body."""
    body = json.dumps({"request_id": "1", "request_payload": sale("T-half")}).encode()
    credentials = base64.b64encode(f"lane-1:{agent.token}".encode()).decode()
    head = (
        f"POST /api/2.0/send_transaction HTTP/1.1\r\nHost: 127.0.0.1:{agent.port}\r\n"
        f"Authorization: Basic {credentials}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", agent.port), timeout=20.0)
    connection.sendall(head.encode() + body[:100])
    return connection


def test_a_sale_sent_by_half_is_refused_in_words_when_the_agent_stops(agent: AgentProcess) -> None:
    with half_sent(agent) as connection:
        assert agent.send(sale("T-1")).status_code == 200
        assert agent.stop() == 0
        answer = connection.recv(65_536).decode()
    assert answer.startswith("HTTP/1.1 503 ")
    assert "The agent is stopping; nothing was stored" in answer


def test_what_is_answered_while_it_stops_is_kept_G1(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url).start()
    taken: list[str] = []
    codes: set[int] = set()
    begun = threading.Event()

    def lane(number: int) -> None:
        with agent.client_of("lane-1", agent.token) as client:
            for count in range(2_000):
                name = f"T-{number}-{count}"
                try:
                    answer = client.post(
                        "/api/2.0/send_transaction", json={"request_id": "1", "request_payload": sale(name)}
                    )
                except httpx.TransportError:
                    return
                codes.add(answer.status_code)
                if answer.status_code != 200:
                    return
                taken.append(name)
                begun.set()

    with ThreadPoolExecutor(4) as lanes:
        for number in range(4):
            lanes.submit(lane, number)
        assert begun.wait(20.0)
        assert agent.stop() == 0
    assert codes <= {200, 503}
    agent.start()
    agent.wait_for_outbox(delivered=len(taken), waiting=0, frozen=0)
    assert set(platform.account()["transactions"]) == set(taken)
