"""How soon a key shows while events arrive, and what becomes of the screen's memory."""

import random
from pathlib import Path

import psutil

from benchmarks import table
from benchmarks.part import Ground, Part, at_most
from benchmarks.screen_list import resident, told
from benchmarks.servers import agent, closed_port
from benchmarks.spread import Spread, share
from benchmarks.start import filled
from benchmarks.terminal import Terminal

RATES = (0, 500)
"""Events a second: none, and a platform that refuses a backlog as fast as it is sent."""

FLOOD = 5_000
FLOOD_SECONDS = 60
"""Told at that rate for so long, ten minutes of the above; a screen that falls behind is sent away and comes back."""

UP, DOWN = "\x1b[A", "\x1b[B"
KEY_SECONDS_MAX = 0.05
GROWTH_BYTES_MAX = 20 * 2**20
_MIDDLE = 12
_chance = random.Random(7)

Taken = dict[str, list[float]]


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    path = filled(ground, ground.row_counts[0])
    taken: dict[int, Taken] = {rate: {} for rate in RATES}
    for number in range(ground.pick(3, 1)):
        for rate in RATES[:: 1 if number % 2 == 0 else -1]:
            _one(path, rate, taken[rate], ground.pick(100, 20))
    idle, flooded = _flood(path, ground.pick(FLOOD_SECONDS, 5))
    _show(taken)
    slowest = {
        name: share(values, 0.99) for name, values in taken[RATES[-1]].items() if not name.startswith("processor")
    }
    named = {
        f"{name} at {rate} events/s": Spread.of(values).as_json()
        for rate in RATES
        for name, values in taken[rate].items()
    }
    return Part(
        {**named, "memory": {"idle": idle, "flooded": flooded}},
        [
            *(
                at_most(f"99 % of keys, {name}, {RATES[-1]} events/s", value, KEY_SECONDS_MAX, table.milliseconds)
                for name, value in slowest.items()
            ),
            at_most("screen's memory, more after a flood of events", flooded - idle, GROWTH_BYTES_MAX, table.mebibytes),
        ],
    )


def _one(path: Path, rate: int, taken: Taken, keys: int) -> None:
    with closed_port() as platform, _noisy(path, platform, rate), told(path / "config.toml") as terminal:
        for name, way, seen in (("queue", "2", "fill-"), ("log", "8", "noise-")):
            begin = terminal.press(way)
            terminal.wait_for(seen, begin)
            _measure(terminal, name, taken, [_cursor_moved] * keys)
        _measure(terminal, "overview", taken, [_to_help, _to_overview] * (keys // 2))


def _measure(terminal: Terminal, name: str, taken: Taken, presses) -> None:
    terminal.rest(1.0)
    before = _processor_seconds(terminal)
    for press in presses:
        terminal.rest(_chance.uniform(0.05, 0.15))
        taken.setdefault(name, []).append(press(terminal))
    spent = (_processor_seconds(terminal) - before) / len(presses)
    taken.setdefault(f"processor, {name}", []).append(spent)


def _cursor_moved(terminal: Terminal) -> float:
    """Move the cursor of a list."""
    before = terminal.picture.cursor
    begin = terminal.press(DOWN if before is None or before[0] < _MIDDLE else UP)
    return terminal.wait(lambda picture: picture.cursor not in (None, before), begin)


def _to_help(terminal: Terminal) -> float:
    return terminal.wait_for("What the states", terminal.press("0"))


def _to_overview(terminal: Terminal) -> float:
    return terminal.wait_for("Are sales safe?", terminal.press("1"))


def _flood(path: Path, seconds: float) -> tuple[int, int]:
    """Give the resident bytes of the screen at its log, before and after very many events."""
    with closed_port() as platform, _noisy(path, platform, RATES[-1]), told(path / "config.toml") as terminal:
        terminal.press("8")
        terminal.rest(2.0)
        idle = resident(terminal)
    with closed_port() as platform, _noisy(path, platform, FLOOD), told(path / "config.toml") as terminal:
        terminal.press("8")
        terminal.rest(seconds)
        return idle, resident(terminal)


def _noisy(path: Path, platform: int, rate: int):
    return agent(path, platform, kind=("benchmarks.noisy_agent",), environment={"EVENTS_A_SECOND": str(rate)})


def _processor_seconds(terminal: Terminal) -> float:
    spent = psutil.Process(terminal.pid).cpu_times()
    return spent.user + spent.system


def _show(taken: dict[int, Taken]) -> None:
    rows = []
    for name in taken[RATES[0]]:
        for rate in RATES:
            values = taken[rate][name]
            cells = [table.milliseconds(value) for value in (Spread.of(values).median, share(values, 0.99))]
            rows.append([f"{name}, {rate} events/s", *cells])
    note = (
        "From a key to what a terminal shows: the cursor on another line, or another screen. Processor: for each key."
    )
    table.show("Screen: keys while events arrive", ("", "median", "99 %"), rows, note)
