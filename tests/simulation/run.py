"""Runs seeds, one after the other or in several processes, and adds up what happened."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from tests.simulation.draw import draw
from tests.simulation.folder import Folder, open_folder
from tests.simulation.world import Result, run_plan

CHUNK = 50
"""Seeds that a process runs before it reports."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A seed that broke a guarantee."""

    seed: int
    words: str

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.words}\n  replay: python -m tests.simulation --seed {self.seed} --trace"


@dataclass(slots=True)
class Summary:
    """What happened in some seeds."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: "Summary") -> None:
        """Add what happened in other seeds."""
        self.counts.update(other.counts)
        self.failures.extend(other.failures)


def run_seed(seed: int, folder: Folder) -> Result:
    """Run one seed."""
    return run_plan(draw(seed), folder.fresh())


def run_chunk(seeds: Sequence[int]) -> Summary:
    """Run some seeds in this process."""
    summary = Summary()
    with open_folder() as folder:
        for seed in seeds:
            summary.add(_summed(seed, folder))
    return summary


def run_many(seeds: Sequence[int], jobs: int) -> Iterator[Summary]:
    """Run seeds in several processes; gives what happened, chunk by chunk."""
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    if jobs == 1:
        yield from map(run_chunk, chunks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run_chunk, chunks)


def _summed(seed: int, folder: Folder) -> Summary:
    try:
        result = run_seed(seed, folder)
    except Exception as error:  # noqa: BLE001 - a seed that cannot be run is a failure with a number like any other
        return Summary(failures=[Failure(seed, f"could not be run: {error!r}")])
    failures = [Failure(seed, f"({result.plan.scenario}) {violation}") for violation in result.violations[:1]]
    return Summary(result.counts, failures)
