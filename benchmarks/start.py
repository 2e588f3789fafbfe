"""How soon the agent answers and how much memory it takes, with nothing and with a million sales waiting."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

from benchmarks import table
from benchmarks.fill import fill, open_encrypted, small_sale
from benchmarks.load import fire
from benchmarks.part import Ground, Part, at_most, told
from benchmarks.servers import agent, closed_port
from benchmarks.spread import Spread

LANES = 32
IDLE_AFTER_SECONDS = 2.0
START_SECONDS_MAX = 1.2
LATER_SECONDS_MAX = 0.3
IDLE_BYTES_MAX = 90 * 2**20
LOADED_BYTES_MAX = 150 * 2**20
MORE_BYTES_MAX = 30 * 2**20


@dataclass
class _Taken:
    """Values of each round, by waiting sales."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    idle: dict[int, list[float]] = field(default_factory=dict)
    loaded: dict[int, list[float]] = field(default_factory=dict)

    def spreads(self, kind: str) -> dict[int, Spread]:
        return {count: Spread.of(values) for count, values in getattr(self, kind).items()}


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    many = ground.row_counts[-1]
    paths = {0: ground.directory / "start-0", many: filled(ground, many)}
    taken = _measure(ground, paths)
    kinds = {kind: taken.spreads(kind) for kind in ("seconds", "idle", "loaded")}
    _show(many, kinds)
    seconds, idle, loaded = kinds["seconds"], kinds["idle"], kinds["loaded"]
    later, more = seconds[many] - seconds[0], idle[many] - idle[0]
    return Part(
        {kind: {count: spread.as_json() for count, spread in spreads.items()} for kind, spreads in kinds.items()},
        [
            at_most(f"start, {many:,} waiting", seconds[many], START_SECONDS_MAX, table.seconds),
            at_most(
                f"start, {many:,} waiting, later than with none",
                later,
                LATER_SECONDS_MAX,
                table.seconds,
            ),
            told("start, none waiting", seconds[0], table.seconds),
            at_most("memory idle, none waiting", idle[0], IDLE_BYTES_MAX, table.mebibytes),
            at_most(f"memory, {LANES} lanes selling", loaded[0], LOADED_BYTES_MAX, table.mebibytes),
            at_most(
                f"memory idle, {many:,} waiting, more than with none",
                more,
                MORE_BYTES_MAX,
                table.mebibytes,
            ),
        ],
    )


def filled(ground: Ground, count: int) -> Path:
    """Give a database of `count` waiting sales, the one of `storage` if that ran before."""
    if count not in ground.filled:
        path = ground.directory / f"start-{count}"
        path.mkdir()
        uvloop.run(_fill(path, count))
        ground.filled[count] = path
    return ground.filled[count]


async def _fill(path: Path, count: int) -> None:
    async with open_encrypted(path / "data") as database:
        await fill(database, small_sale(), count)


def _measure(ground: Ground, paths: dict[int, Path]) -> _Taken:
    taken = _Taken()
    with closed_port() as platform:
        for number in range(ground.pick(7, 3)):
            for count in list(paths)[:: 1 if number % 2 == 0 else -1]:
                _one(ground, paths[count], platform, count, taken)
    return taken


def _one(ground: Ground, path: Path, platform: int, count: int, taken: _Taken) -> None:
    with agent(path, platform) as server:
        time.sleep(IDLE_AFTER_SECONDS)
        resident = psutil.Process(server.pid).memory_info().rss
        with _largest(server.pid) as seen:
            fire(server, LANES, ground.pick(2_000, 500))
    taken.seconds.setdefault(count, []).append(server.start_seconds)
    taken.idle.setdefault(count, []).append(resident)
    taken.loaded.setdefault(count, []).append(max(seen))


@contextmanager
def _largest(pid: int):
    """Look at a process's resident memory from time to time; gives the list of what was seen."""
    seen: list[int] = []
    enough = threading.Event()
    watched = psutil.Process(pid)

    def look() -> None:
        while True:
            seen.append(watched.memory_info().rss)
            if enough.wait(0.05):
                return

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        enough.set()
        watcher.join()


def _show(many: int, kinds: dict[str, dict[int, Spread]]) -> None:
    forms = {"seconds": table.seconds, "idle": table.mebibytes, "loaded": table.mebibytes}
    names = {"seconds": "answers after", "idle": "resident, idle", "loaded": f"resident, {LANES} lanes selling"}
    rows = [
        [f"{names[kind]}, {count:,} waiting", *spreads[count].shown(forms[kind])]
        for kind, spreads in kinds.items()
        for count in (0, many)
    ]
    note = "From the start of the process until /healthz answers, asked every 5 ms."
    table.show("Start: seconds and memory", ("", "median", "min .. max of rounds"), rows, note)
