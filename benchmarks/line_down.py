"""How soon a cashier is answered when nobody listens at the platform's address, or somebody who never answers."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import cycle
from pathlib import Path

from benchmarks import table
from benchmarks.callers import Times, make_calls
from benchmarks.part import Ground, Part, at_most
from benchmarks.servers import agent, free_port, sandbox
from benchmarks.spread import Spread
from benchmarks.visits import Call, Counter, agent_settings, new_offers, new_sales, put_faults, through

KINDS = ("lookup", "lock")
LATER = 60
"""Calls of an outage after those that notice it."""

HANGS = "platform hangs"
NOTICED_BY = {"platform stopped": 1, HANGS: 2}
"""Calls that notice an outage: a refused connection is a fact, but a call without an answer in time may be a slow one,
so that two wait for the deadline."""

ANSWER_SECONDS_MAX = 0.05


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    taken: dict[str, list[float]] = {}
    for number in range(ground.pick(3, 1)):
        for way in NOTICED_BY:
            for first in KINDS[: ground.pick(2, 1)]:
                times = _outage(ground.directory / f"down-{number}-{first}-{way[-1]}", way, first)
                for name, seconds in times.items():
                    taken.setdefault(f"{way}, {name}", []).extend(seconds)
    spreads = {name: Spread.of(seconds) for name, seconds in sorted(taken.items())}
    _show(spreads)
    judged = {name: max(spread.rounds) for name, spread in spreads.items() if name not in _waiting()}
    return Part(
        {name: spread.as_json() for name, spread in spreads.items()},
        [
            at_most(f"slowest answer, {name}", slowest, ANSWER_SECONDS_MAX, table.milliseconds)
            for name, slowest in judged.items()
        ],
    )


def _waiting() -> set[str]:
    """Name the calls that can only wait for the deadline."""
    return {f"{HANGS}, first {kind}" for kind in KINDS}


def _outage(directory: Path, way: str, first: str) -> Times:
    """Break the line under an agent that is online; `first` is the kind of the calls that notice it."""
    port = free_port()
    with agent(directory, port, environment=agent_settings(port)) as server:
        counter = through(server)
        with sandbox(port, 0) as url:
            calls = list(_calls(counter, url, way, first))
            make_calls(counter.port, [counter.visit(*new_sales(1), *new_offers(url, 1))])  # lines are open now
            if way == HANGS:
                put_faults(url, {"kind": "hang"})
                return make_calls(counter.port, [calls], status=HTTPStatus.SERVICE_UNAVAILABLE)
        return make_calls(counter.port, [calls], status=HTTPStatus.SERVICE_UNAVAILABLE)


def _calls(counter: Counter, url: str, way: str, first: str) -> Iterator[Call]:
    """Prepare calls, each for another guest: first those that notice the outage, then both kinds in turn."""
    noticing = NOTICED_BY[way]
    count = noticing + LATER
    turns = cycle(KINDS)
    for number, (sale, offer) in enumerate(zip(new_sales(count), new_offers(url, count), strict=True)):
        visit = {call.name: call for call in counter.visit(sale, offer)}
        kind = first if number < noticing else next(turns)
        name = f"first {kind}" if number < noticing else f"later {kind}"
        yield visit[kind]._replace(name=name)


def _show(spreads: dict[str, Spread]) -> None:
    rows = [[name, str(len(spread.rounds)), *spread.shown(table.milliseconds)] for name, spread in spreads.items()]
    note = "A platform that hangs takes the calls; the first two wait for the deadline, gateway.deadline_seconds."
    table.show("Line down: until a cashier is answered", ("", "calls", "median", "min .. max"), rows, note)
