"""Runs the agent from start to stop."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import structlog
import uvloop

from store_agent.agent import chores, garbage, logs, systemd, wiring
from store_agent.agent.api import Api
from store_agent.agent.basis import Basis
from store_agent.agent.health import AgentHealth
from store_agent.agent.keys import key_path
from store_agent.agent.measuring import Measuring
from store_agent.agent.metrics import Metrics
from store_agent.agent.opening import open_patiently
from store_agent.agent.overview import Overview
from store_agent.agent.parts import Parts
from store_agent.agent.printing import Printing
from store_agent.agent.schedule import Job, Schedule
from store_agent.agent.secrecy import keep_memory_private, warn_of_exposed
from store_agent.agent.sending import Sending, open_sending
from store_agent.agent.status_line import StatusLine
from store_agent.agent.store import make_terminals
from store_agent.agent.tracing import begin_tracing
from store_agent.agent.troubles import Troubles
from store_agent.api.app import Neighbours
from store_agent.api.callers import Callers
from store_agent.api.hub import Hub
from store_agent.api.pulse import Pulse
from store_agent.clock import SystemClock
from store_agent.config.load import load, managers_group_of
from store_agent.config.settings import Settings
from store_agent.drain.drain import Drain
from store_agent.errors import AgentError, Busy, ConfigurationError, Damaged, StorageFailure
from store_agent.storage.database import Database
from store_agent.sync.imports import Imports
from store_agent.sync.shelves import Shelves
from store_agent.upkeep.last_seen import LastSeenChore
from store_agent.upkeep.space import SpaceWatch

SWITCH_INTERVAL_SECONDS = 0.0001
"""The writer's thread gets its turn from a busy event loop much sooner than by default (5 ms); every answer waits for
it. Measured: up to 15 % more sales at 32 lanes on a disk with 2 ms syncs, nothing beyond noise elsewhere."""

OPEN_SECONDS = 2.0
"""How long opening the database may take until callers are answered meanwhile: refused, in words."""

STOP_SECONDS = 4.5
"""How long the agent may take to end; a disk that does not answer must not hold it up."""

LEAVE_SECONDS = 0.4
"""How long Python may take to end once everything is closed: a look-up of a name may hang."""

STARTS_MAX = 3
"""Times in a row the agent starts over by itself after damage, before it leaves that to systemd."""

CALM_SECONDS = 3_600.0
"""Damage so long after the last one has nothing to do with it."""

_log = structlog.get_logger("agent")


def run(config: Path) -> None:
    """Run the agent until it is told to stop; its configuration is read again at every reload.

    A database that is found damaged makes it start over, which salvages what there is. Raises AgentError when it cannot
    start, anything else is a bug.
    """
    keep_memory_private()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload, and after
    again = partial(load, config)
    settings = again()
    logs.configure(settings.log.level, settings.log.form)
    warn_of_exposed(config, key_path(settings)[0])
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    starts = 0
    while starts < STARTS_MAX:
        began = time.monotonic()
        damage, settings, timer = uvloop.run(_start(settings, again))
        if not damage:
            return
        timer.cancel()
        starts = starts + 1 if time.monotonic() - began < CALM_SECONDS else 1
    raise StorageFailure(f"The database was damaged {STARTS_MAX} times in a row; the disk is failing. {damage}")


def _leave_after(seconds: float, code: int) -> threading.Timer:
    """End the process then, whatever hangs: a disk, or a look-up of a name, for which Python would wait."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()
    return timer


async def _start(settings: Settings, again: Callable[[], Settings]) -> tuple[str, Settings, threading.Timer]:
    """Run; gives what was found damaged, the settings in use, and what ends the process unless the loop ends soon."""
    run = _Run(settings, again)
    try:
        damage = await run.run()
    except AgentError as error:
        words = f"The agent ends; sales that were answered are safe. {error}"
        _log.error("agent.failed", words=words, reason=str(error))
        _leave_after(LEAVE_SECONDS, error.exit_code)
        raise
    return damage, run.settings, _leave_after(LEAVE_SECONDS, StorageFailure.exit_code if damage else 0)


class _Run:
    """One run of the agent, from opening the database to closing it. `settings` follow what is reloaded."""

    def __init__(self, settings: Settings, again: Callable[[], Settings]) -> None:
        self.settings = settings
        self._again = again
        self._clock = SystemClock()
        self._stack = AsyncExitStack()
        self._parts = Parts(self._limit)
        self._api = Api(settings, self._parts)
        self._traces = begin_tracing(settings, self._clock)
        self._health: AgentHealth | None = None
        self._timer: threading.Timer | None = None

    async def run(self) -> str:
        """Run until told to stop; gives what was found damaged, empty if nothing was."""
        self._parts.add("watchdog", systemd.keep_watch(self._hangs))
        try:
            async with self._stack as stack:
                stack.push_async_callback(self._traces.close)
                stack.callback(self._api.close)
                try:
                    opened = await self._open()
                    damage = "" if opened is None else await self._work(*opened)
                except Damaged as failure:
                    damage = str(failure)
                finally:
                    self._limit()
                    await self._api.stop()
                    await self._parts.close()
        finally:
            if self._timer is not None:
                self._timer.cancel()
        return "" if self._parts.told else damage

    def _limit(self) -> None:
        """Limit the time to the end, once it is known to come."""
        if self._timer is None:
            self._timer = _leave_after(STOP_SECONDS, StorageFailure.exit_code)

    def _hangs(self) -> bool:
        return self._health is not None and bool(self._health.hanging())

    async def _open(self) -> tuple[Database, str] | None:
        """Open the database; answers callers meanwhile if that takes long. Gives None if the agent is told to stop."""
        patient = open_patiently(self._stack, self.settings, self._clock, self._api.entrance)
        opening = asyncio.create_task(patient, name="opening")
        ended = await self._parts.first_end(opening, timeout=OPEN_SECONDS)
        if not opening.done() and not ended:
            self._api.listen()
            await self._parts.first_end(opening)
        if opening.done():
            return opening.result()
        opening.cancel()
        await asyncio.wait([opening])
        return None

    async def _work(self, database: Database, token: str) -> str:
        """Run all parts on an open database until one of them ends, then end them, the API first."""
        settings, clock = self.settings, self._clock
        hub, metrics = Hub(clock.wall), Metrics(clock)
        basis = Basis(settings, database, clock, wiring.make_tell(hub))
        space, troubles = await self._watch_disk(basis)
        sending = await open_sending(
            self._stack, basis, space, load=self._again, renew=self._api.renew, observer=self._traces.beside(metrics)
        )
        health = self._health = AgentHealth(database.writer, sending.drain)
        shelves = await self._open_shelves()
        uploads = wiring.make_uploads(basis, shelves, sending.drain, space)
        imports = Imports(shelves, uploads)
        terminals = make_terminals(database, clock)
        callers = Callers(token, clock, managers_group_of(settings.api), self._api.connections)
        await callers.learn(terminals)
        last_seen = LastSeenChore(terminals, callers.seen)
        backup, printing = chores.make_backup(basis), Printing(basis)
        jobs = chores.make_jobs(basis, space, sending.drain, uploads=uploads, imports=imports, backup=backup)
        jobs += [*chores.make_calls(terminals, callers, last_seen), *printing.jobs]
        schedule = self._make_schedule([*jobs, *chores.make_textfile(settings, metrics)])
        neighbours = wiring.make_neighbours(
            basis,
            terminals=terminals,
            sending=sending,
            shelves=shelves,
            imports=imports,
            spool=printing.spool(space, schedule.hurry),
            space=space,
            overview=Overview(sending.reload, schedule, sending.memory, backup),
            health=health,
            metrics=metrics,
            hub=hub,
        )
        metrics.follow(Measuring(settings, neighbours).read)
        self._api.entrance.open(self._traces.around(wiring.make_app(settings, self._traces.over(neighbours), callers)))
        await self._serve(neighbours, sending, schedule, troubles)
        await self._end(hub, schedule, sending.drain, last_seen)
        self.settings = sending.reload.settings
        return troubles.damage

    async def _serve(self, neighbours: Neighbours, sending: Sending, schedule: Schedule, troubles: Troubles) -> None:
        """Answer callers, send and look after things until a part ends."""
        outbox = neighbours.outbox
        self._api.listen()
        schedule.start()
        garbage.keep_what_is_loaded()
        self._parts.add("drain", sending.drain.run())
        self._parts.add("pulse", Pulse(outbox, neighbours.hub).run())
        line = StatusLine(sending.drain, outbox, neighbours.health, neighbours.space)
        self._parts.add("status line", line.run())
        self._parts.add("damage", troubles.damaged.wait())
        with _reloading(sending.again):
            await self._parts.first_end()
        if not troubles.damage:
            systemd.notify("STOPPING=1")  # not when it starts over: systemd would count the time to the end

    async def _watch_disk(self, basis: Basis) -> tuple[SpaceWatch, Troubles]:
        """See how much room there is, and hear of failures from now on."""
        space = wiring.make_space(basis)
        troubles = Troubles(self.settings.storage.directory, space)
        basis.database.on_failure = troubles.hear
        space.look()
        await space.measure()
        return space, troubles

    async def _open_shelves(self) -> Shelves:
        shelves = await wiring.open_shelves(self.settings, self._clock)
        self._stack.push_async_callback(shelves.close)
        return shelves

    def _make_schedule(self, jobs: Sequence[Job]) -> Schedule:
        schedule = Schedule(jobs, self._clock)
        self._stack.push_async_callback(schedule.stop)
        return schedule

    async def _end(self, hub: Hub, schedule: Schedule, drain: Drain, last_seen: LastSeenChore) -> None:
        self._limit()
        hub.close()
        await self._api.stop()
        await schedule.stop()
        with suppress(StorageFailure, Busy):  # it is only a label
            await last_seen.run_once()
        drain.stop()
        await self._parts.end("drain")
        _log.info("agent.stopped", words="The agent stopped. No sales are taken until it is started again.")


@contextmanager
def _reloading(reload: Callable[[], Coroutine[None, None, list[str]]]) -> Iterator[None]:
    """Reload on SIGHUP for as long as the context lasts; a reload in hand is ended with it."""
    tasks: set[asyncio.Task[None]] = set()

    async def take_over() -> None:
        with suppress(ConfigurationError):  # it is told already
            await reload()

    def begin() -> None:
        task = asyncio.create_task(take_over(), name="reload")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, begin)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for task in tasks:
            task.cancel()
