"""The commands speak to people, to scripts and to systemd (exit codes of sysexits.h)."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from store_agent import __version__
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import COMMAND, AgentProcess
from tests.support.sales import sale

NOWHERE = "http://127.0.0.1:9"


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


def fails(agent: AgentProcess, code: int, *words: str) -> None:
    """The agent does not start, with this exit code and one message that holds the words."""
    done = agent.cli("run")
    assert done.returncode == code, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("store-agent: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_an_unknown_key_stops_the_start(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE)
    agent.config.write_text(agent.config.read_text() + 'colour = "red"\n')
    fails(agent, 78, "log.colour: is not a known key", str(agent.config))


def test_an_unreadable_secret_file_stops_the_start(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE)
    agent.config.write_text(agent.config.read_text().replace('secret = "sandbox-secret"', 'secret_file = "/nowhere"'))
    fails(agent, 78, "/nowhere", "cannot be read")


def test_a_port_in_use_stops_the_start(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE)
    with socket.socket() as other:
        other.bind(("127.0.0.1", agent.port))
        other.listen()
        fails(agent, 69, f"port {agent.port}", "another program uses it", "api.port")


def test_an_unknown_managers_group_stops_the_start(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE, api={"socket": "managers.sock", "managers_group": "no-such-group"})
    fails(agent, 78, "api.managers_group: there is no group no-such-group", "groupadd")
    assert agent.cli("check-config").returncode == 78


def test_a_socket_that_cannot_be_made_stops_the_start(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE, api={"socket": "/nowhere/managers.sock"})
    fails(agent, 69, "/nowhere/managers.sock cannot be made", "its directory is not there")


def test_a_command_takes_the_socket_where_it_cannot_read_the_token(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE, api={"socket": "managers.sock"}).start()
    token = agent.directory / "data" / "control.token"
    token.rename(agent.directory / "kept")
    names = [terminal["name"] for terminal in agent.cli_json("terminal", "list")["terminals"]]
    assert names == ["lane-1"]
    agent.config.write_text(agent.config.read_text().replace("managers.sock", "elsewhere.sock"))
    assert "cannot be read. Run this command as the agent's user" in agent.cli("status").stderr


def test_a_socket_that_nobody_listens_on_is_named(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE, api={"socket": "managers.sock"}).start()
    (agent.directory / "data" / "control.token").unlink()
    agent.kill()
    done = agent.cli("status")
    assert done.returncode == 69
    assert f"The agent does not run: {agent.directory / 'data' / 'managers.sock'} gives no answer" in done.stderr


def test_a_directory_that_cannot_be_written_stops_the_start(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE)
    (agent.directory / "file").touch()
    agent.config.write_text(agent.config.read_text().replace("/data", "/file/data"))
    fails(agent, 73, "storage.directory")


def test_a_database_of_a_newer_program_stops_the_start(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE)
    raw = sqlite3.connect(agent.directory / "data" / "store-agent.db")
    raw.execute("PRAGMA user_version = 999")
    raw.close()
    fails(agent, 78, "newer store-agent", "Sales in it are safe")


def test_a_second_agent_stops_its_own_start(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE).start()
    fails(agent, 75, "Another store-agent (process ")


def test_check_config_says_yes_or_no(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE)
    assert agent.cli("check-config").stdout.strip() == f"{agent.config} can be used."
    agent.config.write_text("")
    done = agent.cli("check-config")
    assert done.returncode == 78
    assert "store: is missing" in done.stderr


def test_status_of_an_agent_that_does_not_run_says_so(make_agent: MakeAgent) -> None:
    done = make_agent(NOWHERE).cli("status")
    assert done.returncode == 69
    assert "The agent does not run" in done.stderr


def test_another_program_on_the_port_is_told_apart(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(NOWHERE)
    port = platform.url.rsplit(":", 1)[1]
    agent.config.write_text(agent.config.read_text().replace(f"port = {agent.port}", f"port = {port}"))
    done = agent.cli("status")
    assert done.returncode == 69
    assert "port" in done.stderr


def test_terminals_are_managed_with_and_without_a_running_agent_G15(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE)
    token = agent.cli_json("terminal", "add", "lane-2")["token"]
    assert len(token) >= 43
    assert agent.cli("terminal", "add", "lane-2").returncode == 65
    agent.start()
    with agent.client_of("lane-2", token) as lane:
        assert lane.get("/v1/status").status_code == 200
    names = [terminal["name"] for terminal in agent.cli_json("terminal", "list")["terminals"]]
    assert names == ["lane-1", "lane-2"]
    agent.stop()
    assert agent.cli("terminal", "revoke", "lane-2").returncode == 0
    assert agent.cli("terminal", "revoke", "lane-2").returncode == 65
    agent.start()
    with agent.client_of("lane-2", token) as lane:
        assert lane.get("/v1/status").status_code == 401


def test_terminal_add_tells_a_person_what_to_do(make_agent: MakeAgent) -> None:
    shown = make_agent(NOWHERE).cli("terminal", "add", "lane-7").stdout
    assert "user      lane-7" in shown
    assert "not shown again" in shown


def test_status_speaks_words_and_json(agent: AgentProcess, platform: SandboxServer) -> None:
    agent.send(sale())
    agent.wait_for_outbox(delivered=1)
    words = agent.cli("status").stdout
    assert "Online for" in words
    assert "All sales are at the platform." in words
    assert "1 taken in all: 1 delivered." in words
    found = agent.cli_json("status")
    assert found["link"]["state"] == "online"
    assert set(found["outbox"]) >= {
        "waiting", "frozen", "held", "parked", "delivered", "superseded", "discarded", "accepted",
        "oldest_waiting_seconds", "waiting_amount",
    }  # fmt: skip
    assert found["outbox"]["waiting_amount"] == "0.00"
    assert platform.totals()["transactions_accepted"] == 1


def test_outbox_list_and_show_are_readable_and_harmless(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE).start()
    agent.send(sale("[red]name[/red]", custom_data={"note": "\x1b[2J wiped"}))
    listed = agent.cli("outbox", "list").stdout
    assert "[red]name[/red]" in listed
    assert "10.70" in listed
    shown = agent.cli("outbox", "show", "1").stdout
    assert "wiped" in shown
    assert "\x1b" not in shown
    assert agent.cli("outbox", "show", "99").returncode == 65
    assert "--after 1" in agent.cli("outbox", "list", "--limit", "1").stdout
    assert agent.cli_json("outbox", "list")["revisions"][0]["transaction_id"] == "[red]name[/red]"


def test_outbox_show_tells_the_tries_in_words_and_json(agent: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["refuse:ids=T-1"])
    agent.send(sale("T-1"))
    agent.wait_for_outbox(parked=1)
    (tried,) = agent.cli_json("outbox", "show", "1")["tries"]
    assert set(tried) == {"first_at", "last_at", "times", "words", "said"}
    assert tried["times"] == 1
    shown = agent.cli("outbox", "show", "1").stdout
    assert "Tries that did not deliver it:" in shown
    assert tried["words"] in shown.replace("\n", " ")


def test_the_sandbox_says_where_it_listens_and_ends_on_a_signal() -> None:
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--port", "0", "--fault", "status:code=503,count=1"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "http://127.0.0.1:" in process.stdout.readline()
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


def test_a_fault_that_is_none_is_told() -> None:
    done = command("sandbox", "--port", "0", "--fault", "explode")
    assert done.returncode == 78
    assert "explode" in done.stderr


@pytest.mark.parametrize(
    "words", ["demo", "run", "sandbox", "status", "outbox", "day", "audit", "terminal", "check-config"]
)
def test_every_command_is_in_the_help(words: str) -> None:
    assert words in command("--help", COLUMNS="200").stdout
    assert command(words, "--help").returncode == 0


def test_the_demo_ends_with_balanced_books() -> None:
    done = command("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The books balance." in done.stdout
    assert "0 arrived twice" in done.stdout


def test_the_agent_loads_only_what_it_needs(tmp_path: Path) -> None:
    """Start-up stays quick: no command loads another's libraries."""
    program = (
        "import sys\nimport store_agent.agent.runtime\n"
        "unwanted = ('textual', 'typer', 'store_agent.sandbox', 'store_agent.cli')\n"
        "print([name for name in unwanted if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"


def test_the_version_is_the_package_s() -> None:
    assert command("--version").stdout.strip() == f"store-agent {__version__}"


def test_status_without_an_agent_says_what_waits_on_the_disk(make_agent: MakeAgent) -> None:
    agent = make_agent(NOWHERE)
    assert "No sale waits on this machine." in agent.cli("status").stderr
    agent.start()
    assert agent.send(sale("T-1")).status_code == 200
    agent.kill()
    shown = agent.cli("status")
    assert shown.returncode == 69
    assert "The agent does not run" in shown.stderr
    assert "1 sale waits on this machine (10.70), safe" in shown.stderr
    (agent.directory / "data" / "store-agent.db").write_bytes(b"no database")
    assert "on this machine" not in agent.cli("status").stderr
