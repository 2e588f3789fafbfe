"""The store: the agent process on a disk and a clock of its own, the platform, the lanes, the manager's calls."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx

from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import FILE_NAME
from tests.soak.lane import Lane
from tests.soak.ledger import Ledger
from tests.soak.wall_clock import Clock
from tests.support.agent import AgentProcess
from tests.support.small_disk import SmallDisk

TICK_SECONDS = 0.2
"""How often it is looked whether the agent still runs."""

OPEN_SECONDS_MAX = 60.0
"""How long the agent may take to open a new database; a machine that is shared is slow at times."""

RESERVE_BYTES = 8 * 2**20
FREE_MIN_BYTES = 16 * 2**20
FREE_WARN_BYTES = 32 * 2**20

CALLS_MAX = 4
"""Requests to the platform at a time."""

CALL_SECONDS = 2.0
"""A call to the platform that hangs is given up after that; also how long an old line stays open after a reload."""

SECTIONS: dict[str, dict[str, Any]] = {
    "cloud": {
        "connect_timeout_seconds": 1.0,
        "write_timeout_seconds": 1.0,
        "read_timeout_seconds": 1.5,
        "call_timeout_seconds": CALL_SECONDS,
    },
    "upkeep": {"space_seconds": 0.2, "checkpoint_seconds": 1.0, "retention_seconds": 1.0},
    "backup": {"every_hours": 10 / 3600, "keep": 3},
    "drain": {
        "concurrency": CALLS_MAX,
        "backoff_base_seconds": 0.05,
        "backoff_cap_seconds": 0.5,
        "first_contact_spread_seconds": 0.2,
        "throttle_cap_seconds": 2.0,
    },
}
"""Everything that takes minutes or hours in a store takes seconds here."""

LANES = ("lane-1", "lane-2", "lane-3")


class Shop:
    """What faults and people act on; `lives` counts how often the agent was started.

    `pace` is how many sales a second each lane makes.
    """

    def __init__(
        self, agent: AgentProcess, platform: SandboxServer, disk: SmallDisk, clock: Clock | None, seed: int
    ) -> None:
        self.agent = agent
        self.platform = platform
        self.disk = disk
        self.clock = clock
        self.chance = Random(f"{seed}/faults")  # noqa: S311 - faults must repeat, not surprise
        self.ledger = Ledger()
        self.lanes: list[Lane] = []
        self.known_lost: set[int] = set()
        self.salvages = 0
        self.lives = 0
        self.pace = 1.0
        self._seed = seed
        self._tokens = {LANES[0]: agent.token}
        self._wake = threading.Event()

    @property
    def data(self) -> Path:
        """The agent's storage directory."""
        return self.disk.path / "data"

    @property
    def database(self) -> Path:
        """The agent's database."""
        return self.data / FILE_NAME

    @property
    def pid(self) -> int:
        """The process of the agent; it may have ended."""
        assert self.agent._process is not None
        return self.agent._process.pid

    def start(self) -> None:
        """Start the agent."""
        self.agent.start()
        self.lives += 1

    def stop(self) -> None:
        """End the agent as systemd does."""
        code = self.agent.stop()
        if code != 0:
            self.ledger.wrong(f"SIGTERM ended the agent with {code}")

    def live(self, seconds: float, *, may_end: bool = False) -> None:
        """Let time pass; an agent that ends by itself is started again. That is wrong, unless it `may_end`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._wake.wait(min(TICK_SECONDS, max(0.0, end - time.monotonic())))
            if self._revive() and not may_end:
                self.ledger.wrong(f"the agent ended by itself: {self.log_end()}")

    def log_end(self) -> str:
        """Give the end of the agent's log."""
        return self.agent.log.read_text()[-1_500:]

    def open_lanes(self, day: int) -> None:
        """Begin to sell; sales of each day have names of their own."""
        self.lanes = [Lane(name, f"{name}-d{day}", self, self.ledger, self._seed) for name in LANES]
        for lane in self.lanes:
            lane.start()

    def close_lanes(self) -> Counter[str]:
        """Stop selling; gives the refusals of all lanes."""
        refusals: Counter[str] = Counter()
        for lane in self.lanes:
            lane.close()
            refusals += lane.refusals
        self.lanes = []
        return refusals

    def add_terminals(self) -> None:
        """Let the other lanes in, once the agent has its database open."""
        end = time.monotonic() + OPEN_SECONDS_MAX
        while (
            not (self.data / "control.token").exists() or self.agent.client.get("/readyz").status_code != httpx.codes.OK
        ):
            assert time.monotonic() < end, self.log_end()
            self._wake.wait(TICK_SECONDS)
        with self.managing() as manager:
            for lane in LANES[1:]:
                added = manager.post("/v1/terminals", json={"name": lane}).raise_for_status().json()["payload"]
                self._tokens[lane] = added["token"]

    def client_of(self, lane: str) -> httpx.Client:
        """Give a client with the lane's credentials."""
        return self.agent.client_of(lane, self._tokens[lane])

    def _revive(self) -> bool:
        """Start the agent if it has ended; tells whether it had."""
        assert self.agent._process is not None
        ended = self.agent._process.poll() is not None
        if ended:
            self.start()
        return ended

    @contextmanager
    def managing(self) -> Iterator[httpx.Client]:
        """Call as the manager of this run of the agent."""
        with self.agent.client_of("manager", (self.data / "control.token").read_text()) as client:
            yield client

    def drain(self) -> None:
        """Have sending tried now, as a person does who has mended something."""
        done = self.agent.cli("outbox", "drain", "--by", "Manager")
        if done.returncode != 0:
            self.ledger.wrong(f"outbox drain ended with {done.returncode}: {done.stderr}")
