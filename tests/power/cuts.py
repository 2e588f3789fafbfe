"""Cuts the power of a real file system under the real agent while lanes sell and requests leave."""

import itertools
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path
from random import Random

import httpx

from store_agent.sandbox.server import SandboxServer
from tests.power.ext4 import Ext4
from tests.power.findings import Tried
from tests.power.till import Till
from tests.support.agent import COMMAND, AgentProcess
from tests.support.sales import sale

LANES = 3
AFTER_MAX = 60
"""The power is cut after 1 to so many answers to tills, or requests that the platform dealt with."""

WITHIN_SECONDS = 30.0
_STANDING = ("T", "D")
"""Stopped, or in a call of the disk, after which it is stopped before it can do anything else."""

FAULTS = ["drop_after:probability=0.2", "slow:ms=2"]


class Cuts:
    """An agent whose storage lies on a disk that loses power again and again; `platform` is its sandbox."""

    def __init__(
        self, disk: Ext4, directory: Path, platform: SandboxServer, command: tuple[str, ...] = COMMAND
    ) -> None:
        directory.mkdir()
        storage = {"directory": str(disk.path / "data")}
        self._disk = disk
        self._platform = platform
        self._agent = AgentProcess(directory, platform.url, command, storage=storage).start()
        self._till = Till(self._agent, platform)
        self._names = itertools.count(1)
        self._answered = threading.Condition()

    def close(self) -> None:
        self._agent.close()

    def cut(self, rounds: int, chance: Random, *, outage: bool = False) -> Tried:
        """Cut so often, look after each cut. In an `outage` nothing leaves before the power is back."""
        tried = Tried()
        for number in range(1, rounds + 1):
            self._platform.set_faults(FAULTS)
            if outage:
                self._platform.stop()
            self._sell_until_cut(chance.randint(1, AFTER_MAX), leaving=not outage and number % 2 == 0)
            self._platform.start()
            self._platform.set_faults([])
            self._repair()
            tried.add(self._till.look(), f"cut {number}")
        tried.acknowledged = len(self._till.receipts)
        return tried

    def _sell_until_cut(self, after: int, *, leaving: bool) -> None:
        """Sell on all lanes; cut after so many more answers, or after so many more requests if `leaving`."""
        stop = threading.Event()
        lanes = [threading.Thread(target=self._sell, args=(stop,)) for _ in range(LANES)]
        before = self._platform.totals()["requests_processed"]
        enough = len(self._till.receipts) + after
        for lane in lanes:
            lane.start()
        try:
            if leaving:
                reached = partial(_processed, before + after)
                self._platform.wait_for(reached, within_s=WITHIN_SECONDS)
            else:
                with self._answered:
                    assert self._answered.wait_for(partial(self._has, enough), WITHIN_SECONDS)
        finally:
            self._stand_still()
            self._disk.cut_power()
            stop.set()
            self._agent.kill()
            for lane in lanes:
                lane.join()

    def _stand_still(self) -> None:
        """Let the agent do nothing more: a machine without power answers no till and sends no request.

        Without this, a sync under way at the cut may return as if it had worked, since the file system gives up its
        journal and does not tell everyone, and the agent would answer after its own end. A bare loop of write and fsync
        shows the same: it lost its last write, synced after the cut, in 9 of 60 cuts.
        """
        assert self._agent._process is not None
        os.kill(self._agent._process.pid, signal.SIGSTOP)
        threads = Path(f"/proc/{self._agent._process.pid}/task")
        end = time.monotonic() + WITHIN_SECONDS
        while any(_state(thread) not in _STANDING for thread in threads.iterdir()):
            assert time.monotonic() < end
            os.sched_yield()

    def _sell(self, stop: threading.Event) -> None:
        """A lane: sells until the agent is gone."""
        while not stop.is_set():
            try:
                self._till.sell(sale(f"T-{next(self._names)}"))
            except httpx.TransportError:
                return
            with self._answered:
                self._answered.notify_all()

    def _has(self, enough: int) -> bool:
        return len(self._till.receipts) >= enough

    def _repair(self) -> None:
        """Power is back: mount what there is, and start the agent as it should be."""
        self._disk.unmount()
        self._disk.mount()
        self._agent.client.close()
        self._agent.client = self._agent.client_of("lane-1", self._agent.token)
        self._agent._command = COMMAND
        self._agent.start()


def _state(thread: Path) -> str:
    """The state of a thread, proc(5)."""
    return (thread / "stat").read_text().rpartition(")")[2].split()[0]


def _processed(enough: int, totals: dict[str, int]) -> bool:
    return totals["requests_processed"] >= enough
