"""Lets go again what a burst of refusals parked, once its cause seems mended (G6)."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import structlog

from store_agent.domain.events import Event, Tell
from store_agent.domain.settle import Decision, Park
from store_agent.domain.summary import count
from store_agent.drain.line import Line
from store_agent.drain.seams import Queue
from store_agent.errors import Busy, StorageFailure

RETRY_SECONDS = 1.0
"""Pause before what the disk did not take is tried again."""

_log = structlog.get_logger("drain")


class _Wanted(NamedTuple):
    """What a burst parked is to go again, unless it was refused more often than this."""

    refusals_max: int | None


class Unparking:
    """At the start, and whenever a person or the platform shows that it is mended. `wake` hears of what may go."""

    def __init__(self, queue: Queue, line: Line, tell: Tell, wake: Callable[[], None]) -> None:
        self._queue = queue
        self._line = line
        self._tell = tell
        self._wake = wake
        self._wanted: _Wanted | None = _Wanted(None)
        self._busy = False
        self._failure = ""

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Begin what is wanted, unless it is being done."""
        if self._wanted is not None and not self._busy:
            self._busy = True
            tasks.create_task(self._let_go_later(self._wanted), name="drain-unpark")

    async def resume(self) -> int:
        """Let all go, since a person says that it is mended; gives how many.

        Raises StorageFailure or Busy: it is done later.
        """
        self._wanted = _Wanted(None)
        return await self._let_go(self._wanted)

    def see(self, decision: Decision, *, stale: bool) -> None:
        """Let go what a burst parked once it is over; what it parks after that, too.

        Without a person only once: sales that are refused again might halt the line for ever. `stale` tells that a
        person resumed the line since the call began.
        """
        late = isinstance(decision, Park) and bool(decision.burst)
        if late and stale:
            self._wanted = _Wanted(None)
        elif self._line.burst_over or (late and self._line.up):
            self._wanted = self._wanted or _Wanted(1)
        self._line.burst_over = False

    async def _let_go_later(self, wanted: _Wanted) -> None:
        try:
            await self._let_go(wanted)
        except (StorageFailure, Busy) as error:
            self._note(str(error))
            await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._busy = False
            self._wake()

    def _note(self, failure: str) -> None:
        """Log once why it cannot be done now."""
        if failure != self._failure:
            words = f"Refused sales that are to go out again wait for the disk; it is tried again. {failure}"
            _log.error("drain.unpark_failed", words=words, reason=failure)
        self._failure = failure

    async def _let_go(self, wanted: _Wanted) -> int:
        number = await self._queue.unpark_burst(wanted.refusals_max)
        self._failure = ""
        if self._wanted == wanted:
            self._wanted = None
        if number:
            words = f"{count(number, 'refused sale goes', 'refused sales go')} out again, as the cause seems mended."
            self._tell(Event("sales.unparked", words, {"sales": number}))
            self._wake()
        return number
