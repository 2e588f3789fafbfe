"""Draws a plan from a seed."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from tests.simulation.clock import TODAY
from tests.simulation.faults import BACK, BEHIND, COMMITS, DOOR, THERE, Fault, Window
from tests.simulation.plan import Act, Call, End, Jump, Nature, Pace, Plan, PlannedEnd, Scenario, TillPlan, Tuning
from tests.simulation.sales import Book, PlannedSale

_WEIGHTS = {
    Scenario.STORM: 630,
    Scenario.CROWD: 6,
    Scenario.REFUSALS: 130,
    Scenario.BURST: 25,
    Scenario.RUSH: 35,
    Scenario.CALM: 30,
    Scenario.OUTAGE: 60,
    Scenario.STACKED: 80,
}
_DISK = (*COMMITS, Fault.DISK_SLOW, Fault.DISK_UNREADABLE)
_FAULTS = (*THERE, *BACK, *DOOR, *BEHIND, *_DISK)
DISK_TROUBLE_SECONDS_MAX = 20.0

_DOUBT = (*BACK, Fault.LATE, Fault.PENDING, Fault.FAILS_AFTER, Fault.FAILS_AFTER)
_DOWN = (*(Fault.DOOR_500,) * 3, Fault.RANDOM_500, Fault.REFUSES_ALL, Fault.THROTTLE, Fault.GATEWAY)
_YEAR = 31_536_000.0


def chance_of(seed: int, purpose: str) -> Random:
    """Give the chance of one part of a seed; parts do not disturb each other."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 - the same seed must draw the same


def draw(seed: int) -> Plan:
    """Draw everything that happens in a seed."""
    chance = chance_of(seed, "plan")
    scenario = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    return _DRAWN[scenario](seed, scenario, chance)


def _storm(seed: int, scenario: Scenario, chance: Random) -> Plan:
    seconds = chance.choices((20.0, 60.0, 180.0, 600.0), (8, 8, 3, 1))[0]
    sales = chance.randint(80, 200) if scenario is Scenario.CROWD else _few(chance)
    book = Book(chance, chance.choice((0, 0, 100, 2_000)))
    tills = _tills(chance, book, sales, seconds)
    return Plan(
        seed,
        scenario,
        tills,
        windows=tuple(_window(chance, seconds) for _ in range(chance.randint(0, 5))),
        ends=tuple(_end(chance, seconds) for _ in range(chance.choices((0, 1, 2, 3), (4, 4, 2, 1))[0])),
        jumps=tuple(_jump(chance, seconds) for _ in range(chance.choices((0, 1, 2), (6, 2, 1))[0])),
        acts=_acts(chance, seconds),
        pace=_pace(chance),
        tuning=_tuning(chance),
        nature=_nature(chance, book, seconds),
        calm_at=seconds,
        person=chance.random() < 0.5,
    )


def _few(chance: Random) -> int:
    """Draw a number of sales; now and then so few that nothing that comes later can make up for what was forgotten."""
    return chance.randint(1, 3) if chance.random() < 0.15 else round(chance.triangular(3, 34, 6))


def _refusals(seed: int, scenario: Scenario, chance: Random) -> Plan:
    """Nothing but sales that the platform refuses, so that the cost of a culprit can be counted (G6).

    Nobody resumes the line meanwhile: what is refused on its way then goes out once more, as it may be mended.
    """
    book = Book(chance, 0)
    tills = _tills(chance, book, chance.randint(10, 24), 3.0, alike=True)
    culprits = frozenset(chance.sample(book.markers, min(len(book.markers), chance.randint(1, 4))))
    return Plan(seed, scenario, tills, pace=_pace(chance), nature=Nature(bad=culprits), person=False)


def _burst(seed: int, scenario: Scenario, chance: Random) -> Plan:
    """The platform refuses everything for a while, as after a wrong store_id; it is mended before somebody says so."""
    book = Book(chance, 0)
    tills = _tills(chance, book, chance.randint(26, 45), 60.0)
    window = Window(Fault.REFUSES_ALL, chance.uniform(0.0, 20.0), chance.uniform(40.0, 110.0), 1.0)
    ends = tuple(_end(chance, 100.0) for _ in range(chance.randint(0, 1)))
    return Plan(seed, scenario, tills, (window,), ends, acts=_acts(chance, 100.0), pace=_pace(chance), calm_at=130.0)


def _rush(seed: int, scenario: Scenario, chance: Random) -> Plan:
    """A backlog of an outage drains slowly while one till goes on selling (G10)."""
    book = Book(chance, 0)
    pace = Pace(line=chance.uniform(0.02, 0.2), work=chance.uniform(0.5, 1.5))
    backlog = tuple(_new(book, 15) for _ in range(chance.randint(3, 7)))
    apart = 3 * (2 * pace.line + pace.work)
    live = tuple(Call(apart * chance.uniform(1.0, 1.5), _new(book, 1)) for _ in range(chance.randint(3, 8)))
    tills = (
        TillPlan("backlog", tuple(Call(0.1, sales) for sales in backlog)),
        TillPlan("live", (Call(20.0, _new(book, 1)), *live)),
    )
    down = Window(Fault.REFUSED, 0.0, 15.0, 1.0)
    return Plan(seed, scenario, tills, (down,), pace=pace, calm_at=15.0)


def _calm(seed: int, scenario: Scenario, chance: Random) -> Plan:
    """No trouble at all: each sale arrives with its first request."""
    book = Book(chance, 0)
    return Plan(seed, scenario, _tills(chance, book, chance.randint(5, 40), 20.0), pace=_pace(chance))


def _outage(seed: int, scenario: Scenario, chance: Random) -> Plan:
    """The line is down for minutes, then all at once back, perhaps with a crash before."""
    seconds = chance.choice((60.0, 120.0, 600.0))
    book = Book(chance, 0)
    tills = _tills(chance, book, chance.randint(5, 35), seconds)
    kind = chance.choice((Fault.REFUSED, Fault.LOST_BEFORE, Fault.PORTAL, Fault.GATEWAY, Fault.SILENT_AFTER))
    ends = tuple(_end(chance, seconds) for _ in range(chance.randint(0, 2)))
    down = Window(kind, chance.uniform(0.0, 10.0), seconds, 1.0)
    return Plan(seed, scenario, tills, (down,), ends, pace=_pace(chance), tuning=_tuning(chance), calm_at=seconds)


def _stacked(seed: int, scenario: Scenario, chance: Random) -> Plan:
    """Three troubles one after the other: a backlog gathers, answers get lost, and then the platform fails."""
    book = Book(chance, 0)
    tills = _tills(chance, book, chance.randint(4, 20), 8.0)
    starts = (0.0, chance.uniform(8.0, 12.0), chance.uniform(14.0, 24.0), chance.uniform(60.0, 150.0))
    faults = (Fault.REFUSED, chance.choice(_DOUBT), chance.choice(_DOWN))
    spans = zip(faults, pairwise(starts), strict=True)
    windows = tuple(Window(fault, start, end, 1.0) for fault, (start, end) in spans)
    ends = tuple(_end(chance, starts[-1]) for _ in range(chance.choice((0, 0, 1))))
    return Plan(seed, scenario, tills, windows, ends, pace=_pace(chance), tuning=_tuning(chance), calm_at=starts[-1])


def _new(book: Book, count: int) -> tuple[PlannedSale, ...]:
    return tuple(book.revise(book.open()) for _ in range(count))


def _tills(chance: Random, book: Book, sales: int, seconds: float, *, alike: bool = False) -> tuple[TillPlan, ...]:
    """Share sales out over tills; `alike` ones revise nothing and repeat nothing."""
    lanes: list[list[tuple[PlannedSale, ...]]] = [[] for _ in range(chance.randint(1, 4))]
    while sum(len(call) for lane in lanes for call in lane) < sales:
        lane = chance.choice(lanes)
        lane.append(_call(chance, book, lane, alike=alike))
    return tuple(_till(chance, f"lane-{number}", lane, seconds) for number, lane in enumerate(lanes))


def _till(chance: Random, name: str, calls: Sequence[tuple[PlannedSale, ...]], seconds: float) -> TillPlan:
    rate = (len(calls) + 1) / seconds
    return TillPlan(name, tuple(Call(chance.expovariate(rate), sold) for sold in calls))


def _call(
    chance: Random, book: Book, earlier: Sequence[tuple[PlannedSale, ...]], *, alike: bool
) -> tuple[PlannedSale, ...]:
    """Draw a call; now and then one that the same lane has sent before, or with a sale of such a call in it."""
    repeated = chance.choice(earlier) if earlier and not alike and chance.random() < 0.14 else ()
    if chance.random() < 0.5 and repeated:
        return repeated
    count = 1 if chance.random() < 0.7 else chance.randint(2, 6)
    return (*(_sale(chance, book, alike=alike) for _ in range(count)), *repeated[-1:])


def _sale(chance: Random, book: Book, *, alike: bool) -> PlannedSale:
    known = book.transactions
    if not known or alike or chance.random() < 0.6:
        return book.revise(book.open())
    return book.revise(chance.choice(known[-6:]))


def _window(chance: Random, seconds: float) -> Window:
    """Draw trouble.

    That of the disk is short, since a till that cannot sell keeps trying and finds nothing new. A front door that
    fails does so for everything: one that fails now and then, before anything is looked up, could not be told from a
    platform that fails at this very request.
    """
    fault = chance.choice(_FAULTS)
    longest = seconds * 0.6
    if fault in _DISK:
        longest = min(longest, DISK_TROUBLE_SECONDS_MAX)
    share = 1.0 if fault is Fault.DOOR_500 else chance.choice((1.0, 1.0, 0.5, 0.2))
    start = chance.uniform(0.0, seconds)
    return Window(fault, start, start + longest * chance.uniform(0.1, 1.0), share)


def _end(chance: Random, seconds: float) -> PlannedEnd:
    return PlannedEnd(chance.uniform(0.0, seconds * 1.1), chance.choice(list(End)), chance.uniform(0.1, 20.0))


def _jump(chance: Random, seconds: float) -> Jump:
    at = chance.uniform(0.0, seconds)
    to = chance.choice((5.0, TODAY, None, None))
    return Jump(at, to, chance.choice((_YEAR, -3_600.0, 3_600.0)))


def _acts(chance: Random, seconds: float) -> tuple[tuple[float, Act], ...]:
    count = chance.choices((0, 1, 3, 6), (5, 3, 2, 1))[0]
    return tuple(sorted((chance.uniform(0.0, seconds * 1.2), chance.choice(list(Act))) for _ in range(count)))


def _pace(chance: Random) -> Pace:
    return Pace(chance.uniform(0.002, 0.3), chance.uniform(0.005, 1.5), chance.uniform(0.0005, 0.01))


def _tuning(chance: Random) -> Tuning:
    return Tuning(
        concurrency=chance.choice((1, 2, 4, 4, 6)),
        count_max=chance.choice((10, 10, 10, 10, 4, 2, 1)),
        bytes_max=chance.choice((1_000_000, 1_000_000, 1_000_000, 4_096)),
        probe_interval=chance.choice((20.0, 60.0, 300.0)),
        spread=chance.choice((0.0, 5.0)),
    )


def _nature(chance: Random, book: Book, seconds: float) -> Nature:
    share = chance.choice((0.0, 0.0, 0.05, 0.2))
    bad = frozenset(marker for marker in book.markers if chance.random() < share)
    poison = chance.sample(book.transactions, chance.choices((0, 1, 2), (6, 2, 1))[0] % (len(book.transactions) + 1))
    return Nature(
        bad,
        chance.choice((float("inf"), chance.uniform(0.0, seconds * 1.5))),
        frozenset(poison),
        count_max=chance.choice((1_000,) * 12 + (5, 3)),
        bytes_max=chance.choice((100_000_000,) * 12 + (1_500, 5_000)),
    )


_DRAWN = {
    Scenario.STORM: _storm,
    Scenario.CROWD: _storm,
    Scenario.REFUSALS: _refusals,
    Scenario.BURST: _burst,
    Scenario.RUSH: _rush,
    Scenario.CALM: _calm,
    Scenario.OUTAGE: _outage,
    Scenario.STACKED: _stacked,
}
