"""Credentials are changed while the agent runs, and are shown nowhere (G16)."""

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.far_side import far_side
from tests.support.sales import sale

BODY = b'{"status": "OK", "payload": null, "errors": null}'
TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


def with_secret_file(make_agent: MakeAgent, url: str, file: Path) -> AgentProcess:
    agent = make_agent(url)
    text = agent.config.read_text()
    agent.config.write_text(text.replace('secret = "sandbox-secret"', f'secret_file = "{file}"'))
    agent.config.chmod(0o600)
    return agent


def by_command(agent: AgentProcess) -> None:
    done = agent.cli("reload")
    assert done.returncode == 0, done.stderr
    assert "read again" in done.stdout


@pytest.mark.parametrize("reload", [AgentProcess.reload, by_command], ids=["signal", "command"])
def test_a_halted_link_recovers_by_a_secret_that_is_put_right(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path, reload: Callable[[AgentProcess], None]
) -> None:
    file = tmp_path / "cloud_secret"
    file.write_text("mistyped-secret")
    file.chmod(0o600)
    agent = with_secret_file(make_agent, platform.url, file).start()
    agent.send(sale())
    agent.wait_for_link("halted")
    reload(agent)
    agent.wait_for_log("configuration.reloaded")
    agent.wait_for_link("halted")  # the control: the same secret mends nothing
    file.write_text("sandbox-secret\n")
    reload(agent)
    agent.wait_for_outbox(delivered=1, waiting=0, frozen=0)
    assert agent.status()["link"]["state"] == "online"
    assert not any(secret in agent.log.read_text() for secret in ("mistyped-secret", "sandbox-secret"))


async def test_a_secret_that_was_changed_is_used_from_the_reload_on_and_the_old_one_no_more(
    make_agent: MakeAgent, tmp_path: Path
) -> None:
    file = tmp_path / "cloud_secret"
    file.write_text("the-old-one")
    old, new = (
        base64.b64encode(f"sandbox-key:{secret}".encode()).decode() for secret in ("the-old-one", "the-new-one")
    )
    async with far_side(TAKEN) as side:
        agent = with_secret_file(make_agent, f"http://localhost:{side.port}", file)
        await asyncio.to_thread(agent.start)
        for number in range(3):
            await asyncio.to_thread(agent.send, sale(f"before-{number}"))
        await asyncio.to_thread(agent.wait_for_outbox, delivered=3)
        before = len(side.heads)
        assert all(old in head for head in side.heads)
        file.write_text("the-new-one")
        await asyncio.to_thread(by_command, agent)
        for number in range(3):
            await asyncio.to_thread(agent.send, sale(f"after-{number}"))
        await asyncio.to_thread(agent.wait_for_outbox, delivered=6)
        after = side.heads[before:]
        await asyncio.to_thread(agent.stop)
    assert after
    assert all(new in head and old not in head for head in after)


def test_a_reload_that_cannot_be_done_says_so_and_changes_nothing(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path
) -> None:
    file = tmp_path / "cloud_secret"
    file.write_text("sandbox-secret")
    agent = with_secret_file(make_agent, platform.url, file).start()
    file.unlink()
    done = agent.cli("reload")
    assert done.returncode != 0
    assert "goes on as before" in done.stderr
    assert str(file) in done.stderr
    agent.send(sale())
    agent.wait_for_outbox(delivered=1)
    answer = agent.client.post("/v1/reload", json={})
    assert answer.status_code == 403, "a cashier may not"


def test_files_with_credentials_that_lie_open_are_named_at_the_start(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path
) -> None:
    file = tmp_path / "cloud_secret"
    file.write_text("sandbox-secret")
    file.chmod(0o644)
    agent = with_secret_file(make_agent, platform.url, file)
    agent.config.chmod(0o600)
    log = agent.start().log.read_text()
    assert "secret.exposed" in log
    assert f"chmod o=,g-w {file}" in log
    assert str(agent.config) not in log
    agent.stop()
    file.chmod(0o600)
    agent.log.unlink()
    assert "secret.exposed" not in agent.start().log.read_text()
