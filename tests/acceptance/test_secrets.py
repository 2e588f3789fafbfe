"""Secrets of the platform and tokens of callers are nowhere afterwards: files, log, commands, answers, process (G16).

test_cards.py looks for card numbers, test_encrypted_store.py for the key and for sales.
"""

import base64
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.cards import TRACK_2, VISA
from tests.support.sales import payment, sale

PLANTED = {
    "cloud": "planted-pos-secret-5e1f",
    "cloud.core": "planted-core-secret-77ab",
    "cloud.connect": "planted-connect-secret-c0de",
}
"""Wrong ones, to the sandbox: so that what is said of refused credentials is looked through, too."""

OWN = {"config.toml", "control.token"}
"""Files in which a secret belongs."""

COMMANDS = (
    ("status",),
    ("doctor",),
    ("check-config",),
    ("audit",),
    ("terminal", "list"),
    ("outbox", "list"),
    ("outbox", "show", "1"),
    ("outbox", "attention"),
    ("incidents",),
    ("reload",),
    ("backup",),
)
PATHS = ("/v1/status", "/v1/me", "/v1/outbox", "/v1/outbox/1", "/v1/day", "/openapi.json", "/nothing")


@pytest.fixture
def store(make_agent: MakeAgent, platform: SandboxServer) -> AgentProcess:
    sections = {name: {"secret": secret} for name, secret in PLANTED.items()}
    return make_agent(platform.url, log={"level": "debug", "form": "json"}, **sections).start()


def manager_token(agent: AgentProcess) -> str:
    return (agent.directory / "data" / "control.token").read_text().strip()


def needles(agent: AgentProcess) -> list[bytes]:
    """Give whatever must not be seen, as it is and as credentials are sent; and what a till sent by mistake."""
    pairs = [f"sandbox-key:{PLANTED['cloud']}", f"lane-1:{agent.token}", f"manager:{manager_token(agent)}"]
    plain = [*PLANTED.values(), agent.token, manager_token(agent), VISA, TRACK_2]
    return [text.encode() for text in plain] + [base64.b64encode(pair.encode()) for pair in pairs]


def found(agent: AgentProcess, content: bytes) -> list[bytes]:
    return [needle for needle in needles(agent) if needle in content]


def files(agent: AgentProcess) -> Iterator[Path]:
    return (path for path in agent.directory.rglob("*") if path.is_file() and path.name not in OWN)


def use(agent: AgentProcess) -> bytes:
    """Sell, make every mistake with a secret that a plugin makes, and ask for all; gives what was answered."""
    answers = [agent.send(sale()), agent.send(sale("T-2", note=f"card {VISA}"))]
    answers.append(agent.send(sale("T-3", payments=[payment("P1", track2=TRACK_2)])))
    agent.wait_for_link("halted")
    answers.append(agent.post("lookup", json.dumps({"request_payload": {"user_id": "1"}})))
    asked = f"/priv/v1/apps/any/users/1?authorization={agent.token}"
    answers += [agent.client.get(asked), agent.send(sale("T-4", subtotal=agent.token), request_id=VISA)]
    with agent.client_of(agent.token, agent.token) as mistaken:
        answers += [mistaken.get("/v1/me"), mistaken.get("/v1/me", headers={"Authorization": f"Bearer {agent.token}"})]
    answers.append(agent.client.get(f"/v1/{agent.token}"))
    answers.append(agent.client.get("/v1/outbox", params={"token": agent.token}))
    with agent.client_of("manager", manager_token(agent)) as manager:
        answers += [manager.get(path) for path in PATHS]
    return b"\n".join(answer.content + str(answer.headers).encode() for answer in answers)


def test_planted_secrets_are_in_no_answer_command_file_or_log_G16(store: AgentProcess) -> None:
    assert found(store, use(store)) == []
    for command in COMMANDS:
        shown = store.cli(*command)
        assert found(store, (shown.stdout + shown.stderr).encode()) == [], command
    for path in files(store):
        assert found(store, path.read_bytes()) == [], path
    assert {"store-agent.db", "store-agent.db-wal", "agent.log"} <= {path.name for path in files(store)}
    assert any(path.parent.name == "backups" for path in files(store))


def test_an_agent_that_is_killed_by_a_fault_leaves_none_behind_G16(store: AgentProcess) -> None:
    use(store)
    process = Path(f"/proc/{store.pid}")
    for name in ("cmdline", "environ"):
        assert found(store, (process / name).read_bytes()) == [], name
    assert re.search(r"Max core file size +0 +0 ", (process / "limits").read_text())
    assert (process / "environ").stat().st_uid == 0  # prctl(2): what is not dumpable belongs to root in /proc
    working = (process / "cwd").resolve()
    before = set(working.glob("core*"))
    assert store._process is not None
    store._process.send_signal(signal.SIGABRT)
    store._process.wait(20)
    assert set(working.glob("core*")) == before
    for path in files(store):
        assert found(store, path.read_bytes()) == [], path


def test_the_same_look_finds_them_where_they_belong_G16(store: AgentProcess) -> None:
    """The control."""
    assert len(found(store, store.config.read_bytes())) == len(PLANTED)
    assert found(store, (store.directory / "data" / "control.token").read_bytes()) == [manager_token(store).encode()]
