"""Runs a plan: tills, manager, crashes and clock jumps around whichever life of the agent is on, then the judgement."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from tests.simulation.agent import Agent, Surroundings
from tests.simulation.checks import Checks
from tests.simulation.clock import VirtualClock
from tests.simulation.departures import Departures
from tests.simulation.disk import open_reader, open_writer
from tests.simulation.draw import chance_of
from tests.simulation.faults import Weather
from tests.simulation.ledger import Ledger
from tests.simulation.loop import START_SECONDS, Deadlock, Livelock, VirtualLoop
from tests.simulation.manager import Manager
from tests.simulation.network import Internet, Line
from tests.simulation.plan import Act, End, Jump, Plan, PlannedEnd
from tests.simulation.platform import Platform
from tests.simulation.till import Receipts, Till
from tests.simulation.trace import Trace
from tests.simulation.verdict import Verdict, Violation

LOOKS = 4
"""Times at which somebody looks at the books while things happen."""

STUCK_SECONDS = 7_200.0
"""Time after the end of all faults in which everything must have settled."""

QUIET_SECONDS = 10.0
"""Time in which whatever still goes on must have ended, and again in which nothing may begin."""

QUIET_WORKS_MAX = 6
"""Units of work in that time: somebody may look whether anything was forgotten."""

RESTART_SECONDS = 2.0
"""Until the system starts an agent anew that ended by itself."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a plan ended: `first_tries` are the sequences in each request, in the order in which requests first left."""

    plan: Plan
    violations: list[Violation]
    counts: Counter[str]
    trace: Trace
    first_tries: list[tuple[int, ...]]


def run_plan(plan: Plan, path: Path, *, keeps_trace: bool = True) -> Result:
    """Run a plan on an empty database. Blocks until virtual time has run out."""
    loop = VirtualLoop()
    world = World(plan, path, loop, keeps_trace=keeps_trace)
    try:
        with _quiet():
            world.run()
    finally:
        world.close()
    return Result(plan, world.verdict.violations, world.counts(), world.trace, world.first_tries)


class World:
    """All that is simulated, and the agent in the middle of it."""

    def __init__(self, plan: Plan, path: Path, loop: VirtualLoop, *, keeps_trace: bool) -> None:
        self._plan = plan
        self._loop = loop
        self._agent: Agent | None = None
        self._down = RESTART_SECONDS
        self._lives = 0
        self._ends: Counter[str] = Counter()
        self.verdict = Verdict(self.now)
        self.trace = Trace(self.now, keeps=keeps_trace)
        self._clock = VirtualClock(loop)
        self._weather = Weather(plan.windows, self.now, chance_of(plan.seed, "weather"))
        self._raws = (open_writer(path), open_reader(path))
        eyes = self._raws[1]
        self._departures = Departures(eyes, plan.tuning, self.verdict, self.trace)
        self._ledger = Ledger(self._departures, self.verdict, self.trace)
        chance = chance_of(plan.seed, "platform")
        self._platform = Platform(loop, self._weather, chance, self._ledger, plan)
        line_chance = chance_of(plan.seed, "line")
        self._internet = Internet(loop, self._weather, line_chance, self._platform, plan.pace)
        self._receipts = Receipts(self.verdict)
        self._checks = Checks(eyes, plan, self._receipts, self._ledger, self.verdict)
        self._manager = Manager(lambda: self.agent, chance_of(plan.seed, "manager"), self.verdict, self.trace)
        self._around = Surroundings(self._raws, plan, self._clock, self._weather, self._line, self.verdict, self.trace)
        loop.set_exception_handler(self._complain)

    @property
    def agent(self) -> Agent | None:
        """The agent of the moment, if it runs."""
        return self._agent

    @property
    def first_tries(self) -> list[tuple[int, ...]]:
        """The sequences in each request, in the order in which requests first left."""
        return self._departures.order

    def now(self) -> float:
        """Seconds since the start."""
        return self._loop.time() - START_SECONDS

    def run(self) -> None:
        """Live through the plan; what went wrong is in the verdict."""
        main = self._loop.create_task(self._main())
        self.verdict.ends = main.cancel
        try:
            self._loop.run_until_complete(main)
        except asyncio.CancelledError:
            return
        except (Deadlock, Livelock) as standstill:
            self.verdict.against("G17", str(standstill))

    def close(self) -> None:
        """Drop everything."""
        self._loop.set_exception_handler(lambda loop, context: None)
        if self._agent is not None:
            self._agent.kill()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        if left:
            self._loop.run_until_complete(asyncio.wait(left, timeout=1.0))
        self._loop.close()
        for raw in self._raws:
            raw.close()

    def counts(self) -> Counter[str]:
        """Count what happened, for the report."""
        counts = Counter({f"fault: {name}": number for name, number in self._weather.struck.items()})
        counts.update({f"end: {name}": number for name, number in self._ends.items()})
        counts.update({f"ended: {state}": number for state, number in self._checks.ended.items()})
        counts.update({"sales": len(self._receipts.by_marker), "calls": self._ledger.calls, "lives": self._lives})
        counts.update({"virtual seconds": round(self.now()), f"scenario: {self._plan.scenario}": 1, "seeds": 1})
        return counts

    async def _main(self) -> None:
        keeper = self._loop.create_task(self._keep_alive())
        tills = [Till(till, self, self._receipts, self.trace).run() for till in self._plan.tills]
        await asyncio.gather(*tills, *self._happenings())
        await self._until(self._plan.calm_at)
        await self._calm_down()
        await self._settle()
        await self._rest()
        keeper.cancel()
        if self._agent is not None:
            await self._agent.stop()
        await self._last_arrival()
        self._checks.final()

    async def _keep_alive(self) -> None:
        """Start the agent again whenever it has ended, as the system does."""
        while True:
            self._lives += 1
            self._agent = Agent(self._around, chance_of(self._plan.seed, f"agent {self._lives}"))
            self.trace.note("agent starts")
            await self._agent.ended.wait()
            self._agent = None
            self._departures.forget()
            await asyncio.sleep(self._down)
            self._down = RESTART_SECONDS

    def _happenings(self) -> list[Any]:
        plan = self._plan
        return [
            *(self._end(end) for end in plan.ends),
            *(self._jump(jump) for jump in plan.jumps),
            *(self._act(at, act) for at, act in plan.acts),
            *(self._look(plan.calm_at * (number + 0.5) / LOOKS) for number in range(LOOKS)),
        ]

    async def _end(self, planned: PlannedEnd) -> None:
        await self._until(planned.at)
        if self._agent is None:
            return
        self._down = planned.down
        self._ends[planned.end.value] += 1
        self.trace.note("end", planned.end.value)
        if planned.end is End.CRASH:
            self._agent.kill()
        elif planned.end is End.RESTART:
            await self._agent.stop()
        else:
            self._agent.disk.arm(planned.end)

    async def _jump(self, jump: Jump) -> None:
        await self._until(jump.at)
        if jump.to is None:
            self._clock.move(jump.by)
        else:
            self._clock.set(jump.to)
        self.trace.note("clock jumps to", self._clock.wall())

    async def _act(self, at: float, act: Act) -> None:
        await self._until(at)
        await self._manager.act(act)

    async def _look(self, at: float) -> None:
        await self._until(at)
        self._checks.look()
        await self._manager.look()

    async def _calm_down(self) -> None:
        """End all faults; whoever holds sales back lets them go, and perhaps somebody looks after the line."""
        self.trace.note("all faults cease")
        self._weather.calm()
        self._platform.heal()
        for act in (Act.RELEASE, Act.RESUME) if self._plan.person else (Act.RELEASE,):
            until = self.now() + STUCK_SECONDS
            while not await self._manager.act(act):
                await self._wait_for(f"the manager's {act}", until)

    async def _settle(self) -> None:
        until = self.now() + STUCK_SECONDS
        while open_ones := self._checks.open():
            await self._wait_for(f"{open_ones} revisions", until)

    async def _wait_for(self, what: str, until: float) -> None:
        """Wait a little, unless it takes too long already."""
        if self.now() > until:
            self.verdict.against("G2", f"{what} stuck for {STUCK_SECONDS:.0f} s although nothing fails")
        await asyncio.sleep(2.0)

    async def _last_arrival(self) -> None:
        """See what a copy does that comes when everything is over."""
        while True:
            if not (self._internet.busy or self._platform.working):
                return
            await asyncio.sleep(10.0)

    async def _rest(self) -> None:
        """See that an agent with nothing to do does next to nothing (G17)."""
        agent = self._agent
        if agent is None:
            return
        await asyncio.sleep(QUIET_SECONDS)
        before = agent.disk.works
        await asyncio.sleep(QUIET_SECONDS)
        works = agent.disk.works - before
        self.verdict.expect(works <= QUIET_WORKS_MAX, "G17", f"{works} units of work with nothing to do")

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, at - self.now()))

    def _line(self) -> Line:
        return Line(self._internet, self._departures, self.trace)

    def _complain(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what the loop has nobody else to tell: a bug, unless it is about what died with a life of the agent."""
        message = str(context.get("message"))
        self.trace.note("loop:", message, repr(context.get("exception")))
        if "never retrieved" not in message:
            self.verdict.against("simulation", f"{message}: {context.get('exception')!r}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the product's log out of the way."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
