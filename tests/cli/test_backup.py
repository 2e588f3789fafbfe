"""`store-agent backup` and `restore` with the real process."""

import subprocess
from pathlib import Path

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import COMMAND, AgentProcess
from tests.support.sales import sale

OFFLINE = "http://127.0.0.1:9"


def restore(agent: AgentProcess, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "restore", *arguments, "-c", str(agent.config)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, input=said)


def test_what_was_delivered_since_is_not_sent_again_G2(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(OFFLINE).start()
    for number in range(3):
        assert agent.send(sale(f"T-{number}")).status_code == 200
    made = agent.cli_json("backup")
    assert (made["newest"], made["accepted"]) == (3, 3)
    assert agent.stop() == 0
    agent.config.write_text(agent.config.read_text().replace(OFFLINE, platform.url))
    agent.start()
    agent.send(sale("T-3"))
    agent.wait_for_outbox(delivered=4)
    agent.stop()

    asked = restore(agent, made["path"], said="n\n")
    assert asked.returncode == 1
    assert "The backup was not restored." in asked.stdout
    done = restore(agent, made["path"], "--yes", "--by", "Ada")
    assert done.returncode == 0, done.stderr
    assert "1 sale of it that the backup lacks" in done.stdout
    agent.start()
    outbox = agent.wait_for_outbox(delivered=4, waiting=0, frozen=0, held=0)
    assert outbox["accepted"] == 4
    assert agent.send(sale("T-1")).json()["payload"]["sequence"] == 2


def test_without_the_present_database_it_says_what_it_cannot_know_G2(make_agent: MakeAgent, tmp_path: Path) -> None:
    agent = make_agent(OFFLINE).start()
    for number in range(3):
        agent.send(sale(f"T-{number}"))
    stick = tmp_path / "stick.db"
    assert agent.cli("backup", "--to", str(stick)).returncode == 0
    agent.stop()
    for path in (agent.directory / "data").glob("store-agent.db*"):
        path.unlink()
    done = restore(agent, str(stick), "--yes")
    assert done.returncode == 0, done.stderr
    assert "nobody can know" in done.stdout
    agent.start()
    status = agent.status()["outbox"]
    assert (status["held"] + status["frozen"], status["waiting"], status["accepted"]) == (3, 0, 3)


def test_a_backup_needs_no_running_agent(make_agent: MakeAgent) -> None:
    agent = make_agent(OFFLINE)
    made = agent.cli("backup")
    assert made.returncode == 0, made.stderr
    assert "was written and checked" in made.stdout
