"""The story of the demo: a store with three lanes, its agent and the stand-in platform, in one process tree.

Everything is real but the platform: processes, HTTP, SQLite, faults. At the end three books are compared: what the
tills were answered, what the agent counts, what the platform accepted.
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
from store_agent.cli.demo_screen import Screen
from store_agent.cloud.transport import Answer, Timeouts, Transport
from store_agent.config.load import load
from store_agent.config.settings import Settings
from store_agent.errors import TemporaryFailure, Unavailable
from store_agent.local.credentials import Credentials
from store_agent.sandbox.sales import SaleMaker, sale_bytes

LANES = ("lane-1", "lane-2", "lane-3")
SALE_PAUSE_SECONDS = 0.06
"""Between two sales of a lane: a very busy store, so that half a minute is enough."""

UP_SECONDS = 5.0
DOWN_SALES = 230
DRAIN_SECONDS_MAX = 60.0
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


async def tell() -> bool:
    """Tell the story; gives whether the books balance."""
    with tempfile.TemporaryDirectory(prefix="store-agent-demo-") as directory, Screen() as screen:
        async with contextlib.AsyncExitStack() as stack:
            platform = await stack.enter_async_context(_sandbox())
            settings = _configure(Path(directory), platform)
            await stack.enter_async_context(_agent(Path(directory) / "config.toml", settings))
            story = _Story(screen, settings, platform)
            stack.push_async_callback(story.close)
            return await story.run()


class _Story:
    def __init__(self, screen: Screen, settings: Settings, platform: str) -> None:
        self._screen = screen
        self._settings = settings
        self._ledger = Ledger()
        self._selling = True
        self._agent = Transport(f"http://127.0.0.1:{settings.api.port}", Timeouts())
        self._sandbox = Transport(platform, Timeouts())

    async def close(self) -> None:
        """Close the connections."""
        await self._agent.close()
        await self._sandbox.close()

    async def run(self) -> bool:
        """Tell it."""
        self._screen.say("A store with three lanes. Its agent takes every sale, the platform is a stand-in (sandbox).")
        async with asyncio.TaskGroup() as lanes:
            for number, name in enumerate(LANES):
                added = await asyncio.to_thread(local.call, self._settings, "POST", "/v1/terminals", {"name": name})
                lanes.create_task(self._sell(name, added["token"], number))
            await self._chapters()
            self._selling = False
        return await self._balance()

    async def _chapters(self) -> None:
        self._screen.chapter("1. The line is up: every sale goes to the platform at once.")
        await self._watch(time.monotonic() + UP_SECONDS)
        self._screen.chapter("2. The internet fails. The lanes go on selling; nobody at the tills notices.")
        await self._faults('[{"kind": "down"}]')
        before = self._ledger.sold
        while self._ledger.sold < before + DOWN_SALES:
            await self._watch(time.monotonic() + 0.5)
        self._screen.chapter("3. The line is back: what waited goes out, ten in a call, while new sales go on.")
        await self._faults("[]")
        await self._watch(time.monotonic() + 4.0)

    async def _balance(self) -> bool:
        self._screen.chapter("4. The lanes close. The rest is sent, then the books are compared.")
        end = time.monotonic() + DRAIN_SECONDS_MAX
        while (await self._look())["outbox"]["delivered"] < self._ledger.sold and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        status = await self._look()
        account = await self._ask("GET", "/sandbox/account")
        return _compare(self._screen, self._ledger, status, account)

    async def _sell(self, lane: str, token: str, seed: int) -> None:
        maker = SaleMaker(seed, lane)
        headers = {"Content-Type": "application/json", **Credentials(lane, token).headers()}
        while self._selling:
            body = sale_bytes(maker.make(datetime.now(UTC)))
            answer = await self._agent.request("POST", "/api/2.0/send_transaction", headers, body)
            if not isinstance(answer, Answer) or answer.status != 200:  # noqa: PLR2004
                raise TemporaryFailure(f"A till was not served: {answer}")
            payload = json.loads(answer.body)["payload"]
            codes = [receipt["code"] for receipt in payload["receipts"]]
            self._ledger.answered[payload["transaction"]["id"]] = codes
            await asyncio.sleep(SALE_PAUSE_SECONDS)

    async def _watch(self, until: float) -> None:
        while time.monotonic() < until:
            await self._look()
            await asyncio.sleep(0.2)

    async def _look(self) -> dict[str, Any]:
        status: dict[str, Any] = await asyncio.to_thread(local.call, self._settings, "GET", "/v1/status")
        totals = await self._ask("GET", "/sandbox/account?totals=1")
        self._screen.update(self._ledger.sold, status, totals["totals"]["transactions_accepted"])
        return status

    async def _faults(self, faults: str) -> None:
        await self._ask("PUT", "/sandbox/faults", faults)

    async def _ask(self, method: str, path: str, body: str = "") -> Any:
        answer = await self._sandbox.request(method, path, {"Content-Type": "application/json"}, body.encode())
        if not isinstance(answer, Answer):
            raise Unavailable(f"The sandbox does not answer: {answer.words}.")
        return json.loads(answer.body)


def _compare(screen: Screen, ledger: Ledger, status: dict[str, Any], account: dict[str, Any]) -> bool:
    outbox, totals = status["outbox"], account["totals"]
    missing = [name for name in ledger.answered if name not in account["transactions"]]
    codes = [code for codes in ledger.answered.values() for code in codes]
    checks = {
        f"{ledger.sold} sales answered at the tills, {outbox['accepted']} taken by the agent": (
            ledger.sold == outbox["accepted"]
        ),
        f"{totals['transactions_accepted']} accepted by the platform, {len(missing)} missing": (
            not missing and totals["transactions_accepted"] == ledger.sold
        ),
        f"{totals['doubled']} arrived twice": totals["doubled"] == 0,
        f"{len(codes)} receipt codes, all different": len(codes) == len(set(codes)),
        f"largest call held {totals['largest_batch']} sales": 1 <= totals["largest_batch"] <= 10,  # noqa: PLR2004
        "the agent's own books balance": bool(outbox["balanced"]) and outbox["delivered"] == outbox["accepted"],
    }
    for text, right in checks.items():
        screen.say(f"  {'ok ' if right else 'NO '} {text}")
    balanced = all(checks.values())
    screen.say("The books balance." if balanced else "THE BOOKS DO NOT BALANCE.")
    return balanced


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
