"""Attacks a real agent in every way and prints what came of it: `python -m tests.attacks`."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.attacks.attempt import Attempt
from tests.attacks.kinds import KINDS, Kind, attack
from tests.attacks.pages import allowed, page_server
from tests.attacks.store import Store

ANSWER_LETTERS_MAX = 100
VERDICTS = {True: "yes", False: "NO", None: "-"}


def main() -> int:
    """Run what the command line asks for; gives the exit code: 1 if an attack got through."""
    chosen = {name: KINDS[name] for name in _parse().kinds or KINDS}
    tried = list(_attacked(chosen))
    _show(tried)
    return 1 if any(one.held is False for one in tried) else 0


def _attacked(chosen: dict[str, Kind]) -> Iterator[Attempt]:
    with tempfile.TemporaryDirectory() as folder, page_server() as ours, SandboxServer(SandboxOptions(port=0)) as side:
        store = Store(Path(folder), side, allowed_origins=[f"http://127.0.0.1:{ours.server_port}"])
        try:
            yield from attack(store, chosen)
            if "pages" in chosen:
                yield from allowed(store, ours)
        finally:
            store.close()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; all if none is named")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"there is no kind {', '.join(sorted(unknown))}")
    return options


def _show(tried: list[Attempt]) -> None:
    rows = [("attack", "how tried", "answer", "held"), *map(_row, tried)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(" | ".join(cells).rstrip() + "\n")
    through = sum(one.held is False for one in tried)
    untried = sum(one.held is None for one in tried)
    sys.stdout.write(f"\n{len(tried)} attempts, {through} got through, {untried} could not be tried here\n")


def _row(one: Attempt) -> tuple[str, str, str, str]:
    """Write an attempt so that a terminal can show it."""
    how, answer = (text if text.isprintable() else repr(text)[1:-1] for text in (one.how, one.answer))
    return one.attack, how, answer[:ANSWER_LETTERS_MAX], VERDICTS[one.held]


if __name__ == "__main__":
    sys.exit(main())
