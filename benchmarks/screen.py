"""How soon the manager's screen is there: from exec to the first picture, and to the one that answers."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks import table
from benchmarks.part import Ground, Part, at_most
from benchmarks.servers import agent, closed_port
from benchmarks.spread import Spread
from benchmarks.terminal import opened

FIRST = "first picture"
TOLD = "are sales safe?"
BASELINE = "bare Textual, first picture"
NOTHING = "Python, one word"
HELP = "store-agent tui --help"
FIRST_SECONDS_MAX = 0.8


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    taken: dict[str, list[float]] = {}
    with closed_port() as platform, agent(ground.directory / "screen", platform):
        for _ in range(ground.pick(15, 3)):
            for name, seconds in _round(ground.directory / "screen" / "config.toml").items():
                taken.setdefault(name, []).append(seconds)
    spreads = {name: Spread.of(seconds) for name, seconds in taken.items()}
    _show(spreads)
    return Part(
        {name: spread.as_json() for name, spread in spreads.items()},
        [at_most("screen, first picture", spreads[FIRST], FIRST_SECONDS_MAX, table.seconds)],
    )


SCREEN = ("-m", "store_agent", "tui", "-c")


def _round(config: Path) -> dict[str, float]:
    first, told = _seconds([*SCREEN, str(config)], "1 Overview", "Yes.")
    return {
        FIRST: first,
        TOLD: told,
        BASELINE: _seconds(["-m", "benchmarks.bare_screen"], "Overview")[0],
        HELP: _seconds(["-m", "store_agent", "tui", "--help"], "--token-file")[0],
        NOTHING: _seconds(["-c", "print('Overview')"], "Overview")[0],
    }


def _seconds(arguments: Sequence[str], *words: str) -> list[float]:
    """Run a program in a terminal; gives the seconds until each of some words was drawn."""
    with opened(arguments) as terminal:
        return [terminal.wait_for(said, terminal.begin) for said in words]


def _show(spreads: dict[str, Spread]) -> None:
    baseline = spreads[BASELINE]
    rows = [
        [name, *spread.shown(table.seconds), table.ratio((spread / baseline).median)]
        for name, spread in spreads.items()
    ]
    note = "From exec to what a terminal of 80 x 24 shows, the agent running."
    table.show("Screen: until it is there", ("", "median", "min .. max of rounds", "of bare Textual"), rows, note)
