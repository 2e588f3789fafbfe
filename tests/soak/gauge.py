"""What the agent's process and its files grow to, and how far they may (G11)."""

import threading
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace

import httpx
import psutil

from store_agent.storage.retention import SPARE_PAGES
from store_agent.upkeep.checkpoint import CUT_BYTES
from tests.soak.shop import CALLS_MAX, LANES, Shop

STEADY_DAY = 2
"""Growth counts from the evening of this day: by then caches are warm and retention lets go as much as comes in."""

MEMORY_GROWTH_MAX = 1.3
"""An allocator keeps some of what a backlog took for a while; a leak of a kilobyte a sale is beyond it in an hour."""

HANDLES_GROWTH_MAX = CALLS_MAX + 1 + len(LANES)
"""Kept connections to the platform, and those of callers that are just being closed; files are always the same."""

THREADS_GROWTH_MAX = (psutil.cpu_count() or 1) + 4
"""The pool for work that blocks is filled as it is needed; so many threads it has (concurrent.futures)."""

WAL_BYTES_MAX = 2 * CUT_BYTES
"""It is cut above CUT_BYTES; as much again may come while somebody reads for some seconds."""

DATABASE_GROWTH_MAX = 1.5
"""Days differ in how long their outages are; what is delivered is let go of after half a day."""

DATABASE_SPARE_BYTES = SPARE_PAGES * 4_096
"""Free pages that retention leaves in the file on purpose, however small the rest is."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. Sizes are in bytes, `queue` counts sales on their way."""

    memory: int
    handles: int
    threads: int
    wal: int
    database: int
    disk_free: int
    queue: int


NAMES = tuple(field.name for field in fields(Sample))


class Gauge(threading.Thread):
    """Looks every so often while the day lasts; `evenings` are looks at the ends of days, when all is calm."""

    def __init__(self, shop: Shop, every_seconds: float) -> None:
        super().__init__(name="gauge")
        self._shop = shop
        self._every_seconds = every_seconds
        self._ending = threading.Event()
        self.samples: list[Sample] = []
        self.evenings: list[Sample] = []

    def run(self) -> None:
        """Look until told to end."""
        while not self._ending.wait(self._every_seconds):
            if (sample := self._look()) is not None:
                self.samples.append(sample)

    def end(self) -> None:
        """Look no more."""
        self._ending.set()
        self.join()

    def evening(self) -> None:
        """Look at the end of a day."""
        if (sample := self._look()) is not None:
            self.samples.append(sample)
            self.evenings.append(sample)

    def _look(self) -> Sample | None:
        """Look; gives None if the agent is just ending or starting."""
        shop = self._shop
        try:
            process = psutil.Process(shop.pid)
            with shop.managing() as client:
                outbox = client.get("/v1/status").json()["payload"]["outbox"]
                journal = shop.database.with_name(f"{shop.database.name}-wal")
                return Sample(
                    process.memory_info().rss,
                    process.num_fds(),
                    process.num_threads(),
                    journal.stat().st_size if journal.exists() else 0,
                    shop.database.stat().st_size,
                    shop.disk.free,
                    sum(outbox[state] for state in ("waiting", "frozen", "held")),
                )
        except (psutil.Error, httpx.HTTPError, OSError, KeyError, TypeError):
            return None


def peak(samples: Sequence[Sample]) -> Sample:
    """Give the most of each, and the least of the free disk."""
    most = Sample(*map(max, zip(*map(astuple, samples), strict=True)))
    return replace(most, disk_free=min(sample.disk_free for sample in samples))


def growth(samples: Sequence[Sample], evenings: Sequence[Sample]) -> list[str]:
    """Say what grows beyond its bounds; empty if nothing does. A single day has nothing to be compared with."""
    found = []
    journal = max((sample.wal for sample in samples), default=0)
    if journal > WAL_BYTES_MAX:
        found.append(f"the journal grew to {journal:,} bytes, its limit is {WAL_BYTES_MAX:,}")
    if len(evenings) <= STEADY_DAY:
        return found
    start, later = evenings[STEADY_DAY - 1], evenings[STEADY_DAY:]
    bounds = {
        "memory": start.memory * MEMORY_GROWTH_MAX,
        "handles": start.handles + HANDLES_GROWTH_MAX,
        "threads": start.threads + THREADS_GROWTH_MAX,
        "database": start.database * DATABASE_GROWTH_MAX + DATABASE_SPARE_BYTES,
    }
    for name, most in bounds.items():
        values = [getattr(evening, name) for evening in later]
        if max(values) > most:
            found.append(f"{name} grew from {getattr(start, name):,} to {max(values):,}, at most {most:,.0f} is fine")
    return found
