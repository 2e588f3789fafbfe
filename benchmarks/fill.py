"""Databases with many waiting sales, filled through the agent's own Intake in large calls.

The sales are copies of one that was really read, with another transaction_id and digest each: reading is measured in
`ingest`, and a million sales would take minutes more.
"""

import hashlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.carts import CartMaker
from benchmarks.load import CLOSED_AT
from store_agent.clock import SystemClock
from store_agent.config.settings import Storage
from store_agent.domain.container import Identity, read_container
from store_agent.domain.transaction import Sale, read_sale
from store_agent.sandbox.sales import sale_bytes
from store_agent.storage.database import Database, open_database
from store_agent.storage.intake import Arrival, Intake
from store_agent.storage.key import Keys, read_keys

TOGETHER = 1_000
"""Sales in one call, and so in one commit; as many as the agent's API takes at once."""

_IDENTITY = Identity("1", "c")


def mint() -> str:
    return str(uuid.uuid4())


def small_sale() -> Sale:
    """Read a sale of some 300 bytes, of a guest who is not known, so that it gets a receipt code."""
    values = {
        "pos_employee_id": "1000",
        "is_closed": True,
        "is_voided": False,
        "transaction_id": "fill-0000000",
        "subtotal": 4.5,
        "tax_total": 0.32,
        "open_time": "2026-03-01T11:58:00.000Z",
        "modified_time": "2026-03-01T12:00:00.000Z",
        "channel": "STORE",
        "items": [],
        "payments": [],
        "discounts": [],
    }
    return _read(json.dumps({"request_payload": values}).encode())


def large_sale(size: int) -> Sale:
    """Read a sale of about `size` bytes, as `ingest` sends them."""
    maker = CartMaker("fill", size)
    while (sale := maker.make(CLOSED_AT))["discounts"] or "user_id" in sale["payments"][0]:
        pass
    return _read(sale_bytes({**sale, "transaction_id": "fill-0000000"}))


def arrivals(sale: Sale, lane: str, start: int, count: int) -> list[Arrival]:
    """Make copies of a sale that each are another transaction, named by `lane` (4 characters) and number."""
    return [
        Arrival(
            terminal="lane-1",
            sale=_copy(sale, lane, number),
            forwarded="",
            alone=False,
            live=False,
            at="request_payload.",
        )
        for number in range(start, start + count)
    ]


async def fill(database: Database, sale: Sale, count: int) -> float:
    """Let `count` sales in; gives the seconds."""
    begin = time.monotonic()
    intake = Intake(database, SystemClock(), mint)
    for chunk in _chunks(sale, count):
        await intake.accept(chunk)
    return time.monotonic() - begin


@asynccontextmanager
async def open_encrypted(directory: Path) -> AsyncIterator[Database]:
    """Open the books as an agent of the benchmarks has them: encrypted, with a key beside them."""
    async with open_database(directory, SystemClock(), keys=_keys_beside(directory)) as database:
        yield database


async def bytes_of_each(directory: Path, sale: Sale, count: int) -> float:
    """Fill a database, close it, and give the bytes on disk per sale."""
    async with open_encrypted(directory) as database:
        await fill(database, sale, count)
    return size_of(directory) / count


def size_of(directory: Path) -> int:
    """Add up the files of a closed database."""
    return sum(file.stat().st_size for file in directory.iterdir())


def _keys_beside(directory: Path) -> Keys:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = read_keys(directory / Storage.model_fields["key_file"].default, make=True)
    return Keys(known[0], known)


def _chunks(sale: Sale, count: int) -> Iterator[list[Arrival]]:
    for start in range(0, count, TOGETHER):
        yield arrivals(sale, "fill", start, min(TOGETHER, count - start))


def _copy(sale: Sale, lane: str, number: int) -> Sale:
    name = f"{lane}-{number:07d}"
    assert len(name) == len(sale.transaction_id)  # the places of receipt codes stay where they are
    text = sale.text.replace(sale.transaction_id, name, 1)
    return replace(sale, transaction_id=name, text=text, digest=hashlib.sha256(text.encode()).digest())


def _read(body: bytes) -> Sale:
    container = read_container(body, _IDENTITY)
    return read_sale(container.payload, "request_payload.")
