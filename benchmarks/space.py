"""Bytes on disk for each sale, what packing its text saves and costs, and whether 30 days offline fit.

Sales wait, as after 30 days without a line, with their receipt codes, indexes and seals. The recorded requests of the
platform's own collection have about 1,100 bytes; a cart of a dozen lines has 3,000.
"""

import time
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import uvloop
from zstandard import ZstdCompressor

from benchmarks import table
from benchmarks.carts import CartMaker
from benchmarks.fill import bytes_of_each, fill, large_sale
from benchmarks.load import CLOSED_AT, SALE_BYTES
from benchmarks.part import Ground, Part, at_most, told
from store_agent.clock import SystemClock
from store_agent.sandbox.sales import sale_text
from store_agent.storage import sqlite
from store_agent.storage.database import FILE_NAME, open_database
from store_agent.storage.packing import pack

RECORDED_BYTES = 1_100
DAYS = 30
SALES_A_DAY = 5_000
OFFLINE_BYTES_MAX = 2**30
"""What 30 days offline may take at 3,000 bytes a sale: 1 GiB."""

EACH_BYTES_MAX = 1_300
"""What a sale of 3,000 bytes may take on the disk, with its receipt code and all indexes."""

AS_STORED = "zstd, level 1, with the words of sales (as stored)"

Compress = Callable[[bytes], bytes]


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    sizes = {size: uvloop.run(_bytes_of_each(ground, size)) for size in (RECORDED_BYTES, SALE_BYTES)}
    offline = {size: each * DAYS * SALES_A_DAY for size, each in sizes.items()}
    _show_sizes(sizes, offline)
    sales = _carts(ground.pick(2_000, 200), SALE_BYTES)
    figures = {}
    rows = []
    for name, compress in _ways().items():
        share, seconds = _measure(compress, sales)
        stored = uvloop.run(_stored(ground, compress, sales))
        figures[name] = {"share": share, "cpu_seconds_a_sale": seconds, "bytes_on_disk_a_sale": stored}
        rows.append([name, table.ratio(share), f"{seconds * 1e6:,.0f} µs", f"{stored:,.0f}"])
    header = ("", "text kept", "CPU a sale", "bytes on disk a sale")
    note = f"{len(sales):,} different carts of about {SALE_BYTES:,} bytes. The CPU is the event loop's or the writer's."
    table.show("Space: what packing the text saves and costs", header, rows, note)
    return Part(
        {"bytes_on_disk_a_sale": sizes, "bytes_offline": offline, "compression": figures},
        [
            at_most(f"bytes on disk for a sale of {SALE_BYTES:,}", sizes[SALE_BYTES], EACH_BYTES_MAX, _bytes),
            told("packing a sale", figures[AS_STORED]["cpu_seconds_a_sale"], table.microseconds),
            *(
                at_most(
                    f"{DAYS} days offline, {SALES_A_DAY:,} sales a day of {size:,} bytes",
                    whole,
                    OFFLINE_BYTES_MAX,
                    table.mebibytes,
                )
                for size, whole in offline.items()
            ),
        ],
    )


def _bytes(value: float) -> str:
    return f"{value:,.0f} B"


async def _bytes_of_each(ground: Ground, size: int) -> float:
    return await bytes_of_each(ground.directory / f"space-{size}", large_sale(size), ground.pick(20_000, 2_000))


def _show_sizes(sizes: dict[int, float], offline: dict[int, float]) -> None:
    rows = [
        [f"sales of {size:,} bytes", f"{each:,.0f}", table.ratio(each / size), table.mebibytes(offline[size])]
        for size, each in sizes.items()
    ]
    header = ("", "bytes on disk a sale", "to text", f"{DAYS} days, {SALES_A_DAY:,} a day")
    table.show("Space: waiting sales on disk, with receipt codes and indexes", header, rows)


def _carts(count: int, size: int) -> list[bytes]:
    """Make different carts of about so many bytes."""
    maker = CartMaker("space", size)
    return [sale_text(maker.make(CLOSED_AT + timedelta(seconds=number))).encode() for number in range(count)]


def _ways() -> dict[str, Compress]:
    return {
        "as it is": bytes,
        "zlib, level 1": lambda text: zlib.compress(text, 1),
        "zstd, level 1": ZstdCompressor(level=1).compress,
        AS_STORED: pack,
    }


def _measure(compress: Compress, sales: list[bytes]) -> tuple[float, float]:
    """Give the share that is kept, and the seconds a sale."""
    begin = time.process_time()
    kept = sum(len(compress(text)) for text in sales)
    return kept / sum(map(len, sales)), (time.process_time() - begin) / len(sales)


async def _stored(ground: Ground, compress: Compress, sales: list[bytes]) -> float:
    """Give the bytes on disk of each sale if its text were stored so."""
    directory = ground.directory / f"space-stored-{time.monotonic_ns()}"
    sale = large_sale(RECORDED_BYTES)
    async with open_database(directory, SystemClock()) as database:
        await fill(database, sale, len(sales))
        packed = [(compress(text), number) for number, text in enumerate(sales, 1)]
        await database.write(lambda raw: raw.executemany("UPDATE payload SET body = ? WHERE sequence = ?", packed))
    return _compact(directory / FILE_NAME) / len(sales)


def _compact(path: Path) -> int:
    """Give the size of a database without what the change of its texts has freed."""
    copy = path.with_name("compact.db")
    raw = sqlite.connect(str(path), isolation_level=None)
    raw.execute("VACUUM INTO ?", (str(copy),))
    raw.close()
    return copy.stat().st_size
