"""Lives the days of a plan, one after the other."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.soak import gauge
from tests.soak.arrivals import Arrivals
from tests.soak.gauge import Gauge, Sample
from tests.soak.lines import LINE_FAULTS
from tests.soak.machines import MACHINE_FAULTS
from tests.soak.manager import Manager
from tests.soak.plan import Day, Slot
from tests.soak.salvaged import read_reports
from tests.soak.shop import (
    FREE_MIN_BYTES,
    FREE_WARN_BYTES,
    LANES,
    RESERVE_BYTES,
    SECTIONS,
    Shop,
)
from tests.soak.wall_clock import Clock
from tests.support.agent import AgentProcess
from tests.support.faketime import faketime_library
from tests.support.small_disk import small_disk

DISK_SIZE = "256m"

SHORT_DAYS = 4
"""Days of retention in a day of the store: it keeps two, so that sales are let go of after half a day."""

LOOKS = 24
"""Looks at the process in a day: one an hour."""

SAME_BOOKS = {
    "acknowledged": "accepted",
    "delivered": "delivered",
    "superseded": "superseded",
    "discarded": "discarded",
}
"""What the ledger counts, and what the agent calls it."""


@dataclass(slots=True)
class Outcome:
    """What came of the days: counts of the ledger, faults and deeds, refusals at the tills, and all that is wrong."""

    days: int = 0
    lives: int = 0
    salvages: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    evenings: list[Sample] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        """Tell whether anything is."""
        return bool(self.words or self.counts["lost"] or self.counts["doubled"] or self.counts["wrong"])


class Soak:
    """The days of one store. `rate` is sales a second in the rush, all lanes together."""

    def __init__(self, shop: Shop, *, day_seconds: float, rate: float, seed: int) -> None:
        self._shop = shop
        self._rate = rate
        self._seed = seed
        self._arrivals = Arrivals(shop.platform)
        self._gauge = Gauge(shop, day_seconds / LOOKS)
        self._outcome = Outcome()

    def live(self, days: list[Day], told: Callable[[str], None]) -> Outcome:
        """Live the days; tells a line about each."""
        self._shop.start()
        self._shop.add_terminals()
        self._gauge.start()
        try:
            for day in days:
                self._live_day(day)
                told(self._shown(day))
        except AssertionError as failure:
            self._shop.ledger.wrong(f"the store had to be given up: {failure}")
        finally:
            self._gauge.end()
        return self._sum_up()

    def _live_day(self, day: Day) -> None:
        shop = self._shop
        shop.pace = self._pace(day.slots[0])
        manager = Manager(shop, self._arrivals, f"{self._seed}/{day.number}")
        shop.open_lanes(day.number)
        manager.start()
        try:
            for slot in day.slots:
                self._live_slot(slot)
        finally:
            self._outcome.refusals += shop.close_lanes()
            manager.go_home()
        self._end_day(manager)

    def _live_slot(self, slot: Slot) -> None:
        self._shop.pace = self._pace(slot)
        with LINE_FAULTS[slot.line](self._shop):
            MACHINE_FAULTS[slot.machine](self._shop, slot.seconds)
        read_reports(self._shop)
        self._outcome.faults.update(name for name in (slot.line, slot.machine) if name)

    def _pace(self, slot: Slot) -> float:
        return self._rate * slot.pace / len(LANES)

    def _end_day(self, manager: Manager) -> None:
        """Settle everything, then look what became of the day."""
        shop = self._shop
        for words in (manager.tidy(), manager.close_day()):
            if words:
                shop.ledger.wrong(f"in the evening: {words}")
        shop.ledger.close_day(self._arrivals.collect(), frozenset(shop.known_lost))
        self._arrivals.forget()
        self._compare_books()
        self._gauge.evening()
        self._outcome.deeds += manager.deeds
        self._outcome.days += 1

    def _compare_books(self) -> None:
        """Hold the agent's own books against the ledger's; after damage they may lack what was settled before."""
        outbox, counts = self._shop.agent.status()["outbox"], self._shop.ledger.counts
        if not outbox["balanced"]:
            self._shop.ledger.wrong(f"the books do not balance: {outbox}")
        if self._shop.salvages:
            return
        for mine, its in SAME_BOOKS.items():
            if counts[mine] != outbox[its]:
                self._shop.ledger.wrong(f"{counts[mine]} were {mine}, the agent's books say {outbox[its]} {its}")

    def _shown(self, day: Day) -> str:
        counts, last = self._shop.ledger.counts, self._gauge.evenings[-1] if self._gauge.evenings else None
        memory = "?" if last is None else f"{last.memory / 2**20:.0f}"
        faults = ", ".join(" + ".join(filter(None, (slot.line, slot.machine))) or "-" for slot in day.slots)
        return (
            f"day {day.number}: {counts['acknowledged']:,} acknowledged, {counts['lost']} lost, {counts['doubled']} "
            f"doubled, {counts['wrong']} wrong, {memory} MiB; {faults}"
        )

    def _sum_up(self) -> Outcome:
        outcome, shop = self._outcome, self._shop
        outcome.counts, outcome.words = shop.ledger.counts, list(shop.ledger.words)
        outcome.lives, outcome.salvages = shop.lives, shop.salvages
        outcome.samples, outcome.evenings = self._gauge.samples, self._gauge.evenings
        outcome.words += gauge.growth(outcome.samples, outcome.evenings)
        totals = shop.platform.totals()
        outcome.words += [
            f"the platform counts {totals[name]} {name}" for name in ("doubled", "conflicts") if totals[name]
        ]
        return outcome


@contextmanager
def open_shop(directory: Path, program: tuple[str, ...], seed: int) -> Iterator[Shop]:
    """Make a store below `directory` whose agent is started by `program`. Needs root, for a disk of its own."""
    with small_disk(directory / "disk", DISK_SIZE) as disk, SandboxServer(SandboxOptions(port=0)) as platform:
        library = faketime_library()
        clock = Clock(directory / "faketime", library) if library else None
        storage = {
            "directory": str(disk.path / "data"),
            "reserve_bytes": RESERVE_BYTES,
            "free_min_bytes": FREE_MIN_BYTES,
            "free_warn_bytes": FREE_WARN_BYTES,
            "keep_days": 2,
        }
        command = clock.command(program) if clock else program
        agent = AgentProcess(directory, platform.url, command, storage=storage, **SECTIONS)
        try:
            yield Shop(agent, platform, disk, clock, seed)
        finally:
            agent.close()
