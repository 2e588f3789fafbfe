"""`python -m benchmarks`."""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks import (
    cards,
    catalog,
    drain,
    encryption,
    fleet,
    gateway,
    ingest,
    line_down,
    log,
    metrics,
    peers,
    printing,
    screen,
    screen_keys,
    screen_list,
    slow_disk,
    space,
    start,
    storage,
    whole,
)
from benchmarks.part import Ground, Part, show_summary
from store_agent.storage import sqlite

PARTS = {
    "ingest": (ingest, slow_disk),
    "drain": (drain,),
    "whole": (whole,),
    "encryption": (encryption,),
    "gateway": (gateway, line_down),
    "fleet": (fleet,),
    "storage": (storage,),
    "peers": (peers,),
    "start": (start,),
    "space": (space,),
    "catalog": (catalog,),
    "printing": (printing,),
    "cards": (cards,),
    "metrics": (metrics,),
    "log": (log,),
    "screen": (screen, screen_list, screen_keys),
}
RESULTS = Path(__file__).with_name("results") / "latest.json"


def main() -> None:
    """Run what was asked for."""
    asked = _parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the processes started are ended too
    chosen = [module for name, modules in PARTS.items() for module in modules if asked.part in (name, "all")]
    begin = time.monotonic()
    parts: dict[str, Part] = {}
    with tempfile.TemporaryDirectory(prefix="store-agent-benchmarks-", dir=asked.directory) as directory:
        ground = Ground(Path(directory), asked.quick)
        surroundings = _surroundings(ground.directory)
        print(", ".join(f"{name} {value}" for name, value in surroundings.items()))
        failed = False
        try:
            for module in chosen:
                try:
                    parts[module.__name__.rpartition(".")[2]] = module.run(ground)
                except Exception:  # noqa: BLE001 - the other parts are measured all the same
                    traceback.print_exc()
                    failed = True
        finally:  # what was measured before somebody broke it off is not lost
            show_summary([verdict for part in parts.values() for verdict in part.verdicts], quick=asked.quick)
            _write(asked.json, surroundings, parts, quick=asked.quick, took=time.monotonic() - begin)
    if failed:
        sys.exit("Some parts failed; what they said stands above.")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the agent against baselines.")
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all", help="what to measure")
    parser.add_argument("--quick", action="store_true", help="about a minute, to see that everything works")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where all figures go")
    parser.add_argument(
        "--directory", type=Path, default=Path(tempfile.gettempdir()), help="on the disk to be measured (3 GB free)"
    )
    asked = parser.parse_args()
    if not asked.directory.is_dir():
        parser.error(f"{asked.directory} is not a directory")
    return asked


def _surroundings(directory: Path) -> dict[str, str]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.2f}",
        "file system": _file_system(directory),
        "Python": platform.python_version(),
        "SQLite": sqlite.sqlite_version,
    }


def _file_system(directory: Path) -> str:
    """Name the kind of file system; on tmpfs a sync costs nothing and the figures mean little."""
    mounts = sorted(psutil.disk_partitions(all=True), key=lambda mount: len(mount.mountpoint), reverse=True)
    resolved = directory.resolve()
    return next((mount.fstype for mount in mounts if resolved.is_relative_to(mount.mountpoint)), "unknown")


def _write(path: Path, surroundings: dict[str, str], parts: dict[str, Part], *, quick: bool, took: float) -> None:
    summary = [verdict.as_json() for part in parts.values() for verdict in part.verdicts]
    figures = {name: part.figures for name, part in parts.items()}
    written = {"surroundings": surroundings, "quick": quick, "seconds": took, "figures": figures, "summary": summary}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written, indent=2) + "\n")
    print(f"\n  {took:.0f} s; all figures are in {path}")


if __name__ == "__main__":
    main()
