"""How long a catalog takes to be changed over, how much memory, and how soon it answers, at several sizes.

Changing over runs in processes of its own, so that memory is its own, too; look-ups and searches run here, through the
agent's own `CatalogFile`, also while a next catalog is built.
"""

import asyncio
import multiprocessing
import random
import re
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from benchmarks import shop, table
from benchmarks.part import Ground, Part, Verdict, at_most, told
from benchmarks.spread import share
from store_agent.agent.runtime import SWITCH_INTERVAL_SECONDS
from store_agent.clock import SystemClock
from store_agent.domain.catalog import Catalog
from store_agent.storage.catalog.file import FILE_NAME, CatalogFile, open_catalog

LOOK_UP_SECONDS_MAX = 0.005
SEARCH_SECONDS_MAX = 0.020
CHANGE_SECONDS_MAX = 20.0
MEMORY_BYTES_MAX = 200_000_000
MOST = 0.99
"""The share of look-ups and searches that keep their limits."""

MEANWHILE = "look-ups by id while it is replaced"

TYPED = (
    "ice wine ries", "riesling", "r", "ri", "cre", "creme brulee", "käse grün", "KASE", "nordstrom jacke xl", "500 g",
    "4000", "40000001", "400123", "RIE-12-", "queso anejo", "drinks riesling", "shelf 12", "batch", "batch 17 doux",
    "mineralwasser 6-pack", "jus d'orange", "no such thing", "frisch", "bio", "vins bia",
)  # fmt: skip
"""What people type: whole words, beginnings, codes, and words that are in half of all items."""


class _Change(NamedTuple):
    """Seconds of making, of changing a hundredth, and of confirming; bytes of memory with and beside the catalog."""

    make: float
    change: float
    confirm: float
    memory: int
    beside: int


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    counts = (1_000, 5_000, 20_000) if ground.quick else (1_000, 20_000, 200_000)
    changes: dict[int, list[_Change]] = {}
    sizes: dict[int, int] = {}
    asked: dict[int, dict[str, list[float]]] = {}
    for count in counts:
        path = ground.directory / f"catalog-{count}"
        changes[count] = [_in_a_process(path, count, number) for number in range(ground.pick(3, 1))]
        sizes[count] = (path / FILE_NAME).stat().st_size
        asked[count] = _ask(path, count, ground.pick(2_000, 200))
    _show_changes(changes, sizes)
    _show_asked(asked)
    most = counts[-1]
    medians = {count: _median(of) for count, of in changes.items()}
    figures = {
        "change": {count: change._asdict() for count, change in medians.items()},
        "bytes_on_disk": sizes,
        "seconds": {
            count: {name: {str(part): share(values, part) for part in (0.5, MOST)} for name, values in of.items()}
            for count, of in asked.items()
        },
    }
    return Part(figures, _verdicts(most, medians[most], asked[most]))


def _verdicts(count: int, change: _Change, asked: dict[str, list[float]]) -> list[Verdict]:
    rows = f"{count:,} items"
    limits = {name: SEARCH_SECONDS_MAX if name == "searches" else LOOK_UP_SECONDS_MAX for name in asked}
    meanwhile = share(asked[MEANWHILE], MOST)
    return [
        at_most(f"catalog of {rows}: made", change.make, CHANGE_SECONDS_MAX, table.seconds),
        at_most(f"catalog of {rows}: a hundredth changed", change.change, CHANGE_SECONDS_MAX, table.seconds),
        at_most(f"catalog of {rows}: memory with the catalog", change.memory, MEMORY_BYTES_MAX, table.mebibytes),
        *(
            at_most(f"{rows}: 99 % of {name}", share(values, MOST), limits[name], table.milliseconds)
            for name, values in asked.items()
            if name != MEANWHILE
        ),
        told(f"{rows}: 99 % of {MEANWHILE}", meanwhile, table.milliseconds),
    ]


def _in_a_process(path: Path, count: int, number: int) -> _Change:
    """Change over in a new process; the last one leaves its file."""
    path.mkdir(exist_ok=True)
    (path / FILE_NAME).unlink(missing_ok=True)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_change, (path, count, number))


def _change(path: Path, count: int, number: int) -> _Change:
    return asyncio.run(_change_over(path, count, number))


async def _change_over(path: Path, count: int, number: int) -> _Change:
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    before = _memory("VmRSS")
    catalog = await open_catalog(path, SystemClock())
    made = shop.catalog(count)
    beside = _memory("VmRSS")
    _forget_peak()
    make = await _timed(partial(catalog.replace, made, "a benchmark"))
    peak = _memory("VmHWM")
    made = shop.catalog(count, number + 1)
    change = await _timed(partial(catalog.replace, made, "a benchmark"))
    confirm = await _timed(partial(catalog.replace, made, "a benchmark"))
    await catalog.close()
    return _Change(make, change, confirm, peak - before, peak - beside)


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    begin = time.perf_counter()
    await work()
    return time.perf_counter() - begin


def _memory(name: str) -> int:
    """Give what the kernel says of this process's memory, in bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def _forget_peak() -> None:
    """Let VmHWM begin anew. Source: proc_pid_clear_refs(5)."""
    Path("/proc/self/clear_refs").write_text("5")


def _ask(path: Path, count: int, times: int) -> dict[str, list[float]]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    try:
        return uvloop.run(_ask_all(path, shop.catalog(count), times))
    finally:
        sys.setswitchinterval(interval)


async def _ask_all(path: Path, held: Catalog, times: int) -> dict[str, list[float]]:
    catalog = await open_catalog(path, SystemClock())
    asked = {name: await _repeat(question, times) for name, question in _questions(catalog, held).items()}
    importing = asyncio.create_task(catalog.replace(held, "a benchmark"))
    await asyncio.sleep(0)
    meanwhile = []
    look_up = _questions(catalog, held)["look-ups by id"]
    while not importing.done():
        meanwhile += await _repeat(look_up, 10)
        await asyncio.sleep(0.01)
    await importing
    await catalog.close()
    return {**asked, MEANWHILE: meanwhile}


def _questions(catalog: CatalogFile, held: Catalog) -> dict[str, Callable[[], Awaitable[Any]]]:
    chance = random.Random(3)

    def item_id() -> str:
        return chance.choice(held.items).item_id

    return {
        "look-ups by id": lambda: catalog.item(item_id()),
        "look-ups by SKU": lambda: catalog.by_sku(chance.choice(held.items).sku or ""),
        "look-ups by barcode": lambda: catalog.by_barcode(chance.choice(held.items).barcodes[0]),
        "modifiers of an item": lambda: catalog.modifiers_of(item_id()),
        "categories with their items": lambda: catalog.category(chance.choice(held.categories).category_id),
        "checks of the 12 items of a sale": lambda: catalog.missing([item_id() for _ in range(12)]),
        "searches": lambda: catalog.search(chance.choice(TYPED)),
    }


async def _repeat(question: Callable[[], Awaitable[Any]], times: int) -> list[float]:
    return [await _timed(question) for _ in range(times)]


def _median(changes: list[_Change]) -> _Change:
    return _Change(*(sorted(values)[len(values) // 2] for values in zip(*changes, strict=True)))


def _show_changes(changes: dict[int, list[_Change]], sizes: dict[int, int]) -> None:
    header = ("", "made", "1 % changed", "the same again", "memory", "beside the catalog", "on disk")
    rows = []
    for count, of in changes.items():
        middle = _median(of)
        seconds = [table.seconds(value) for value in middle[:3]]
        memory = [table.mebibytes(value) for value in (middle.memory, middle.beside, sizes[count])]
        rows.append([f"{count:,} items", *seconds, *memory])
    note = "Medians; checked, compared, indexed and synced. Memory is the peak while it is made."
    table.show("Catalog: changing over", header, rows, note)


def _show_asked(asked: dict[int, dict[str, list[float]]]) -> None:
    header = ("", *(f"{count:,} {what}" for count in asked for what in ("median", "99 %")))
    names = next(iter(asked.values()))
    rows = [
        [name, *(table.milliseconds(share(of[name], part)) for of in asked.values() for part in (0.5, MOST))]
        for name in names
    ]
    table.show("Catalog: answers by number of items", header, rows, f"Searches are {len(TYPED)} in random order.")
