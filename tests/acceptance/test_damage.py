"""A damaged database under the real agent: set aside, saved, reported until somebody takes notice (G13)."""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess, config_text
from tests.support.notified import Notified
from tests.support.sales import sale
from tests.support.texts import changed, know_texts

NAMES = [f"T-{number}" for number in range(40)]


def database(agent: AgentProcess) -> Path:
    return agent.directory / "data" / "store-agent.db"


def until(found: Callable[[], Any], within: float = 30.0) -> Any:
    """Ask until the answer is true."""
    end = time.monotonic() + within
    while not (value := found()):
        assert time.monotonic() < end, "it did not come"
    return value


def opened(agent: AgentProcess) -> dict[str, Any]:
    """Wait until the database is open; gives the status."""

    def status() -> dict[str, Any] | None:
        try:
            found = agent.client.get("/v1/status").json()["payload"]
        except httpx.TransportError:
            return None
        return found if found and found["outbox"] else None

    return until(status)  # type: ignore[no-any-return]


def spoil(path: Path, at: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * length)


def test_damage_found_at_the_start_is_mended_and_the_rest_arrives_once_G13_G2_G3(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    platform.set_faults(["down"])
    agent = make_agent(platform.url).start()
    codes = {name: agent.send(sale(name)).json()["payload"]["receipts"] for name in NAMES}
    assert agent.stop() == 0
    before = database(agent).read_bytes()
    spoil(database(agent), 0, 100)  # without its header SQLite can make nothing of it
    agent.start()
    status = opened(agent)
    assert status["outbox"]["accepted"] == len(NAMES)
    (incident,) = status["incidents"]
    assert "The database of this machine was damaged" in incident["words"]
    assert any("store-agent incidents acknowledge 1" in words for words in status["words"])
    (aside,) = database(agent).parent.glob("damaged-*")
    assert (aside / "store-agent.db").read_bytes()[100:] == before[100:], "the damaged file is left as it was"
    assert agent.send(sale("T-0")).json()["payload"]["receipts"] == codes["T-0"]
    platform.set_faults([])
    agent.wait_for_outbox(delivered=len(NAMES), waiting=0, frozen=0)
    assert {name: len(states) for name, states in platform.account()["transactions"].items()} == dict.fromkeys(NAMES, 1)
    assert "1" in agent.cli("incidents", "list").stdout
    done = agent.cli("incidents", "acknowledge", "1", "--reason", "disk replaced", "--by", "Kim")
    assert done.returncode == 0, done.stderr
    assert agent.status()["incidents"] == []
    assert agent.cli("incidents", "acknowledge", "1", "--reason", "again", "--by", "Kim").returncode == 65


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notified]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with Notified(tmp_path / "notify") as notified:
        yield notified


def test_damage_found_while_it_runs_is_mended_without_anybody_s_help_G13_G2(
    make_agent: MakeAgent, platform: SandboxServer, systemd: Notified
) -> None:
    platform.set_faults(["down"])
    agent = make_agent(platform.url).start()
    for name in NAMES:
        assert agent.send(sale(name)).status_code == 200
    other = sqlite3.connect(database(agent))
    assert know_texts(other).execute(changed("payload", "10.0", "99.0", "sequence = 23")).rowcount == 1
    other.commit()
    other.close()
    platform.set_faults([])
    status = until(lambda: (found := opened(agent))["incidents"] and found)
    details = agent.cli_json("incidents", "list")["incidents"][0]["details"]
    assert [lost["sequence"] for lost in details["lost"]] == [23]
    assert status["outbox"]["balanced"]
    assert not systemd.heard("STOPPING=1"), "systemd would kill it for not ending"
    agent.wait_for_outbox(delivered=len(NAMES) - 1, waiting=0, frozen=0, parked=0)
    arrived = platform.account()["transactions"]
    assert sorted(arrived) == sorted(set(NAMES) - {"T-22"}), "what was damaged is told and not sent"
    assert all(len(states) == 1 for states in arrived.values())
    assert agent.send(sale("T-22")).status_code == 200, "the till can send it again"
    agent.wait_for_outbox(delivered=len(NAMES))


def test_a_stop_while_it_starts_over_is_a_stop_G13(make_agent: MakeAgent, platform: SandboxServer) -> None:
    platform.set_faults(["down"])
    agent = make_agent(platform.url).start()
    for name in NAMES:
        assert agent.send(sale(name)).status_code == 200
    other = sqlite3.connect(database(agent))
    other.execute("UPDATE payload SET body = CAST('x' || CAST(body AS TEXT) AS BLOB)")
    other.commit()
    other.close()
    platform.set_faults([])
    until(lambda: "storage.damaged" in agent.log.read_text())
    assert agent.stop() == 0


def test_reloaded_credentials_outlive_a_start_over_G13(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url, cloud={"secret": "old"}).start()
    for name in NAMES:
        assert agent.send(sale(name)).status_code == 200
    agent.wait_for_link("halted")
    agent.config.write_text(config_text(agent.directory, platform.url, agent.port))
    other = sqlite3.connect(database(agent))
    other.execute("UPDATE payload SET body = CAST('x' || CAST(body AS TEXT) AS BLOB) WHERE sequence = 23")
    other.commit()
    other.close()
    agent.reload()
    until(lambda: (found := opened(agent))["incidents"] and found)
    agent.wait_for_outbox(delivered=len(NAMES) - 1, waiting=0, frozen=0)


DAMAGE_AT_ONCE = """
from store_agent.errors import Damaged
from store_agent.upkeep.space import SpaceWatch
measure, tried = SpaceWatch.measure, []
async def fails_once(self):
    tried.append(self)
    if len(tried) == 1:
        raise Damaged("The database is damaged.")
    await measure(self)
SpaceWatch.measure = fails_once
from store_agent.cli.main import main
main()
"""


def test_damage_met_before_anything_runs_makes_it_start_over_in_place_G13(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url, (sys.executable, "-c", DAMAGE_AT_ONCE)).start()
    assert agent.send(sale()).status_code == 200
    agent.wait_for_outbox(delivered=1)
    assert agent.stop() == 0


def test_a_database_that_vanished_is_not_replaced_in_silence_G13(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url).start()
    agent.send(sale())
    agent.wait_for_outbox(delivered=1)
    assert agent.stop() == 0
    database(agent).unlink()
    agent.start()
    (incident,) = until(lambda: agent.cli_json("status")["incidents"])
    assert "missing or empty" in incident["words"]
    assert "add the tills again" in incident["words"]


def test_commands_leave_a_damaged_database_to_the_agent_G13(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9")
    spoil(database(agent), 0, 100)
    before = database(agent).read_bytes()
    refused = agent.cli("terminal", "add", "lane-2")
    assert refused.returncode == 74
    assert "Start the agent: it saves what can be read" in refused.stderr
    assert database(agent).read_bytes() == before
