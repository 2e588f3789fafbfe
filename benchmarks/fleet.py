"""Ten thousand stores that come back at once: what reaches the platform, with the agent's manners and without.

Simulated time, the agent's own rules (`drain.line`): every store starts at second 0 with a backlog, as after a power
cut of a region or an upgrade of a chain. The platform serves a fixed number of requests a second, queues the rest, and
answers 429 once its queue is longer than it wants. "Without" leaves out the spread of the first contact, the single
first request and the ramp: every store uses all its requests at once and does what Retry-After says.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from benchmarks import table
from benchmarks.part import Ground, Part, at_most
from store_agent.domain.backoff import Backoff
from store_agent.domain.batch import BATCH_MAX, FrozenBatch
from store_agent.domain.link import LinkRules
from store_agent.domain.outcome import Delivered, Outcome, Throttled
from store_agent.domain.pace import Pace
from store_agent.drain.line import Line, LineRules

STORES = 10_000
BATCHES_EACH = 30
"""A backlog of 300 sales in each store."""

PER_SECOND = 2_000
"""Requests a second that the platform serves: four times what the stores send on a common day."""

ROUND_TRIP = 0.08
QUEUE_SECONDS = 2.0
"""A queue longer than this is answered with 429 and a Retry-After of as long."""

REFUSAL_COST = 0.1
"""What a 429 costs the platform, in requests."""

SPREAD = 20.0
CONCURRENCY = 4
SHARE_MAX = 0.1

_BATCH = FrozenBatch(1, "r", "send_batch_transaction", b"", 30_000, tuple(range(BATCH_MAX)))


@dataclass
class World:
    """Virtual time, and what reached the platform in each second."""

    now: float = 0.0
    arrived: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    done: float = 0.0
    free_at: float = 0.0
    _todo: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def at(self, moment: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._todo, (moment, self._count, act))

    def run(self) -> None:
        while self._todo:
            self.now, _, act = heapq.heappop(self._todo)
            act()

    def request(self, answer: Callable[[Outcome], None]) -> None:
        """Let a request reach the platform now; `answer` hears of it later."""
        self.arrived[int(self.now)] += 1
        start = max(self.free_at, self.now)
        if start - self.now > QUEUE_SECONDS:
            self.refused += 1
            self.free_at = start + REFUSAL_COST / PER_SECOND
            self.at(self.now + ROUND_TRIP, partial(answer, Throttled("wait", QUEUE_SECONDS)))
        else:
            self.free_at = start + 1 / PER_SECOND
            self.at(self.free_at + ROUND_TRIP, partial(answer, Delivered()))


class Store:
    """A store with a backlog, sending by the rules of the drain."""

    def __init__(self, world: World, chance: Callable[[], float], *, mannered: bool) -> None:
        self._world = world
        self._mannered = mannered
        backoff = Backoff(spread=SPREAD if mannered else 0.0)
        rules = LineRules(concurrency=CONCURRENCY, link=LinkRules(backoff))
        self._line = Line(rules, world, chance, lambda _: None)
        self._left = BATCHES_EACH
        self._in_flight = 0
        if mannered:
            self._line.expect_crowd()
        world.at(self._line.next_call, self.send)

    def send(self) -> None:
        """Send what may go now."""
        if not self._mannered:
            self._line.pace = Pace(CONCURRENCY)
        while self._left > self._in_flight and self._may_send():
            self._in_flight += 1
            self._world.request(partial(self._answered, sent_while_up=self._line.up))

    def _may_send(self) -> bool:
        if self._line.up or not self._mannered:
            return self._in_flight < self._line.pace.requests and self._line.due
        return self._in_flight == 0 and self._line.due

    def _answered(self, outcome: Outcome, *, sent_while_up: bool) -> None:
        self._in_flight -= 1
        self._line.see(outcome, _BATCH, sent_while_up=sent_while_up)
        if isinstance(outcome, Delivered):
            self._left -= 1
            self._world.done = self._world.now
        self.send()
        if not self._line.due:
            self._world.at(self._line.next_call, self.send)


def run(ground: Ground) -> Part:
    """Simulate both, print and judge."""
    stores = ground.pick(STORES, 1_000)
    per_second = {name: _simulate(stores, mannered=name == "with") for name in ("without", "with")}
    _show(stores, per_second)
    peaks = {name: max(world.arrived.values()) for name, world in per_second.items()}
    figures = {
        name: {"peak": peaks[name], "refused": world.refused, "seconds": world.done}
        for name, world in per_second.items()
    }
    first = per_second["with"].arrived[0] / per_second["without"].arrived[0]
    return Part(
        figures, [at_most("fleet: requests in the first second, with / without", first, SHARE_MAX, table.ratio)]
    )


def _simulate(stores: int, *, mannered: bool) -> World:
    world = World()
    chance = random.Random(1).random
    for _ in range(stores):
        Store(world, chance, mannered=mannered)
    world.run()
    return world


def _show(stores: int, worlds: dict[str, World]) -> None:
    spans = ((0, 1), (1, 2), (2, 5), (5, 10), (10, 20), (20, 60), (60, 300))
    rows = []
    for start, end in spans:
        rates = [
            sum(world.arrived[second] for second in range(start, end)) / (end - start) for world in worlds.values()
        ]
        rows.append([f"second {start} to {end}", *map(table.rate, rates)])
    rows += [
        ["most in a second", *(table.rate(max(world.arrived.values())) for world in worlds.values())],
        ["answered 429", *(f"{world.refused:,}" for world in worlds.values())],
        ["all delivered after", *(f"{world.done:,.0f} s" for world in worlds.values())],
    ]
    note = (
        f"Each store has {BATCHES_EACH} requests of {BATCH_MAX} sales to send; the platform serves {PER_SECOND:,} "
        f"requests a second, so that no order of things takes less than {stores * BATCHES_EACH / PER_SECOND:,.0f} s."
    )
    table.show(f"Fleet: requests at the platform when {stores:,} stores return at once", ("", *worlds), rows, note)
