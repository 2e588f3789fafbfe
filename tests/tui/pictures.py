"""Draws the pictures of the README from the scenes: `python -m tests.tui.pictures`, or `make pictures`."""

import asyncio
import sys
from pathlib import Path

from tests.tui.gallery import SHOTS, shoot
from tests.tui.sitting import elsewhere

DIRECTORY = Path(__file__).parents[2] / "docs" / "pictures"

SIZE = (100, 28)
"""Columns and lines: wide enough for every word, and still to be read in the width of a page."""

DRAWN = {
    "overview": "overview-draining",
    "overview-offline": "overview-offline",
    "queue": "queue-parked",
    "attention": "attention-parked",
    "discard": "dialog-discard-parked",
    "day": "day-online",
}
"""The names of the files, and of what they show."""


async def draw() -> None:
    """Draw them all."""
    shots = {shot.name: shot for shot in SHOTS}
    for file, name in DRAWN.items():
        picture = await shoot(shots[name], SIZE)
        (DIRECTORY / f"{file}.svg").write_text(picture.svg("store-agent tui"), encoding="utf-8")
        sys.stdout.write(f"docs/pictures/{file}.svg\n")


def main() -> None:
    """Draw them."""
    DIRECTORY.mkdir(exist_ok=True)
    with elsewhere():
        asyncio.run(draw())


if __name__ == "__main__":
    main()
