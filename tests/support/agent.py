"""A real agent process with a configuration of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import httpx

from store_agent.cli.person import named
from store_agent.cli.terminal import let_in
from store_agent.config.load import load
from tests.support.readiness import start_and_wait

START_SECONDS_MAX = 20.0

COMMAND = (sys.executable, "-m", "store_agent")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config_text(directory: Path, platform: str, port: int, **sections: dict[str, Any]) -> str:
    """Write a configuration; `sections` add keys to its tables."""
    tables: dict[str, dict[str, Any]] = {
        "store": {"store_id": "1234x", "client_id": "retailer-1"},
        "cloud": {"base_url": platform, "key": "sandbox-key", "secret": "sandbox-secret"},
        "cloud.core": {"base_url": platform, "key": "sandbox-app-key", "secret": "sandbox-app-secret"},
        "cloud.connect": {"base_url": platform, "key": "sandbox-connect-key", "secret": "sandbox-connect-secret"},
        "api": {"port": port},
        "storage": {"directory": str(directory / "data")},
        "receipts": {"base_url": "https://rewards.example.com/r"},
        "drain": {"backoff_base_seconds": 0.05, "backoff_cap_seconds": 0.3},
        "log": {"form": "text"},
    }
    for name, keys in sections.items():
        tables.setdefault(name, {}).update(keys)
    lines = []
    for name, keys in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


class AgentProcess:
    """Starts, kills and restarts an agent; `client` speaks as the terminal lane-1."""

    def __init__(
        self, directory: Path, platform: str, command: tuple[str, ...] = COMMAND, **sections: dict[str, Any]
    ) -> None:
        self.directory = directory
        self.port = free_port()
        self.config = directory / "config.toml"
        self.config.write_text(config_text(directory, platform, self.port, **sections))
        self.log = directory / "agent.log"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self.token = self._let_in("lane-1")
        self.client = self.client_of("lane-1", self.token)

    def _let_in(self, name: str) -> str:
        """Do what `store-agent terminal add` does, in this process: a command takes a second to load."""
        mask = os.umask(0o077)
        try:
            with ThreadPoolExecutor(1) as beside:  # the test may have a loop of its own
                added = beside.submit(let_in, load(self.config), name, named(None), "").result()
        finally:
            os.umask(mask)
        return str(added["token"])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def client_of(self, name: str, token: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, auth=(name, token), timeout=20.0, trust_env=False)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*COMMAND, *arguments, "-c", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def cli_json(self, *arguments: str) -> Any:
        done = self.cli(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self) -> Self:
        self.client.close()  # its connections were those of an agent that is gone
        self.client = self.client_of("lane-1", self.token)
        self._process = start_and_wait(self._run, START_SECONDS_MAX)
        end = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, "the agent did not start"
            os.sched_yield()
        return self

    def _run(self, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        command = [*self._command, "run", "-c", str(self.config)]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment)

    def _answers(self) -> bool:
        """Tell whether it answers, be it only that the disk has no room to open the database."""
        with contextlib.suppress(httpx.TransportError):
            return "The agent is starting" not in self.client.get("/readyz").text
        return False

    def reload(self) -> None:
        """SIGHUP: read the configuration again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """Kill -9."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)

    def close(self) -> None:
        self.client.close()
        self.kill()

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get("/v1/status").json()["payload"]
        return found

    def wait_for_outbox(self, within: float = 30.0, **wanted: int) -> dict[str, Any]:
        """Ask until the counts are as wanted."""
        end = time.monotonic() + within
        while True:
            outbox: dict[str, Any] = self.status()["outbox"]
            if all(outbox[name] == value for name, value in wanted.items()):
                return outbox
            assert time.monotonic() < end, f"wanted {wanted}, have {outbox}\n{self.log.read_text()}"
            os.sched_yield()

    def wait_for_link(self, state: str, within: float = 30.0) -> None:
        """Ask until the line is seen in this state."""
        end = time.monotonic() + within
        while self.status()["link"]["state"] != state:
            assert time.monotonic() < end, self.log.read_text()

    def wait_for_log(self, text: str, within: float = 30.0) -> None:
        """Wait until the log says something."""
        end = time.monotonic() + within
        while text not in self.log.read_text():
            assert time.monotonic() < end, self.log.read_text()
            os.sched_yield()

    def send(self, payload: dict[str, Any] | str, **container: Any) -> httpx.Response:
        """Post a sale; a payload given as text goes out to the letter."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        members = "".join(f"{json.dumps(name)}: {json.dumps(value)}, " for name, value in container.items())
        return self.post("send_transaction", f'{{{members}"request_payload": {text}}}')

    def post(self, endpoint: str, body: str | bytes) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        return self.client.post(f"/api/2.0/{endpoint}", content=body, headers=headers)
