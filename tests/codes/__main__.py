"""Gives out receipt codes by the hundred thousand while the agent is killed: `python -m tests.codes --codes 100000`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.codes.run import Result, run
from tests.support.agent import AgentProcess, free_port


def main() -> int:
    """Run what the command line asks for; gives the exit code."""
    options = _parse()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        agent = AgentProcess(Path(folder), f"http://127.0.0.1:{free_port()}")
        try:
            result = run(agent.start(), options.codes, options.seed, options.kills)
        finally:
            agent.close()
    _show(result, time.monotonic() - began)
    return 1 if result.violations else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.codes", description=__doc__)
    parser.add_argument("--codes", type=int, default=100_000, help="how many to give out")
    parser.add_argument("--kills", type=int, default=50, help="how often the agent is killed meanwhile")
    parser.add_argument("--seed", type=int, default=1, help="of what the tills do and when the kills come")
    return parser.parse_args()


def _show(result: Result, seconds: float) -> None:
    lines = [f"VIOLATION {words}" for words in result.violations]
    counts = ", ".join(f"{number:,} {kind}" for kind, number in sorted(result.counts.items()))
    verdict = "NOT unique and stable" if result.violations else "all unique and stable"
    lines.append(f"{result.codes:,} codes, {result.kills} kills in {seconds:.0f} s: {verdict} (answers: {counts})")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
