"""The table at the end of a soak."""

from collections.abc import Iterator, Mapping

from tests.soak.gauge import NAMES, STEADY_DAY, Sample, peak
from tests.soak.run import Outcome

ENDS = (
    "acknowledged",
    "repeated",
    "delivered",
    "superseded",
    "discarded",
    "parked",
    "reported lost",
    "lost",
    "doubled",
)

_SIZES = {"memory", "wal", "database", "disk_free"}


def lines(outcome: Outcome) -> Iterator[str]:
    """Give the table line by line."""
    yield f"\n{outcome.days} days, {outcome.lives} lives of the agent, {outcome.salvages} salvages\n"
    yield from _counted("faults", outcome.faults)
    yield from _counted("refused at the tills, sent again", outcome.refusals)
    yield from _counted("done by the manager", outcome.deeds)
    yield from _counted("revisions", {name: outcome.counts[name] for name in ENDS})
    yield from _resources(outcome)
    yield from (f"WRONG: {words}" for words in outcome.words)
    yield "Something is wrong." if outcome.wrong else "Nothing is lost, nothing is doubled, nothing grows."


def _counted(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield title
    yield from (f"  {name:<24}{number:>10,}" for name, number in sorted(counts.items()))
    yield ""


def _resources(outcome: Outcome) -> Iterator[str]:
    if not outcome.evenings:
        return
    steady = outcome.evenings[min(STEADY_DAY, len(outcome.evenings)) - 1]
    start, end = outcome.samples[0], outcome.evenings[-1]
    yield f"{'resources':<26}{'start':>10}{'peak':>10}{f'day {STEADY_DAY}':>10}{'end':>10}{'growth':>10}"
    for name in NAMES:
        first, most, calm, last = (_shown(name, sample) for sample in (start, peak(outcome.samples), steady, end))
        before, after = getattr(steady, name), getattr(end, name)
        grown = f"{(after - before) / before:+.0%}" if before else "-"
        yield f"  {name.replace('_', ' '):<24}{first:>10}{most:>10}{calm:>10}{last:>10}{grown:>10}"
    yield ""


def _shown(name: str, sample: Sample) -> str:
    value = getattr(sample, name)
    return f"{value / 2**20:.1f} MiB" if name in _SIZES else f"{value:,}"
