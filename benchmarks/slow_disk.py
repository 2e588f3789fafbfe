"""What group commit is worth on a slow disk: the agent against itself with a commit for each sale.

The disk is made slow by a preloaded library that is compiled at run time; without a C compiler this is left out.
"""

import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import table
from benchmarks.ingest import NO_STORE
from benchmarks.load import SALE_BYTES, fire
from benchmarks.part import Ground, Part, Verdict, at_least
from benchmarks.servers import Served, agent, closed_port, run_module
from benchmarks.spread import Spread

LANES = 32
SYNC_MS = (2, 8)
"""Milliseconds that each sync takes longer: a worn flash card, a spinning disk. The target is for the first."""

GAIN_MIN = 8.0
COMMIT_EACH = ("benchmarks.commit_each",)
SERVERS = ("agent", "commit each", "no store")

_FIGURE = f"throughput, {LANES} lanes, sync {SYNC_MS[0]} ms slower / commit for each sale"
_SOURCE = Path(__file__).with_name("slow_sync.c")


@dataclass
class _Taken:
    """What the rounds on one disk gave, by server; `sync` is the bare cost in seconds."""

    sync: float
    rates: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SERVERS})
    alone: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SERVERS})

    def rate(self, server: str) -> Spread:
        return Spread.of(self.rates[server])

    @property
    def gain(self) -> Spread:
        return self.rate("agent") / self.rate("commit each")

    @property
    def added(self) -> Spread:
        """The agent's latency for a single lane over that of the work and the sync."""
        bare = Spread.of([self.sync] * len(self.alone["agent"]))
        return Spread.of(self.alone["agent"]) / (Spread.of(self.alone["no store"]) + bare)


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    library = compile_slow(ground.directory)
    if library is None:
        print(f"\nIngest on a slow disk: left out, since `cc` cannot compile {_SOURCE.name} here.")
        return Part({}, [Verdict(_FIGURE, None, table.ratio, f"at least {table.ratio(GAIN_MIN)}", None)])
    part = Part()
    for ms in SYNC_MS:
        taken = _measure(ground, ms, slowed(library, ms))
        _show(ms, taken)
        part.figures[f"{ms} ms"] = {
            "sync_seconds": taken.sync,
            "rates": {name: taken.rate(name).as_json() for name in SERVERS},
            "gain": taken.gain.as_json(),
            "latency_to_no_store_and_fsync": taken.added.as_json(),
        }
        if ms == SYNC_MS[0]:
            part.verdicts.append(at_least(_FIGURE, taken.gain, GAIN_MIN, table.ratio))
    return part


def slowed(library: Path, ms: int) -> dict[str, str]:
    """Give the environment in which each sync takes so many milliseconds longer."""
    return {"LD_PRELOAD": str(library), "SLOW_SYNC_MS": str(ms)}


def compile_slow(directory: Path) -> Path | None:
    """Compile the library that slows syncs down; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = directory / "slow_sync.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"]
    done = subprocess.run(command, check=False, capture_output=True)
    return library if done.returncode == 0 else None


def _measure(ground: Ground, ms: int, slow: dict[str, str]) -> _Taken:
    arguments = ["benchmarks.bare_sync", str(ground.directory / "synced"), "50", str(SALE_BYTES)]
    taken = _Taken(median(run_module(arguments, slow)))
    with ExitStack() as stack:
        platform = stack.enter_context(closed_port())
        at = ground.directory / f"slow-{ms}"
        servers = {
            "agent": stack.enter_context(agent(at / "agent", platform, environment=slow)),
            "commit each": stack.enter_context(agent(at / "each", platform, kind=COMMIT_EACH, environment=slow)),
            "no store": stack.enter_context(agent(at / "no-store", platform, kind=NO_STORE)),
        }
        for server in servers.values():
            fire(server, LANES, 300)
        for number in range(ground.pick(7, 2)):
            for name in list(servers)[:: 1 if number % 2 == 0 else -1]:
                _turn(ground, name, servers[name], ms, taken)
    return taken


def _turn(ground: Ground, name: str, server: Served, ms: int, taken: _Taken) -> None:
    """Let a server sell; one that commits each sale gets fewer, so that a round takes as long everywhere."""
    count = ground.pick(1_600, 400) // ms if name == "commit each" else ground.pick(4_000, 1_000)
    taken.rates[name].append(fire(server, LANES, count).rate)
    taken.alone[name].append(fire(server, 1, ground.pick(200, 50)).median)


def _show(ms: int, taken: _Taken) -> None:
    rows = [
        ["agent", *taken.rate("agent").shown(table.rate)],
        ["agent, a commit for each sale", *taken.rate("commit each").shown(table.rate)],
        ["agent / a commit for each sale", *taken.gain.shown(table.ratio)],
        ["no store (what the processor allows)", *taken.rate("no store").shown(table.rate)],
        ["1 lane: ack / (no store + fsync)", *taken.added.shown(table.ratio)],
    ]
    title = f"Ingest on a slow disk: sales a second, {LANES} lanes, each sync {ms} ms slower"
    note = f"A bare append of {SALE_BYTES:,} bytes with fsync takes {table.milliseconds(taken.sync)} there."
    table.show(title, ("", "median", "min .. max of rounds"), rows, note)
