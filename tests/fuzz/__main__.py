"""Sends fuzzed requests to a real agent: `python -m tests.fuzz --requests 1000000 --seed 1`.

No platform is there: what is sold waits on the disk. The same seed makes the same requests; a violation names its
number.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.run import QUICK, Result, run
from tests.support.agent import AgentProcess, free_port

SHOWN_MAX = 20
"""Violations; more of them say little more."""


def main() -> int:
    """Run what the command line asks for; gives the exit code."""
    options = _parse()
    with tempfile.TemporaryDirectory() as folder:
        agent = AgentProcess(Path(folder), f"http://127.0.0.1:{free_port()}", api=QUICK)
        try:
            result = run(agent.start(), options.requests, options.seed, options.callers)
        finally:
            agent.close()
    _show(result)
    return 1 if result.violations else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many to send")
    parser.add_argument("--seed", type=int, default=1, help="of what is wrong with each")
    parser.add_argument("--callers", type=int, default=8, help="how many send at the same time")
    return parser.parse_args()


def _show(result: Result) -> None:
    lines = [f"VIOLATION {words}" for words in result.violations[:SHOWN_MAX]]
    lines += ["answer     requests", "-------  ----------"]
    lines += [f"{status or 'cut off':<7}  {number:>10,}" for status, number in sorted(result.counts.items())]
    memory = [held / 2**20 for _, held in result.memory.samples]
    pace = result.requests / max(result.seconds, 0.001)
    lines.append(f"\n{result.requests:,} requests in {result.seconds:.0f} s, {pace:,.0f} a second")
    if memory:
        growth = result.memory.growth / 2**20
        lines.append(f"memory {memory[0]:.1f} MiB at first, {memory[-1]:.1f} MiB at last, growth {growth:+.1f} MiB")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
