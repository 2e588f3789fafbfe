"""Tries every fault at many more points than the test suite: `python -m tests.power`, or some rows by name."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.power.cuts import Cuts
from tests.power.disk_errors import SALES, DiskErrors
from tests.power.ext4 import NotHere, ext4_disk
from tests.power.findings import Tried
from tests.power.kill_stories import drain, migration, sell_one
from tests.power.kills import Kills, Story
from tests.power.ledger import Ledger
from tests.power.migrating import inspect_migration, migrate_recorded
from tests.power.points import Inspect, all_points, some_points, try_points
from tests.power.story import live
from tests.power.survivors import inspect
from tests.power.traced import SYNCS, TracedAgent, why_not_traced
from tests.support.agent import AgentProcess

WORDS_SHOWN_MAX = 10
CUTS = 25
STEPS = 60
OLD_SALES = 60
FAILING_FOR_A_WHILE = range(1, SALES + 1)

_MEMORY = Path("/dev/shm")  # noqa: S108 - a place, not a file name

Row = Callable[[Path, int, int | None], Tried]
"""Tries one kind of fault in a directory, by a seed, at so many points or at all."""


def main() -> int:
    """Print a line for each fault; gives 1 if anything was lost, doubled or otherwise wrong."""
    options = _parse()
    _show(f"{'fault':<46}{'points':>8}{'acknowledged':>14}{'lost':>6}{'doubled':>9}{'wrong':>7}")
    wrong = [_line(name, options) for name in options.rows or ROWS]
    return 1 if any(wrong) else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.power", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which ones: {', '.join(ROWS)}", choices=[[], *ROWS])
    parser.add_argument("--seed", type=int, default=1, help="of stories, cuts and of what a power cut keeps")
    parser.add_argument("--points", type=int, default=None, help="of a recorded disk; all of them if not given")
    return parser.parse_args()


def _line(name: str, options: argparse.Namespace) -> bool:
    words, row = ROWS[name]
    with _directory() as directory:
        try:
            tried = row(directory, options.seed, options.points)
        except NotHere as reason:
            _show(f"{words:<46}  not tried: {reason}")
            return False
    numbers = f"{tried.points:>8,}{tried.acknowledged:>14,}{tried.lost:>6,}{tried.doubled:>9,}{len(tried.words):>7,}"
    _show(f"{words:<46}{numbers}", *(f"  {word[:300]}" for word in tried.words[:WORDS_SHOWN_MAX]))
    return bool(tried.lost or tried.doubled or tried.words)


def _recorded_sales(directory: Path, seed: int, points: int | None) -> Tried:
    ledger = asyncio.run(live(directory / "store", seed, STEPS))
    return _try_recorded(ledger, directory, inspect, seed, points)


def _recorded_migration(directory: Path, seed: int, points: int | None) -> Tried:
    ledger = asyncio.run(migrate_recorded(directory / "store", OLD_SALES))
    return _try_recorded(ledger, directory, inspect_migration, seed, points)


def _try_recorded(ledger: Ledger, directory: Path, inspect: Inspect, seed: int, count: int | None) -> Tried:
    chance = Random(seed)  # noqa: S311 - points must repeat, not surprise
    points = all_points(ledger) if count is None else some_points(ledger, count, chance)
    return asyncio.run(try_points(ledger, points, directory, inspect, chance))


def _ext4(directory: Path, seed: int, _: int | None) -> Tried:
    with (
        _platform() as platform,
        ext4_disk(directory) as disk,
        closing(Cuts(disk, directory / "agent", platform)) as cuts,
    ):
        return cuts.cut(CUTS, Random(seed))  # noqa: S311 - cuts must repeat, not surprise


def _kills(story: Story) -> Row:
    def row(directory: Path, _: int, __: int | None) -> Tried:
        with _traced(directory) as (traced, platform):
            return Kills(traced, platform, story).every()

    return row


def _kills_in_migration(directory: Path, _: int, __: int | None) -> Tried:
    with _traced(directory) as (traced, platform):
        return migration(traced, platform).every()


def _failing_syncs(directory: Path, _: int, __: int | None) -> Tried:
    with _traced(directory) as (traced, platform):
        return DiskErrors(traced, platform, SYNCS).once()


def _failing_writes(directory: Path, _: int, __: int | None) -> Tried:
    with _traced(directory) as (traced, platform):
        return DiskErrors(traced, platform, "pwrite64", (traced.log_file,)).once()


def _failing_for_a_while(directory: Path, _: int, __: int | None) -> Tried:
    with _traced(directory) as (traced, platform):
        return DiskErrors(traced, platform, SYNCS).for_a_while(FAILING_FOR_A_WHILE)


ROWS: dict[str, tuple[str, Row]] = {
    "sales": ("power cut, recorded disk: a store's life", _recorded_sales),
    "steps": ("power cut, recorded disk: migration", _recorded_migration),
    "ext4": ("power cut, ext4: the agent under load", _ext4),
    "kill-sale": ("kill -9 at every sync: a sale", _kills(sell_one)),
    "kill-drain": ("kill -9 at every sync: a drain", _kills(drain)),
    "kill-steps": ("kill -9 at every sync: a migration", _kills_in_migration),
    "sync": ("EIO on every sync of a sale", _failing_syncs),
    "write": ("EIO on every write to the log in a sale", _failing_writes),
    "dead": ("EIO on all syncs for a while", _failing_for_a_while),
}


@contextmanager
def _directory() -> Iterator[Path]:
    directory = tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None, prefix="power-")
    try:
        yield Path(directory)
    finally:
        shutil.rmtree(directory)


@contextmanager
def _platform() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(port=0)) as server:
        yield server


@contextmanager
def _traced(directory: Path) -> Iterator[tuple[TracedAgent, SandboxServer]]:
    if reason := why_not_traced():
        raise NotHere(reason)
    with _platform() as platform, closing(AgentProcess(directory, platform.url)) as agent:
        yield TracedAgent(agent), platform


def _show(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
