"""Whatever callers send, and however they leave: the agent sells on, keeps nothing of them, and logs no errors."""

import base64
import contextlib
import random
import socket

import pytest

from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.support.stalled import wait_for_connections

CALLERS = 400

QUICK = {"header_timeout_seconds": 0.5, "body_timeout_seconds": 0.5, "answer_timeout_seconds": 0.5}


def parts(agent: AgentProcess) -> list[bytes]:
    """What a caller may send, whole and broken; several of them make a request, or none."""
    credentials = base64.b64encode(f"lane-1:{agent.token}".encode())
    known = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic " + credentials + b"\r\n"
    return [
        b"GET /v1/me" + known + b"\r\n",
        b"GET /v1/events" + known + b"\r\n",
        b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20,
        b"POST /v1/terminals" + known + b"Content-Type: application/json\r\nContent-Length: 10\r\n\r\n",
        b"POST /api/2.0/send_transaction"
        + known
        + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"0\r\nTrailer: x\r\n\r\n",
        b"Expect: 100-continue\r\n",
        b"Connection: close\r\n\r\n",
        b"X: " + b"y" * 5_000 + b"\r\n",
        b"\r\n",
        b"\x16\x03\x01\x00\xffjunk\x00\xff\r\n\r\n",
    ]


def call_and_leave(agent: AgentProcess, sent: list[bytes], chance: random.Random) -> None:
    """Send, perhaps read a little, and go: in order, or by a reset."""
    with socket.socket() as caller, contextlib.suppress(OSError):
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, chance.choice([2_048, 65_536]))
        caller.settimeout(1.0)
        caller.connect(("127.0.0.1", agent.port))
        for part in sent:
            caller.sendall(part)
        if chance.random() < 0.3:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01" + bytes(7))
        elif chance.random() < 0.5:
            caller.recv(1_000)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_caller_breaks_the_agent_or_stays_in_it_G11(make_agent: MakeAgent, seed: int) -> None:
    agent = make_agent("http://127.0.0.1:9", api=QUICK).start()
    chance = random.Random(seed)  # noqa: S311 - the same callers each time
    offered = parts(agent)
    for _ in range(CALLERS):
        call_and_leave(agent, chance.choices(offered, k=chance.randint(1, 5)), chance)
    assert agent.send(sale("T-1")).status_code == 200
    wait_for_connections(agent, most=2)
    log = agent.log.read_text()
    assert "Traceback" not in log
    assert "ERROR" not in log
