"""How long a POS waits for its answer and how many sales a second the agent takes, while the platform is away."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from benchmarks import table
from benchmarks.bare_sync import SYNCS, append
from benchmarks.load import SALE_BYTES, Measured, fire
from benchmarks.part import Ground, Part, Verdict, at_least, at_most, told
from benchmarks.servers import Served, agent, closed_port
from benchmarks.spread import Spread

LANES = (1, 8, 32)
ADDED_MAX = 1.4
KEPT_MIN = 0.6
NO_STORE = ("benchmarks.no_store",)


@dataclass
class _Taken:
    """What the rounds gave: loads by server and lanes, seconds of the middle sync by kind."""

    loads: dict[tuple[str, int], list[Measured]] = field(default_factory=dict)
    syncs: dict[str, list[float]] = field(default_factory=dict)

    def medians(self, server: str, lanes: int) -> Spread:
        return Spread.of([load.median for load in self.loads[server, lanes]])

    def slowest(self, server: str, lanes: int) -> Spread:
        return Spread.of([load.slowest_hundredth for load in self.loads[server, lanes]])

    def told(self, lanes: int) -> Verdict:
        beside = f"no store {table.rate(self.rates('no store', lanes).median)}"
        return told(f"throughput, {lanes} lanes", self.rates("agent", lanes), table.rate, beside)

    def rates(self, server: str, lanes: int) -> Spread:
        return Spread.of([load.rate for load in self.loads[server, lanes]])


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    taken = _measure(ground)
    syncs = {name: Spread.of(values) for name, values in taken.syncs.items()}
    no_store, stored = taken.medians("no store", 1), taken.medians("agent", 1)
    added = stored / (no_store + syncs["fsync"])
    kept = {lanes: taken.rates("agent", lanes) / taken.rates("no store", lanes) for lanes in LANES}
    _show_latency(taken, syncs, added)
    _show_rates(taken, kept)
    return Part(
        {
            "seconds": {f"{server}, {lanes}": taken.medians(server, lanes).as_json() for server, lanes in taken.loads},
            "sync_seconds": {name: spread.as_json() for name, spread in syncs.items()},
            "rates": {f"{server}, {lanes}": taken.rates(server, lanes).as_json() for server, lanes in taken.loads},
            "latency_to_no_store_and_fsync": added.as_json(),
            "rate_to_no_store": {lanes: spread.as_json() for lanes, spread in kept.items()},
        },
        [
            told("ack latency, 1 lane", stored, table.milliseconds, _bases(no_store, syncs["fsync"])),
            at_most("ack latency, 1 lane / (no store + fsync)", added, ADDED_MAX, table.ratio),
            *[taken.told(lanes) for lanes in LANES],
            at_least("throughput, 32 lanes / no store", kept[32], KEPT_MIN, table.ratio),
        ],
    )


def _bases(no_store: Spread, sync: Spread) -> str:
    return f"no store {table.milliseconds(no_store.median)}, fsync {table.milliseconds(sync.median)}"


def _measure(ground: Ground) -> _Taken:
    taken = _Taken()
    with ExitStack() as stack:
        platform = stack.enter_context(closed_port())
        servers = {
            "agent": stack.enter_context(agent(ground.directory / "ingest", platform)),
            "no store": stack.enter_context(agent(ground.directory / "no-store", platform, kind=NO_STORE)),
        }
        for server in servers.values():
            fire(server, 8, ground.pick(1_000, 300))
        for number in range(ground.pick(9, 3)):
            _round(ground, servers, taken, turned=number % 2 == 1)
    return taken


def _round(ground: Ground, servers: dict[str, Served], taken: _Taken, *, turned: bool) -> None:
    """Let each server have its turn, in the other order every other round."""
    order = list(servers)[::-1] if turned else list(servers)
    _alone(ground, {name: servers[name] for name in order}, taken)
    for lanes in LANES[1:]:
        for name in order:
            taken.loads.setdefault((name, lanes), []).append(fire(servers[name], lanes, ground.pick(3_000, 600)))


def _alone(ground: Ground, servers: dict[str, Served], taken: _Taken) -> None:
    """Measure a single lane and the bare disk in thin slices, since the disk's mood changes within a round."""
    loads = {name: Measured([], 0.0) for name in servers}
    syncs: dict[str, list[float]] = {name: [] for name in SYNCS}
    for _ in range(ground.pick(8, 4)):
        for name, sync in SYNCS.items():
            syncs[name] += append(ground.directory / "synced", sync, ground.pick(60, 25), SALE_BYTES)
        for name, server in servers.items():
            loads[name] = loads[name].together(fire(server, 1, ground.pick(100, 50)))
    for name, load in loads.items():
        taken.loads.setdefault((name, 1), []).append(load)
    for name, seconds in syncs.items():
        taken.syncs.setdefault(name, []).append(median(seconds))


def _show_latency(taken: _Taken, syncs: dict[str, Spread], added: Spread) -> None:
    rows = [
        ["agent", *taken.medians("agent", 1).shown(table.milliseconds), _slowest(taken, "agent")],
        ["no store", *taken.medians("no store", 1).shown(table.milliseconds), _slowest(taken, "no store")],
        *([f"bare append and {name}", *spread.shown(table.milliseconds), ""] for name, spread in syncs.items()),
        ["agent / (no store + fsync)", *added.shown(table.ratio), ""],
    ]
    title = f"Ingest: until a sale of {SALE_BYTES:,} bytes is acknowledged, 1 lane"
    note = "Median of each round's median; 99 of 100: the median round's 99th percentile."
    table.show(title, ("", "median", "min .. max of rounds", "99 of 100"), rows, note)


def _slowest(taken: _Taken, server: str) -> str:
    return table.milliseconds(taken.slowest(server, 1).median)


def _show_rates(taken: _Taken, kept: dict[int, Spread]) -> None:
    rows = []
    for lanes in LANES:
        rows += [
            [f"agent, {lanes}", *taken.rates("agent", lanes).shown(table.rate)],
            [f"no store, {lanes}", *taken.rates("no store", lanes).shown(table.rate)],
            [f"agent / no store, {lanes}", *kept[lanes].shown(table.ratio)],
        ]
    table.show("Ingest: sales a second, by lanes", ("", "median", "min .. max of rounds"), rows)
