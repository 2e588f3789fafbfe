"""Offers in use: who asked what for which transaction, what was answered, and what became of it.

What is asked for is committed before it is sent, with the request_id it is sent under, so that the same call, also
after a crash, is the same request (G3, G9). Rules are in `domain.offers`.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import structlog

from store_agent.clock import Clock
from store_agent.domain.offers import GIVE_BACK, OfferAction, Use, UseState
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.deferral import AGENT, Deferral, defer, must_wait
from store_agent.storage.queries import load

_SQL = load("offers")

_log = structlog.get_logger("storage")

TIDY_MAX = 100
"""Uses that are taken back, or forgotten, in one commit."""

KEEP_MIN = 10_000
"""Uses that stay, however old; some hundred bytes each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a terminal asks for. `digest` is the SHA-256 of what it sent, `request_id` what it would go out under.

    `offer` is its user offer id, where it is asked for by that.
    """

    transaction_id: str
    terminal: str
    employee: str
    action: OfferAction
    code: str
    digest: bytes
    request_id: str
    offer: str | None


@dataclass(frozen=True, slots=True)
class Noted:
    """The use as it is kept. `tried` tells that the same was asked before, `answer` what was answered then.

    `going_back` tells that nothing was noted: the offer is still on its way back to the guest. Nor is it where another
    sale has the offer already, and the platform does not know yet: `in_use`.
    """

    number: int
    request_id: str
    answer: bytes | None
    tried: bool
    going_back: bool = False
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """An answer that applies an offer: its user offer id, its guest, and the body.

    `day` is set for one that is allowed offline, `reached` tells that the platform heard of it, or may have.
    """

    offer: str
    guest: str | None
    answer: bytes
    day: str | None = None
    reached: bool = True


class Taken(NamedTuple):
    """How often offers were allowed offline: this offer, this guest today, this store today."""

    offer: int
    guest_day: int
    store_day: int


class Offers:
    """Keeps the uses of offers. Raises Busy or StorageFailure."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ask(self, asked: Asked) -> Noted:
        """Note what is asked for; if the same terminal asked just that before, give what was kept then."""
        return await self._database.write(partial(_ask, asked, self._now()))

    async def apply(self, number: int, applied: Applied) -> int | None:
        """Note that the platform did it. If it was given up since, it goes back: gives the sequence of that call."""
        return await self._database.write(partial(_apply, number, applied, self._now()))

    async def allow(self, number: int, applied: Applied, why_not: Callable[[Taken], str]) -> str:
        """Apply an offer offline, unless `why_not` says why not; gives that."""
        return await self._database.write(partial(_allow, number, applied, why_not, self._now()))

    async def refuse(self, number: int) -> None:
        """Note that the platform did not do it."""
        await self._database.write(partial(_set, "refuse", number))

    async def uses(self, offer: str) -> list[Use]:
        """Give what uses an offer, or did until it was given back, the last first."""
        return await self._database.read(partial(_uses, "uses_of_offer", {"offer": offer}))

    async def must_wait(self, deferral: Deferral) -> bool:
        """Tell whether something is on its way to the platform that goes before a call (G4)."""
        return await self._database.read(partial(must_wait, deferral))

    async def take_back(self, uses: Sequence[Use]) -> int | None:
        """Note that offers were given back, and have the platform told; gives the last sequence of those calls."""
        return await self._database.write(partial(_take_back, uses, self._now()))

    async def release(self, uses: Sequence[Use], deferral: Deferral | None = None) -> int | None:
        """Note that offers were given back; with `deferral` the platform is told later: gives its sequence."""
        return await self._database.write(partial(_release, uses, deferral, self._now()))

    async def defer(self, deferral: Deferral) -> int:
        """Take a call that is to be made later; gives its sequence."""
        return await self._database.write(partial(_defer, deferral, self._now()))

    async def grow_older(self, seconds: int) -> None:
        """Add seconds that the agent ran (G14)."""
        await self._database.write(partial(_set, "grow_older", seconds))

    async def forget(self, age: int) -> list[Use]:
        """Take back what is open for so many seconds without a closed sale; gives what it was, TIDY_MAX at most."""
        return await self._database.write(partial(_forget, age, self._now()))

    async def miss(self) -> list[Use]:
        """Take back what only a sale carries that will not arrive; gives what it was, TIDY_MAX at most."""
        return await self._database.write(partial(_miss, self._now()))

    async def purge(self) -> bool:
        """Delete old uses that came to their end; tells whether there may be more."""
        return await self._database.write(partial(_set, "purge", KEEP_MIN, TIDY_MAX)) == TIDY_MAX

    def _now(self) -> int:
        return int(self._clock.wall() * 1000)


def uses_of_transaction(raw: sqlite.Connection, transaction_id: str) -> list[Use]:
    """Give what a transaction uses or used, the first first."""
    return _uses("uses_of_transaction", (transaction_id,), raw)


def carry(raw: sqlite.Connection, carried: Iterable[Use], closed: Iterable[Use], sequence: int) -> None:
    """Note that a revision carries offers, some of them as a closed sale."""
    for use in carried:
        raw.execute(_SQL["carry"], {"sequence": sequence, "number": use.number})
    for use in closed:
        raw.execute(_SQL["use"], (sequence, use.number))


def let_go(raw: sqlite.Connection, uses: Iterable[Use], give_back: Iterable[Use], now: int) -> int | None:
    """Note that uses ended, and have the platform told of some; gives the last sequence of those calls."""
    for use in uses:
        raw.execute(_SQL["release"], (use.number,))
    sequences = [_give_back(raw, use, call, now) for use in give_back if not _held(raw, use) for call in use.ways_back]
    return max(sequences, default=None)


def give_back_subject(offer: str) -> str:
    """Name what calls about an offer share, so that they go in order."""
    return f"offer:{offer}"


def _held(raw: sqlite.Connection, use: Use) -> bool:
    """Tell whether another use has the offer: what would give this one back would take it from that one."""
    asked = {"offer": use.name, "number": use.number, "transaction_id": use.transaction_id}
    return bool(raw.execute(_SQL["held"], asked | {"asked": use.state is UseState.ASKED}).fetchone()[0])


def _give_back(raw: sqlite.Connection, use: Use, call: str, now: int) -> int:
    """Have the platform told that an offer goes back to its guest."""
    words = "An offer that its sale did not use goes back to its guest."
    _log.debug("offer.given_back", words=words, offer=use.name, transaction_id=use.transaction_id, call=call)
    payload = json.dumps({"user_offer_id": use.name, "employee_id": use.employee})
    return defer(raw, Deferral(AGENT, call, give_back_subject(use.name), payload, follows=use.transaction_id), now)


def _ask(asked: Asked, now: int, raw: sqlite.Connection) -> Noted:
    same = (asked.transaction_id, asked.terminal, asked.action.value, asked.digest)
    kept = raw.execute(_SQL["same_use"], same).fetchone()
    if kept is not None:
        number, request_id, answer = kept
        return Noted(number, request_id, answer, tried=True)
    known = raw.execute(_SQL["offer_of_code"], (asked.code,)).fetchone() if asked.offer is None else None
    key = Deferral(AGENT, "", give_back_subject(known[0] if known else asked.code), "").key
    if raw.execute(_SQL["going_back"], (key,)).fetchone()[0]:
        return Noted(0, asked.request_id, None, tried=False, going_back=True)
    if raw.execute(_SQL["given_offline"], (asked.offer, asked.transaction_id)).fetchone()[0]:
        return Noted(0, asked.request_id, None, tried=False, in_use=True)
    who = (asked.transaction_id, asked.terminal, asked.employee)
    values = (*who, asked.action.value, asked.code, asked.digest, asked.request_id, asked.offer, now)
    number = raw.execute(_SQL["ask"], values).lastrowid
    assert number is not None  # noqa: S101 - an INSERT has a row id
    return Noted(number, asked.request_id, None, tried=False)


def _apply(number: int, applied: Applied, now: int, raw: sqlite.Connection) -> int | None:
    offline = applied.day is not None
    answered = (applied.offer, applied.guest, applied.answer, applied.day)
    transaction_id, code, action, employee, state, answered_before = raw.execute(
        _SQL["asked_for"], (number,)
    ).fetchone()
    if raw.execute(_SQL["apply"], (offline, applied.reached, *answered, number)).rowcount:
        place = {"transaction_id": transaction_id, "number": number, "offer": applied.offer, "code": code}
        raw.execute(_SQL["inherit"], place)
        raw.execute(_SQL["replace"], place)
        return None
    taken_since = raw.execute(_SQL["asked_later"], (applied.offer, number)).fetchone()[0]
    if state != UseState.RELEASED or answered_before or taken_since:
        return None
    asked = (number, transaction_id, employee, OfferAction(action), code, UseState.RELEASED)
    return _give_back(raw, Use(*asked, offline, applied.offer, None), GIVE_BACK[OfferAction(action)], now)


def _allow(number: int, applied: Applied, why_not: Callable[[Taken], str], now: int, raw: sqlite.Connection) -> str:
    (transaction_id, *_) = raw.execute(_SQL["asked_for"], (number,)).fetchone()
    place = {"offer": applied.offer, "number": number, "transaction_id": transaction_id}
    if raw.execute(_SQL["in_use"], place).fetchone()[0]:
        return "This offer is in use at this store already."
    asked = place | {"guest": applied.guest, "day": applied.day}
    problem = why_not(Taken(*raw.execute(_SQL["taken_offline"], asked).fetchone()))
    if not problem:
        _apply(number, applied, now, raw)
    return problem


def _set(name: str, *values: Any) -> int:
    *given, raw = values
    return int(raw.execute(_SQL[name], given).rowcount)


def _release(uses: Sequence[Use], deferral: Deferral | None, now: int, raw: sqlite.Connection) -> int | None:
    let_go(raw, uses, (), now)
    return None if deferral is None else defer(raw, deferral, now)


def _take_back(uses: Sequence[Use], now: int, raw: sqlite.Connection) -> int | None:
    return let_go(raw, uses, uses, now)


def _defer(deferral: Deferral, now: int, raw: sqlite.Connection) -> int:
    return defer(raw, deferral, now)


def _forget(age: int, now: int, raw: sqlite.Connection) -> list[Use]:
    uses = _uses("forgotten", (age, TIDY_MAX), raw)
    let_go(raw, uses, uses, now)
    return uses


def _miss(now: int, raw: sqlite.Connection) -> list[Use]:
    raw.execute(_SQL["consume"])
    uses = _uses("missed", (TIDY_MAX,), raw)
    let_go(raw, uses, uses, now)
    return uses


def _uses(name: str, asked: Any, raw: sqlite.Connection) -> list[Use]:
    return [_use(values) for values in raw.execute(_SQL[name], asked).fetchall()]


def _use(values: Sequence[Any]) -> Use:
    number, transaction_id, employee, action, code, state, offline, reached, offer, answer, *seen = values
    named = (number, transaction_id, employee, OfferAction(action), code, UseState(state))
    reached = bool(reached) or not offline
    return Use(*named, bool(offline), offer, read_discount(answer), reached, *map(bool, seen))


def read_discount(answer: bytes | None) -> dict[str, Any] | None:
    """Find the Discount object in the body of an answer; numbers are exact."""
    if answer is None:
        return None
    payload = json.loads(answer, parse_float=Decimal).get("payload")
    return payload if isinstance(payload, dict) else None
