"""Tries crash points of a recording, one image after the other."""

import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.power.findings import Found, Tried
from tests.power.image import Fate, images, put
from tests.power.ledger import Ledger

Inspect = Callable[[Path, Ledger, int], Awaitable[Found]]


class Point(NamedTuple):
    """A power cut after so many operations, and what becomes of what was not synced."""

    cut: int
    fate: Fate


def all_points(ledger: Ledger) -> list[Point]:
    """Every moment of a recording with every fate."""
    recording = ledger.recording
    return [Point(cut, fate) for cut in range(recording.start, recording.now + 1) for fate in Fate]


def some_points(ledger: Ledger, count: int, chance: Random) -> list[Point]:
    """Some of them, spread evenly."""
    every = all_points(ledger)
    return [every[min(len(every) - 1, int((number + chance.random()) * len(every) / count))] for number in range(count)]


async def try_points(
    ledger: Ledger, points: Sequence[Point], directory: Path, inspect: Inspect, chance: Random
) -> Tried:
    """Make the image of each point in `directory` and inspect it."""
    tried = Tried()
    for point in points:
        image = directory / "image"
        put(images(ledger.recording.ops[: point.cut], point.fate, chance), image)
        tried.add(await inspect(image, ledger, point.cut), point)
        shutil.rmtree(image)
    return tried
