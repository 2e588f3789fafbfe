"""The store of the demo: the stand-in platform, its agent and three lanes that sell, each a real process or connection.

Everything is real but the platform: processes, HTTP, SQLite, faults.
"""

import asyncio
import contextlib
import json
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from store_agent.cli import local
from store_agent.cloud.transport import Answer, Timeouts, Transport
from store_agent.config.load import load
from store_agent.config.settings import Settings
from store_agent.errors import TemporaryFailure, Unavailable
from store_agent.local.credentials import Credentials
from store_agent.sandbox.sales import SaleMaker, sale_bytes

LANES = ("lane-1", "lane-2", "lane-3")
START_SECONDS_MAX = 20.0

_CONFIG = """\
[store]
store_id = "demo-store"
client_id = "demo-retailer"
[cloud]
base_url = "{platform}"
key = "sandbox-key"
secret = "sandbox-secret"
[api]
port = {port}
[storage]
directory = "{directory}"
[receipts]
base_url = "https://rewards.example.com/r"
[drain]
backoff_cap_seconds = 2.0
[log]
level = "error"
form = "text"
"""


class Ledger:
    """What the tills were answered: receipt codes by transaction."""

    def __init__(self) -> None:
        self.answered: dict[str, list[str]] = {}

    @property
    def sold(self) -> int:
        """How many sales were answered."""
        return len(self.answered)


class Store:
    """The store while it is open. `config` is the file of its agent; `ledger` is what its lanes were answered."""

    def __init__(self, config: Path, settings: Settings, platform: str) -> None:
        self.config = config
        self.settings = settings
        self.ledger = Ledger()
        self._selling = True
        self._agent = Transport(f"http://127.0.0.1:{settings.api.port}", Timeouts())
        self._sandbox = Transport(platform, Timeouts())

    async def close(self) -> None:
        """Close the connections."""
        await self._agent.close()
        await self._sandbox.close()

    async def open_lanes(self, lanes: asyncio.TaskGroup, pause: float) -> None:
        """Let the lanes sell, with so many seconds between two sales of a lane."""
        for number, name in enumerate(LANES):
            added = await asyncio.to_thread(local.call, self.settings, "POST", "/v1/terminals", {"name": name})
            lanes.create_task(self._sell(Credentials(name, added["token"]), number, pause))

    def close_lanes(self) -> None:
        """Let no lane begin another sale."""
        self._selling = False

    async def status(self) -> dict[str, Any]:
        """Ask the agent how it stands."""
        found: dict[str, Any] = await asyncio.to_thread(local.call, self.settings, "GET", "/v1/status")
        return found

    async def set_faults(self, faults: list[dict[str, Any]]) -> None:
        """Let the platform fail in some ways, or in none."""
        await self.ask_platform("PUT", "/sandbox/faults", json.dumps(faults))

    async def ask_platform(self, method: str, path: str, body: str = "") -> Any:
        """Ask the stand-in platform."""
        answer = await self._sandbox.request(method, path, {"Content-Type": "application/json"}, body.encode())
        if not isinstance(answer, Answer):
            raise Unavailable(f"The sandbox does not answer: {answer.words}.")
        return json.loads(answer.body)

    async def _sell(self, lane: Credentials, seed: int, pause: float) -> None:
        maker = SaleMaker(seed, lane.name)
        headers = {"Content-Type": "application/json", **lane.headers()}
        while self._selling:
            body = sale_bytes(maker.make(datetime.now(UTC)))
            answer = await self._agent.request("POST", "/api/2.0/send_transaction", headers, body)
            if not isinstance(answer, Answer) or answer.status != 200:  # noqa: PLR2004
                raise TemporaryFailure(f"A till was not served: {answer}")
            payload = json.loads(answer.body)["payload"]
            codes = [receipt["code"] for receipt in payload["receipts"]]
            self.ledger.answered[payload["transaction"]["id"]] = codes
            await asyncio.sleep(pause)


@contextlib.asynccontextmanager
async def open_store() -> AsyncIterator[Store]:
    """Open a store in a temporary directory; everything ends and goes with it."""
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="store-agent-demo-")))
        platform = await stack.enter_async_context(_sandbox())
        settings = _configure(directory, platform)
        config = directory / "config.toml"
        await stack.enter_async_context(_agent(config, settings))
        store = Store(config, settings, platform)
        stack.push_async_callback(store.close)
        yield store


def _configure(directory: Path, platform: str) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = directory / "config.toml"
    path.write_text(_CONFIG.format(platform=platform, port=port, directory=directory / "data"))
    return load(path)


@contextlib.asynccontextmanager
async def _sandbox() -> AsyncIterator[str]:
    """Run the sandbox; gives its URL, which its first line names."""
    async with _process("sandbox", "--port", "0", stdout=asyncio.subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        line = (await asyncio.wait_for(process.stdout.readline(), START_SECONDS_MAX)).decode()
        yield next(word for word in line.split() if word.startswith("http://"))


@contextlib.asynccontextmanager
async def _agent(config: Path, settings: Settings) -> AsyncIterator[None]:
    async with _process("run", "-c", str(config)) as process:
        end = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                await asyncio.to_thread(local.call, settings, "GET", "/v1/status")
                break
            except Unavailable:
                if process.returncode is not None or time.monotonic() > end:
                    raise
                await asyncio.sleep(0.1)
        yield


@contextlib.asynccontextmanager
async def _process(*arguments: str, stdout: int | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "store_agent", *arguments, stdout=stdout)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
