"""The agent and systemd, over a real socket: ready, alive while it makes progress, stopping (G17)."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from store_agent.agent import systemd
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import COMMAND
from tests.support.sales import sale

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(20.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listener


def until(heard: socket.socket, line: str) -> list[str]:
    """Listen until a line comes; gives all lines until then."""
    lines: list[str] = []
    while line not in lines:
        lines += heard.recv(4_096).decode().splitlines()
    return lines


async def listen(heard: socket.socket) -> bytes:
    return await asyncio.to_thread(heard.recv, 4_096)


def test_the_agent_says_when_it_is_ready_lives_and_stops_G17(
    heard: socket.socket, make_agent: MakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    agent = make_agent(NOWHERE).start()
    until(heard, "READY=1")
    assert agent.send(sale()).status_code == 200
    until(heard, "WATCHDOG=1")
    assert agent.stop() == 0
    until(heard, "STOPPING=1")


def test_the_status_line_follows_the_queue(
    heard: socket.socket, make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url)
    platform.stop()
    agent.start()
    until(heard, "STATUS=ready, 0 waiting")
    assert agent.send(sale()).status_code == 200
    while not (line := heard.recv(4_096).decode()).startswith("STATUS=offline, 1 waiting: The platform"):
        assert "\n" not in line
    platform.start()
    until(heard, "STATUS=online, 0 waiting")


def test_what_keeps_it_from_running_stays_as_the_status_line(heard: socket.socket, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[store]\nstore_id = "1"\n')
    ended = subprocess.run([*COMMAND, "run", "-c", str(tmp_path / "config.toml")], check=False, capture_output=True)
    assert ended.returncode == 78
    (line,) = heard.recv(4_096).decode().splitlines()
    assert line.startswith(
        f"STATUS=The configuration {tmp_path}/config.toml cannot be used: store.client_id: is missing"
    )


async def test_the_watchdog_hears_nothing_while_something_hangs_G17(
    heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: an agent that hangs pings no more, and again once it goes on."""
    monkeypatch.setenv("WATCHDOG_USEC", "3000")
    hangs, asked = [True] * 50, asyncio.Event()

    def hanging() -> bool:
        if not hangs:
            asked.set()
            return False
        return hangs.pop()

    with capture_logs() as logged:
        watch = asyncio.create_task(systemd.keep_watch(hanging))
        await asked.wait()
        assert await listen(heard) == b"WATCHDOG=1"
    assert hangs == [], "nothing was sent before"
    assert [one["event"] for one in logged] == ["agent.hangs"]
    watch.cancel()


def test_another_process_s_watchdog_is_not_pinged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    assert systemd.watchdog_seconds() == 2.0
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert systemd.watchdog_seconds() == 2.0
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert systemd.watchdog_seconds() is None
    monkeypatch.delenv("WATCHDOG_USEC")
    assert systemd.watchdog_seconds() is None


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    systemd.notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "@store-agent-test-nobody-listens")
    systemd.notify("READY=1")


def test_nobody_waits_for_a_systemd_that_does_not_read(heard: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its queue holds some ten notices; the status line is said again later."""
    monkeypatch.setattr(systemd, "WAIT_SECONDS", 3_600.0)
    said = [systemd.say(f"{number} waiting") for number in range(1_000)]
    assert said[0]
    assert not said[-1]
    heard.recv(4_096)
    assert systemd.say("once more")
