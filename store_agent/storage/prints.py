"""What is to be printed, kept until the printer takes it: a crash or a printer that is off loses none of it.

A job is noted as begun just before its first byte leaves. So after a crash it is known that it may have been printed
already: it is printed again all the same, and the second copy can say what it is.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from store_agent.clock import Clock
from store_agent.domain.prints import PrintJob, PrintState
from store_agent.domain.repair import Deed
from store_agent.errors import Busy
from store_agent.storage import sqlite
from store_agent.storage.audit import audit
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("prints")

KEEP_SECONDS = 86_400
"""How long settled jobs are listed: a cashier asks for one within the day."""

LISTED_MAX = 200
"""Jobs in a list of those that wait: who has more should look at the printer first."""

TIDY_MAX = 100
"""Jobs given up or deleted in one commit, so that sales get their turn between."""


@dataclass(frozen=True, slots=True)
class Due:
    """A job that is to be printed next; of its `attempts` so far `doubts` may have printed it.

    `tells_status`: its printer did so for one of the jobs of the last day.
    """

    number: int
    content: bytes
    attempts: int
    doubts: int
    tells_status: bool

    def tried(self, *, doubtful: bool) -> dict[str, Any]:
        """Give its counts after one more try."""
        return {"number": self.number, "attempts": self.attempts + 1, "doubts": self.doubts + doubtful}


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry of the audit that goes with a job: the deed, and the newest revision of the sale, if there is one."""

    deed: Deed
    sequence: int | None


class Prints:
    """The jobs of all printers; `keep_max` wait for one at most. Raises Busy or StorageFailure."""

    def __init__(self, database: Database, clock: Clock, keep_max: int) -> None:
        self._database = database
        self._clock = clock
        self._keep_max = keep_max
        self._tried: WeakValueDictionary[int, asyncio.Event] = WeakValueDictionary()
        self._in_printers: set[int] = set()

    async def put(
        self, printer: str, content: bytes, about: str, noted: Noted | None = None, *, once: bool = False
    ) -> int:
        """Keep something to be printed; gives the number of the job, once it is committed.

        `about` names it for people. With `once`, what is known to wait there or to have been printed is not kept again:
        its number is given. Raises Busy where too much waits for the printer already.
        """
        new = _New(printer, content, about, noted, once)
        return await self._database.write(partial(_put, new, self._keep_max, self._now()))

    async def oldest(self, printer: str) -> Due | None:
        """Give what a printer is to print next; None if nothing waits for it."""
        return await self._database.read(partial(_oldest, printer))

    async def begin(self, job: Due) -> bool:
        """Note that the first byte of a job goes to its printer now; tells whether it still waits.

        From then on it cannot be given up, until `let_go`.
        """
        self._in_printers.add(job.number)
        values = job.tried(doubtful=True)
        return bool(await self._database.write(lambda raw: raw.execute(_SQL["begin"], values).rowcount))

    def let_go(self, job: Due) -> None:
        """Tell that nothing of a job goes to its printer any more."""
        self._in_printers.discard(job.number)

    async def fail(self, job: Due, error: str, *, doubtful: bool, told: bool) -> None:
        """Note why a try did not print; `doubtful` if it may have all the same, `told` if the printer said so."""
        values = job.tried(doubtful=doubtful) | {"error": error, "told": told}
        await self._database.write(lambda raw: raw.execute(_SQL["fail"], values).rowcount)
        self._tell(job.number)

    async def printed(self, job: Due, *, told: bool) -> None:
        """Note that a job was printed, by a printer that `told` its status before."""
        values = _end(job.number, PrintState.PRINTED, None, self._now(), told=told)
        await self._database.write(partial(_settle, values))
        self._tell(job.number)

    async def give_up(self, number: int, words: str) -> bool:
        """Give up a job; tells whether it waited until now. One that is in its printer still waits, and goes on so."""
        values = _end(number, PrintState.GIVEN_UP, words, self._now())
        done = await self._database.write(partial(_give_up, values, self._in_printers))
        self._tell(number)
        return done

    async def wait_until_tried(self, number: int) -> None:
        """Wait until a job that waits is tried or settled."""
        tried = self._tried.setdefault(number, asyncio.Event())  # kept only as long as somebody waits
        await tried.wait()

    async def find(self, number: int) -> PrintJob | None:
        """Give one job."""
        return await self._database.read(partial(_find, number))

    async def queued(self) -> list[PrintJob]:
        """Give what waits for printers, the oldest first, LISTED_MAX at most."""
        return await self._database.read(
            lambda raw: [_read(row) for row in raw.execute(_SQL["queued"], (LISTED_MAX,)).fetchall()]
        )

    async def waiting(self) -> dict[str, int]:
        """Count the jobs that wait, by printer; those without any are left out."""
        return await self._database.read(lambda raw: dict(raw.execute(_SQL["waiting"]).fetchall()))

    async def last_printed(self, printer: str) -> int | None:
        """Tell when a printer printed last, in milliseconds since 1970; None if that is not kept."""
        found: int | None = await self._database.read(
            lambda raw: raw.execute(_SQL["last_printed"], (printer,)).fetchone()[0]
        )
        return found

    async def grow_older(self, seconds: int) -> None:
        """Add seconds that the agent ran to what waits (G14)."""
        await self._database.write(lambda raw: raw.execute(_SQL["grow_older"], (seconds,)).rowcount)

    async def give_up_older(self, age: int, words: str) -> list[PrintJob]:
        """Give up what has waited for so many seconds and is not in its printer; gives it, TIDY_MAX at most."""
        given_up = await self._database.write(partial(_give_up_older, age, words, self._in_printers, self._now()))
        for job in given_up:
            self._tell(job.number)
        return given_up

    async def purge(self) -> bool:
        """Delete what was settled long ago; tells whether there may be more."""
        deleted = await self._database.write(lambda raw: raw.execute(_SQL["purge"], (KEEP_SECONDS, TIDY_MAX)).rowcount)
        return bool(deleted == TIDY_MAX)

    def _tell(self, number: int) -> None:
        if (tried := self._tried.get(number)) is not None:
            tried.set()

    def _now(self) -> int:
        return int(self._clock.wall() * 1000)


class _New(NamedTuple):
    printer: str
    content: bytes
    about: str
    noted: Noted | None
    once: bool


def _put(new: _New, keep_max: int, now: int, raw: sqlite.Connection) -> int:
    if new.once and (before := raw.execute(_SQL["asked_before"], (new.about, new.printer)).fetchone()) is not None:
        return int(before[0])
    (waiting,) = raw.execute(_SQL["count_waiting"], (new.printer,)).fetchone()
    if waiting >= keep_max:
        raise Busy(
            f"{waiting} receipts wait for the printer {new.printer} already, and no more are kept; this one will not "
            "be printed. Look at the printer, or use another one. Sales are not affected."
        )
    number = raw.execute(_SQL["put"], (new.printer, new.about, new.content, now)).lastrowid
    assert number is not None  # noqa: S101 - an INSERT has a row id
    if new.noted is not None:
        audit(new.noted.deed, new.noted.sequence, now, raw)
    return number


def _oldest(printer: str, raw: sqlite.Connection) -> Due | None:
    found = raw.execute(_SQL["oldest"], (printer,)).fetchone()
    if found is None:
        return None
    number, content, attempts, doubts, tells_status = found
    return Due(number, content, attempts, doubts, bool(tells_status))


def _end(number: int, state: PrintState, error: str | None, now: int, *, told: bool = False) -> dict[str, Any]:
    return {"number": number, "state": state.value, "error": error, "told": told, "at": now}


def _settle(values: dict[str, Any], raw: sqlite.Connection) -> bool:
    return bool(raw.execute(_SQL["settle"], values).rowcount)


def _give_up(values: dict[str, Any], in_printers: set[int], raw: sqlite.Connection) -> bool:
    """Look what is in a printer inside the transaction: whichever of this and `begin` commits first, the other sees."""
    return values["number"] not in in_printers and _settle(values, raw)


def _find(number: int, raw: sqlite.Connection) -> PrintJob | None:
    found = raw.execute(_SQL["find"], (number,)).fetchone()
    return None if found is None else _read(found)


def _read(row: Sequence[Any]) -> PrintJob:
    number, printer, about, state, attempts, error, created_at, settled_at = row
    return PrintJob(number, printer, about, PrintState(state), attempts, error, created_at, settled_at)


def _give_up_older(age: int, words: str, in_printers: set[int], now: int, raw: sqlite.Connection) -> list[PrintJob]:
    numbers = [number for (number,) in raw.execute(_SQL["too_old"], (age, TIDY_MAX)).fetchall()]
    ended = [number for number in numbers if _give_up(_end(number, PrintState.GIVEN_UP, words, now), in_printers, raw)]
    found = [_find(number, raw) for number in ended]
    return [job for job in found if job is not None]
