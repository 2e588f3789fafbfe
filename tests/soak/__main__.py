"""A store for an hour, with every fault in turn: `python -m tests.soak --minutes 60`."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tests.soak.machines import why_not
from tests.soak.plan import plan
from tests.soak.report import lines
from tests.soak.run import SHORT_DAYS, Soak, open_shop

UNAVAILABLE = 69

_MEMORY = Path("/dev/shm")  # noqa: S108 - a place, not a file name


def main() -> int:
    """Soak as the command line asks; gives 1 if anything was lost or doubled, grew or was otherwise wrong."""
    options = _parse()
    directory = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None, prefix="soak-"))
    try:
        return _soak(options, directory)
    except pytest.skip.Exception as reason:
        _show(str(reason))
        return UNAVAILABLE
    finally:
        if options.keep:
            _show(f"The files are in {directory}.")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def _soak(options: argparse.Namespace, directory: Path) -> int:
    missing = why_not()
    for fault, reason in missing.items():
        _show(f"not tried: {fault}: {reason}")
    days = plan(
        options.seed, max(1, round(options.minutes * 60 / options.day)), options.day, [*missing, *options.without]
    )
    program = (sys.executable, "-m", "tests.soak.hurried_agent", str(max(1, int(options.day) // SHORT_DAYS)))
    with open_shop(directory, program, options.seed) as shop:
        soak = Soak(shop, day_seconds=options.day, rate=options.rate, seed=options.seed)
        outcome = soak.live(days, _show)
    for line in lines(outcome):
        _show(line)
    return 1 if outcome.wrong else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long, all days together")
    parser.add_argument("--day", type=float, default=120.0, help="seconds of a day")
    parser.add_argument("--rate", type=float, default=30.0, help="sales a second in the rush, all lanes together")
    parser.add_argument("--seed", type=int, default=1, help="of days, sales and deeds")
    parser.add_argument("--without", action="append", default=[], metavar="FAULT", help="leave out a fault")
    parser.add_argument("--keep", action="store_true", help="keep the files, to look at them")
    return parser.parse_args()


def _show(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
