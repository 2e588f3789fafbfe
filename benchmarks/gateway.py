"""What the agent adds to the calls at the counter, beside direct calls to the platform and a bare relay."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from benchmarks import table
from benchmarks.callers import Times, make_calls
from benchmarks.part import Ground, Part, at_most
from benchmarks.servers import agent, free_port, process, read_json, sandbox
from benchmarks.spread import Spread
from benchmarks.visits import CALLS, Counter, agent_settings, deal, new_offers, new_sales, platform, through

LATENCIES_MS = (0, 20)
VISITS = {1: 16, 8: 6}
"""Of each caller in a round, by the number of callers."""

DIRECT, BARE, AGENT = "direct", "bare relay", "agent"
ADDED_SECONDS_MAX = 0.002
JUDGED = ((0, 1), (20, 1), (20, 8))
"""Latency and callers. Callers who neither think nor wait for the platform only queue up: that shows the agent's rate,
not what a cashier waits."""


@dataclass
class _Taken:
    """The medians of the rounds at one latency, in seconds: by number of callers, whom they called, and call."""

    medians: dict[tuple[int, str, str], list[float]] = field(default_factory=dict)

    def add(self, callers: int, whom: str, times: Times) -> None:
        for call, seconds in times.items():
            self.medians.setdefault((callers, whom, call), []).append(statistics.median(seconds))

    def spread(self, callers: int, whom: str, call: str) -> Spread:
        return Spread.of(self.medians[callers, whom, call])

    def added(self, callers: int, whom: str, call: str) -> Spread:
        """Give what `whom` adds to a direct call, round by round."""
        pairs = zip(self.medians[callers, whom, call], self.medians[callers, DIRECT, call], strict=True)
        return Spread.of([mine - direct for mine, direct in pairs])


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    part = Part()
    for ms in LATENCIES_MS:
        taken = _measure(ground, ms)
        for callers in VISITS:
            _show(ms, callers, taken)
            part.figures[f"{ms} ms, {callers} callers"] = _figures(callers, taken)
            if (ms, callers) in JUDGED:
                most, call = max((taken.added(callers, AGENT, call).median, call) for call in CALLS)
                figure = f"gateway adds most ({call}), platform {ms} ms, {_callers(callers)}"
                part.verdicts.append(at_most(figure, most, ADDED_SECONDS_MAX, table.milliseconds))
    return part


def _measure(ground: Ground, ms: int) -> _Taken:
    taken, port, bare_port = _Taken(), free_port(), free_port()
    bare = (["benchmarks.bare_relay", str(bare_port), str(port)], f"http://127.0.0.1:{bare_port}/sandbox/health")
    with (
        sandbox(port, ms) as url,
        process(*bare),
        agent(ground.directory / f"gateway-{ms}", port, environment=agent_settings(port)) as server,
    ):
        direct = platform(port)
        counters = {DIRECT: direct, BARE: replace(direct, port=bare_port), AGENT: through(server)}
        _round(url, counters, _Taken(), pause=0.0)  # to warm up
        for number in range(ground.pick(7, 1)):
            turned = dict(list(counters.items())[:: 1 if number % 2 == 0 else -1])
            _round(url, turned, taken, pause=ms / 1000)
    return taken


def _round(url: str, counters: Mapping[str, Counter], taken: _Taken, *, pause: float) -> None:
    """Let the same guests come to each counter in turn; every one has an offer of its own."""
    for callers, each in VISITS.items():
        guests = list(zip(new_sales(callers * each), new_offers(url, callers * each), strict=True))
        for whom, counter in counters.items():
            scripts = deal([counter.visit(sale, offer) for sale, offer in guests], callers)
            before = _heard(url)
            taken.add(callers, whom, make_calls(counter.port, scripts, pause=pause))
            assert _heard(url) - before == sum(map(len, scripts)), "a call was answered by somebody else"


def _heard(url: str) -> int:
    """Count the calls that the stand-in platform answered for the first time."""
    totals = read_json(f"{url}/sandbox/account?totals=1")["totals"]
    return int(totals["requests_processed"]) + int(totals["calls_received"])


def _figures(callers: int, taken: _Taken) -> dict[str, object]:
    whom = (DIRECT, BARE, AGENT)
    return {
        "seconds": {f"{one}, {call}": taken.spread(callers, one, call).as_json() for one in whom for call in CALLS},
        "added": {f"{one}, {call}": taken.added(callers, one, call).as_json() for one in whom[1:] for call in CALLS},
    }


def _show(ms: int, callers: int, taken: _Taken) -> None:
    rows = []
    for call in CALLS:
        direct, through_agent = (taken.spread(callers, whom, call) for whom in (DIRECT, AGENT))
        rows.append(
            [
                call,
                *(table.milliseconds(spread.median) for spread in (direct, through_agent)),
                *taken.added(callers, AGENT, call).shown(table.milliseconds),
                table.ratio((through_agent / direct).median),
                table.milliseconds(taken.added(callers, BARE, call).median),
            ]
        )
    header = ("", "direct", "agent", "agent adds", "min .. max of rounds", "agent / direct", "bare relay adds")
    title = f"Gateway: the middle call, platform {ms} ms, {_callers(callers)}"
    note = (
        "Callers think for up to as long as the platform takes."
        if ms
        else "Callers do not think: several only queue up."
    )
    table.show(title, header, rows, note)


def _callers(count: int) -> str:
    return "1 caller" if count == 1 else f"{count} callers"
