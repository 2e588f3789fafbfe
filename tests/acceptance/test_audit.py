"""The audit of a running agent: what it was configured with, who let terminals in; whether somebody changed that."""

import os
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from store_agent.storage import sqlite
from store_agent.storage.database import FILE_NAME
from tests.support.agent import AgentProcess

WITHIN_SECONDS = 20.0


def entries(agent: AgentProcess) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = agent.cli_json("audit", "--limit", "1000")["entries"]
    return found


def configurations(agent: AgentProcess) -> list[str]:
    return [one["reason"] for one in entries(agent) if one["action"] == "configuration"]


def wait_for_configurations(agent: AgentProcess, count: int) -> list[str]:
    end = time.monotonic() + WITHIN_SECONDS
    while len(found := configurations(agent)) < count:
        assert time.monotonic() < end, agent.log.read_text()
        os.sched_yield()
    return found


def test_what_is_loaded_at_the_start_and_by_a_reload_is_noted_without_secrets_G16(agent: AgentProcess) -> None:
    (first,) = configurations(agent)
    assert first.startswith("start: digest ")
    agent.kill()
    agent.start()
    assert len(configurations(agent)) == 1, "the same again is not noted"
    text = agent.config.read_text()
    agent.config.write_text(text.replace("sandbox-key", "another-key").replace("sandbox-secret", "another-secret"))
    agent.reload()
    newest, _ = wait_for_configurations(agent, 2)
    assert newest.startswith("reload: digest ")
    assert newest.endswith("; changed: cloud.key")
    assert "another-" not in str(entries(agent))


def test_who_asks_for_a_reload_is_named(agent: AgentProcess) -> None:
    agent.cli_json("reload", "--by", "Ada", "--reason", "new secret")
    office = agent.cli_json("terminal", "add", "office", "--role", "manager")
    with agent.client_of("office", office["token"]) as client:
        assert client.post("/v1/reload").status_code == 200
    asked = [
        (one["who"], one["reason"].rpartition("; ")[2]) for one in entries(agent) if one["action"] == "configuration"
    ]
    assert asked[:2] == [("office", "nothing changed, other than secrets perhaps"), ("Ada", "new secret")]


def test_an_entry_that_is_changed_in_the_file_is_named_by_the_command_and_the_exit_code(agent: AgentProcess) -> None:
    agent.cli_json("terminal", "add", "lane-2", "--by", "Ada")
    agent.cli_json("terminal", "revoke", "lane-2", "--by", "Ada")
    number = next(one["number"] for one in entries(agent) if one["action"] == "terminal_revoke")
    whole = agent.cli("audit", "verify")
    assert whole.returncode == 0
    assert whole.stdout.startswith("The audit is whole from entry 1 to ")
    agent.stop()
    _rewrite(agent.directory / "data" / FILE_NAME, number)
    broken = agent.cli("audit", "verify")
    assert broken.returncode == 65
    assert "The audit is NOT whole" in broken.stdout
    assert f"Entry {number} was changed after it was written." in broken.stdout
    assert agent.start().cli_json("audit", "--limit", "1")["entries"], "sales are not affected"


def _rewrite(path: Path, number: int) -> None:
    with closing(sqlite.connect(str(path), isolation_level=None)) as raw:
        (trigger,) = raw.execute("SELECT sql FROM sqlite_schema WHERE name = 'audit_is_not_changed'").fetchone()
        raw.execute("DROP TRIGGER audit_is_not_changed")
        raw.execute("UPDATE audit SET who = 'Eve' WHERE number = ?", (number,))
        raw.execute(trigger)
