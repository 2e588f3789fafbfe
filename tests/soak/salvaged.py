"""A database with flipped bytes, and the report of what could be saved of it (G13)."""

import json
import shutil
from pathlib import Path

from tests.soak.shop import Shop

BYTES = 12

SKIPPED_BYTES = 4_096
"""The first page, which says what the file is, is a case of its own: see the tests of salvage."""


def flip_bytes(shop: Shop) -> None:
    """Flip a few bytes in the database of an agent that is down."""
    with shop.database.open("r+b") as file:
        size = shop.database.stat().st_size
        for _ in range(BYTES):
            at = shop.chance.randrange(SKIPPED_BYTES, size)
            file.seek(at)
            (byte,) = file.read(1)
            file.seek(at)
            file.write(bytes([byte ^ shop.chance.randrange(1, 256)]))


def read_reports(shop: Shop) -> None:
    """Take over what the agent says is lost, and delete what it set aside, as a person does who has read it."""
    for aside in shop.data.glob("damaged-*"):
        if not (aside / "report.json").exists() or (aside / "unfinished").exists():
            continue  # the agent is at it
        shop.salvages += 1
        shop.known_lost |= _lost(aside)
        shutil.rmtree(aside)


def _lost(aside: Path) -> set[int]:
    """Give the sequences of which the report says that they are unreadable, or that nothing was found of them."""
    found: set[int] = set()
    for line in map(json.loads, (aside / "sales.jsonl").read_text().splitlines()):
        if line["what"] == "lost":
            found.add(line["sequence"])
        elif line["what"] == "nothing found":
            found.update(range(line["first"], line["last"] + 1))
    return found
