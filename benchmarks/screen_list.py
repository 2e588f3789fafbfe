"""What looking at the queue costs with a thousand, a hundred thousand and a million sales in it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks import table
from benchmarks.part import Ground, Part, at_most
from benchmarks.screen import SCREEN
from benchmarks.servers import agent, closed_port
from benchmarks.spread import Spread
from benchmarks.start import filled
from benchmarks.terminal import COLUMNS, LINES, Terminal, opened

PAGE_UP, PAGE_DOWN, HOME, END = "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F"
LEAVES = 25
"""Pages that are leafed away from a place, and back: less than half of the smallest list."""

JUMPS = 5
OPEN_SECONDS_MAX = 0.5
RATIO_MAX = 1.5
GROWTH_BYTES_MAX = 10 * 2**20

Taken = dict[str, list[float]]


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    counts = ground.row_counts
    taken: dict[int, Taken] = {count: {} for count in counts}
    paths = {count: filled(ground, count) for count in counts}
    for number in range(ground.pick(3, 1)):
        for count in counts[:: 1 if number % 2 == 0 else -1]:
            _one(paths[count], taken[count])
    spreads = {count: {name: Spread.of(values) for name, values in taken[count].items()} for count in counts}
    _show(spreads)
    few, many = spreads[counts[0]], spreads[counts[-1]]
    most = f"{counts[-1]:,}"
    leafing = many["page down"].median / few["page down"].median
    growth = many["memory, leafed"].median - few["memory, leafed"].median
    return Part(
        {str(count): {name: spread.as_json() for name, spread in named.items()} for count, named in spreads.items()},
        [
            at_most(f"queue opened, {most} waiting", many["open"], OPEN_SECONDS_MAX, table.seconds),
            at_most(f"page down, {most} beside {counts[0]:,}", leafing, RATIO_MAX, table.ratio),
            at_most(f"screen's memory, {most} beside {counts[0]:,}", growth, GROWTH_BYTES_MAX, table.mebibytes),
        ],
    )


@contextlib.contextmanager
def told(config: Path) -> Iterator[Terminal]:
    """Open the screen, until it tells how the store is."""
    with opened([*SCREEN, str(config)]) as terminal:
        terminal.wait_for("Yes.", terminal.begin)
        terminal.rest(1.0)
        yield terminal


def resident(terminal: Terminal) -> int:
    return int(psutil.Process(terminal.pid).memory_info().rss)


def _one(path: Path, taken: Taken) -> None:
    with closed_port() as platform, agent(path, platform), told(path / "config.toml") as terminal:
        _note(taken, "memory, idle", resident(terminal))
        begin = terminal.press("2")
        _note(taken, "open", terminal.wait_for("fill-", begin))
        for place in (HOME, _bar(0.5), END):
            terminal.press(place)
            terminal.rest(0.5)
            _leaf(terminal, taken, up_first=place == END)
        for _ in range(JUMPS):
            for name, keys in (("first", HOME), ("last", END), ("by the bar", _bar(0.4)), ("by the bar", _bar(0.6))):
                _note(taken, name, _moved(terminal, keys))
        _note(taken, "memory, leafed", resident(terminal))


def _leaf(terminal: Terminal, taken: Taken, *, up_first: bool) -> None:
    ways = [("page down", PAGE_DOWN), ("page up", PAGE_UP)]
    for name, keys in reversed(ways) if up_first else ways:
        for _ in range(LEAVES):
            _note(taken, name, _moved(terminal, keys))


def _moved(terminal: Terminal, keys: str) -> float:
    """Press keys; gives the seconds until another sale is under the cursor."""
    terminal.rest(0.02)
    before = terminal.picture.cursor
    begin = terminal.press(keys)
    return terminal.wait(lambda picture: picture.cursor not in (None, before), begin)


def _bar(share: float) -> str:
    """Click at a part of the bar beside the list."""
    place = f"0;{COLUMNS};{6 + round(share * (LINES - 8))}"
    return f"\x1b[<{place}M\x1b[<{place}m"


def _note(taken: Taken, name: str, value: float) -> None:
    taken.setdefault(name, []).append(value)


def _show(spreads: dict[int, dict[str, Spread]]) -> None:
    few, *_, many = spreads.values()
    rows = []
    for name in few:
        form = table.mebibytes if name.startswith("memory") else table.milliseconds
        medians = [form(named[name].median) for named in spreads.values()]
        rows.append([name, *medians, table.ratio(many[name].median / few[name].median)])
    header = ("", *(f"{count:,}" for count in spreads), "largest / smallest")
    table.show("Screen: the queue by its length, medians", header, rows, "From a key to what a terminal shows.")
