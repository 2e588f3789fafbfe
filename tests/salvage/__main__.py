"""Damages stores in great number: `python -m tests.salvage --seeds 100 [--first 0]` prints a table."""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.salvage.damages import DAMAGES
from tests.salvage.histories import History, make_all
from tests.salvage.trial import run

_COLUMNS = (
    "trials", "harmless", "salvaged", "open kept", "open in doubt", "open lost", "settled kept", "settled lost",
    "settled in doubt", "codes", "codes lost", "as after a power cut", "failed",
)  # fmt: skip


def main() -> int:
    """Run every damage on every store with every seed; gives the number of failures as exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.salvage")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    with tempfile.TemporaryDirectory() as folder:
        histories = make_all(Path(folder))
        totals = {name: _all_seeds(name, histories, seeds, Path(folder) / "trial") for name in DAMAGES}
    print(f"{'damage':20} " + " ".join(f"{column:>13.13}" for column in _COLUMNS))  # noqa: T201 - prints a table
    for name, total in {**totals, "all": sum(totals.values(), Counter())}.items():
        print(f"{name:20} " + " ".join(f"{total[column]:13,}" for column in _COLUMNS))  # noqa: T201 - prints a table
    return min(1, sum(total["failed"] for total in totals.values()))


def _all_seeds(name: str, histories: list[History], seeds: range, directory: Path) -> Counter[str]:
    total: Counter[str] = Counter()
    for history in histories:
        for seed in seeds:
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            total["trials"] += 1
            try:
                total += run(history, DAMAGES[name], f"{name}, {history.name}, {seed}", directory)
            except Exception as error:  # noqa: BLE001 - everything is a failure, and the rest goes on
                total["failed"] += 1
                print(f"{name!r}, {history.name!r}, {seed}: {error!r}", file=sys.stderr)  # noqa: T201 - tells which
    return total


if __name__ == "__main__":
    sys.exit(main())
