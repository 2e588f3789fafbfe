"""Takes a Debian machine through all that happens to a package, and prints a table: `python -m tests.machine`."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from store_agent import __version__
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.machine import workshop
from tests.machine.machine import Machine
from tests.machine.story import Step, Story
from tests.machine.till import Till
from tests.support.fake_printer import FakePrinter

OLDER = "0.0.9"
SEEN_LETTERS_MAX = 200


def main() -> int:
    """Give 0 if all was as it must be, 1 if not, 69 if that cannot be tried here."""
    _parse()
    try:
        workshop.demand_tools()
        older, newer = workshop.package(OLDER), workshop.package(__version__)
        debian = workshop.debian()
        lint = _lint(newer)
        workshop.leave_the_network()
    except workshop.NotHere as reason:
        sys.stderr.write(f"The machine test cannot be run: {reason}\n")
        return 69
    _show("step", "what was done", "ok", "what was seen")
    passed = _try(lint)
    with _store(debian, older, newer) as story:
        told = all(_try(step) for step in story.steps())
        if not told:
            sys.stderr.write(story.last_words())
    return 0 if told and passed else 1


def _parse() -> None:
    argparse.ArgumentParser(prog="python -m tests.machine", description=__doc__).parse_args()


def _lint(package: Path) -> Step:
    def lint() -> str:
        done = subprocess.run(
            ["lintian", "--allow-root", "--profile=debian", str(package)], capture_output=True, text=True, check=False
        )
        said = done.stdout.splitlines()
        errors = [line for line in said if line.startswith("E:")]
        assert not errors, errors
        return f"no errors, {len(said)} other remarks"

    return Step("lintian", f"lintian {package.name}", lint)


@contextmanager
def _store(debian: Path, older: Path, newer: Path) -> Iterator[Story]:
    with (
        tempfile.TemporaryDirectory(dir=workshop.BUILD) as directory,
        SandboxServer(SandboxOptions(port=0)) as platform,
        FakePrinter() as printer,
        closing(Machine(Path(directory), debian, older.parent)) as machine,
        closing(Till(machine, platform)) as till,
    ):
        machine.boot()
        yield Story(machine, till, printer, older, newer)


def _try(step: Step) -> bool:
    try:
        seen, passed = step.go(), True
    except Exception as failure:  # noqa: BLE001 - whatever goes wrong, the row and the last words are wanted
        seen, passed = f"{type(failure).__name__}: {failure}", False
    _show(step.name, step.done, "yes" if passed else "NO", seen if not passed else seen[:SEEN_LETTERS_MAX])
    return passed


def _show(name: str, done: str, passed: str, seen: str) -> None:
    sys.stdout.write(f"{name:<15} | {done:<62} | {passed:<3} | {' '.join(seen.split())}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
