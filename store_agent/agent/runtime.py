"""Runs the agent from start to stop."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial

import structlog
import uvloop

from store_agent import __version__
from store_agent.agent import control, logs, wiring
from store_agent.agent.reload import Reload
from store_agent.api.callers import Callers
from store_agent.api.hub import Hub
from store_agent.api.server import Server, listen, make_server
from store_agent.clock import SystemClock
from store_agent.config.settings import Settings
from store_agent.drain.drain import Drain
from store_agent.errors import AgentError
from store_agent.storage.database import open_database
from store_agent.storage.outbox import Outbox

SWITCH_INTERVAL_SECONDS = 0.0001
"""The writer's thread gets its turn from a busy event loop much sooner than by default (5 ms); every answer waits for
it. Measured: up to 15 % more sales at 32 lanes on a disk with 2 ms syncs, nothing beyond noise elsewhere."""

LEAVE_SECONDS = 2.0
"""How long Python may take to end once everything is closed; see `_leave_soon`."""

_log = structlog.get_logger("agent")


def run(load: Callable[[], Settings]) -> None:
    """Run the agent until it is told to stop; `load` reads its configuration, again at every reload.

    Raises AgentError when it cannot start, anything else is a bug.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload, and after
    settings = load()
    logs.configure(settings.log.level, settings.log.form)
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    uvloop.run(_run(settings, load))


async def _run(settings: Settings, load: Callable[[], Settings]) -> None:
    clock = SystemClock()
    hub = Hub(clock.wall)
    tell = wiring.make_tell(hub)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings.storage.directory, clock))
        reload = Reload(settings, load, clock, tell)
        stack.push_async_callback(reload.close)
        drain = wiring.make_drain(settings, Outbox(database, clock), reload.platform, clock, tell)
        terminals = wiring.make_terminals(database, clock)
        listener = listen(settings.api.host, settings.api.port)
        stack.callback(listener.close)
        callers = Callers(control.write_token(settings.storage.directory))
        callers.replace(await terminals.all())
        neighbours = wiring.make_neighbours(
            settings, database, terminals=terminals, drain=drain, hub=hub, tell=tell, clock=clock
        )
        server = make_server(wiring.make_app(settings, neighbours, callers), wiring.make_limits(settings))
        with _reloading(partial(reload.run, drain)):
            await _serve(server, listener, drain, hub)
    _leave_soon()


def _leave_soon() -> None:
    """End the process even if a look-up of a name hangs, which cannot be cut short and for which Python would wait."""
    timer = threading.Timer(LEAVE_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()


@contextmanager
def _reloading(reload: Callable[[], Coroutine[None, None, None]]) -> Iterator[None]:
    """Reload on SIGHUP for as long as the context lasts; a reload in hand is ended with it."""
    tasks: set[asyncio.Task[None]] = set()

    def begin() -> None:
        task = asyncio.create_task(reload(), name="reload")
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


async def _serve(server: Server, listener: socket.socket, drain: Drain, hub: Hub) -> None:
    """Run API and drain together; when either ends, or a signal comes, both end, the API first."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    parts = {
        asyncio.create_task(server.serve(sockets=[listener]), name="api"),
        asyncio.create_task(drain.run(), name="drain"),
        asyncio.create_task(told.wait(), name="signal"),
    }
    host, port = listener.getsockname()[:2]
    _log.info("agent.started", version=__version__, host=host, port=port)
    await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    hub.close()
    server.should_exit = True
    told.set()
    await asyncio.wait([part for part in parts if part.get_name() == "api"])
    drain.stop()
    await asyncio.wait(parts)
    for part in parts:
        if (error := part.exception()) is not None:
            _log.error("agent.part_died", part=part.get_name(), exc_info=error)
            raise AgentError(f"A part of the agent failed ({part.get_name()}); it ends so that it is started anew.")
    _log.info("agent.stopped")
