"""Runs simulated seeds: `python -m tests.simulation --seeds 1000`, or one of them with everything that happened."""

import argparse
import sys
import time
from dataclasses import replace

from tests.simulation.draw import draw
from tests.simulation.folder import open_folder
from tests.simulation.run import Failure, Summary, run_many, run_seed

FAILURES_SHOWN_MAX = 20
"""Failing seeds after which the rest is not run."""

PROGRESS_SECONDS = 30.0


def main() -> int:
    """Run what the command line asks for; gives the exit code."""
    options = _parse()
    if options.seed is not None:
        return _one(options.seed, trace=options.trace)
    return _many(range(options.first, options.first + options.seeds), options.jobs)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many to run")
    parser.add_argument("--first", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share them")
    parser.add_argument("--seed", type=int, help="run only this one")
    parser.add_argument("--trace", action="store_true", help="show everything that happened in it")
    return parser.parse_args()


def _one(seed: int, *, trace: bool) -> int:
    with open_folder() as folder:
        result = run_seed(seed, folder)
    if trace:
        _show(_plan_of(seed), *result.trace.lines())
    _show(f"trace {result.trace.digest()}", *_counted(Summary(result.counts)))
    _show(*(f"VIOLATION {violation}" for violation in result.violations))
    return 1 if result.violations else 0


def _many(seeds: range, jobs: int) -> int:
    began = shown = time.monotonic()
    total = Summary()
    for summary in run_many(seeds, jobs):
        total.add(summary)
        _show(*map(str, summary.failures))
        if len(total.failures) >= FAILURES_SHOWN_MAX:
            break
        if time.monotonic() - shown > PROGRESS_SECONDS:
            shown = time.monotonic()
            _show(f"... {total.counts['seeds']:,} seeds after {shown - began:.0f} s")
    _show(*_counted(total), _verdict(total.failures, time.monotonic() - began))
    return 1 if total.failures else 0


def _verdict(failures: list[Failure], seconds: float) -> str:
    return f"{len(failures)} violations in {seconds:.1f} s"


def _counted(total: Summary) -> list[str]:
    return [f"{number:>14,}  {name}" for name, number in sorted(total.counts.items())]


def _plan_of(seed: int) -> str:
    """Show a plan without its texts, which would bury it."""
    return repr(replace(draw(seed), tills=()))


def _show(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
