"""The loyalty platform as its documents describe it: idempotent by request_id, and not always well.

The order of things matters. At the front door nothing is known of a request, so a failure there says nothing about it.
Behind it the request_id is looked up first: what was processed gets its stored answer, what is being processed is
pending. Only then a request can be refused, or fail. Two assumptions beside the documents, since no client could tell
these from a request that fails for ever: a copy that was under way when the platform failed at the same request never
arrives, and a request at which it failed before its work does not fail after its work later on.
"""

import asyncio
import json
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from random import Random

from store_agent.cloud.transport import Answer
from tests.simulation.faults import DOOR, Fault, Weather
from tests.simulation.ledger import Ledger
from tests.simulation.loop import START_SECONDS
from tests.simulation.plan import Plan
from tests.simulation.request import Seen, Sent

Respond = Callable[[Answer], None]

_JSON = {"content-type": "application/json"}


def error(status: int, code: str, message: str, **headers: str) -> Answer:
    """Make the platform's container for an error."""
    container = {"status": "Error", "payload": None, "errors": {"code": code, "message": message, "fields": []}}
    return Answer(status, {**_JSON, **headers}, json.dumps(container).encode())


OK = Answer(200, _JSON, b'{"status": "OK", "payload": {}, "errors": null}')
WORKING = error(200, "pending processing", "The request is being processed.")
FAILED = error(500, "internal_error", "Something went wrong.")
TOO_LARGE = error(413, "too_large", "Too large.")


class Platform:
    """Takes requests, and answers each by calling `respond` once, or never where the request is given up on the way."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        weather: Weather,
        chance: Random,
        ledger: Ledger,
        plan: Plan,
    ) -> None:
        self._loop = loop
        self._weather = weather
        self._chance = chance
        self._ledger = ledger
        self._nature = plan.nature
        self._poison = plan.nature.poison
        self._seconds = plan.pace.work
        self._answers: dict[str, Answer | None] = {}
        self._failed_at: dict[str, float] = {}

    @property
    def working(self) -> bool:
        """Tell whether a request is being processed."""
        return None in self._answers.values()

    def _now(self) -> float:
        return self._loop.time() - START_SECONDS

    def heal(self) -> None:
        """Fail at nothing any more."""
        self._poison = frozenset()

    def receive(self, seen: Seen, sent_at: float, respond: Respond) -> None:
        """Take a copy of a request that left the agent at `sent_at` (time of the loop)."""
        self._ledger.arrived(seen, self._now())
        refusal = self._at_the_door(seen)
        if refusal is not None:
            respond(refusal)
        elif not seen.sent:
            respond(OK)
        elif seen.request_id in self._answers:
            respond(self._answers[seen.request_id] or WORKING)
        elif sent_at >= self._failed_at.get(seen.request_id, 0.0):
            self._begin(seen, respond)

    def _at_the_door(self, seen: Seen) -> Answer | None:
        if len(seen.sent) > self._nature.count_max or len(seen.body) > self._nature.bytes_max:
            self._ledger.refuse(seen, "too large")
            return TOO_LARGE
        fault = self._weather.strike(DOOR)
        return None if fault is None else _DOOR_ANSWERS[fault](self._chance, self._now())

    def _begin(self, seen: Seen, respond: Respond) -> None:
        if any(one.transaction_id in self._poison for one in seen.sent) or self._weather.strike((Fault.RANDOM_500,)):
            self._failed_at[seen.request_id] = self._loop.time()
            respond(FAILED)
            return
        self._answers[seen.request_id] = None
        if self._weather.strike((Fault.PENDING,)):
            respond(WORKING)
            respond = _nobody
        work = partial(self._finish, seen, respond, everything_refused=bool(self._weather.strike((Fault.REFUSES_ALL,))))
        self._loop.call_later(self._seconds * self._chance.uniform(0.8, 1.2), work)

    def _finish(self, seen: Seen, respond: Respond, *, everything_refused: bool) -> None:
        culprits = self._culprits(seen)
        if everything_refused or culprits:
            named = ", ".join(one.transaction_id for one in culprits) or "the store"
            self._ledger.refuse(seen, named)
            self._answers[seen.request_id] = self._refusal(f"Unknown: {named}")
        else:
            self._ledger.accept(seen, self._now())
            self._answers[seen.request_id] = OK
        answer = self._answers[seen.request_id] or OK
        fails = seen.request_id not in self._failed_at and self._weather.strike((Fault.FAILS_AFTER,))
        respond(FAILED if fails else answer)

    def _culprits(self, seen: Seen) -> list[Sent]:
        mended = self._now() >= self._nature.mended_at
        return [] if mended else [one for one in seen.sent if one.marker in self._nature.bad]

    def _refusal(self, message: str) -> Answer:
        return error(self._chance.choice((400, 409, 422, 200)), "invalid_transaction", message)


def _nobody(_: Answer) -> None:
    """Take an answer that nobody waits for."""


def _throttle(chance: Random, now: float) -> Answer:
    """Ask to wait, in one of the ways in which servers do."""
    seconds = chance.choice((0, 1, 7, 40))
    dated = formatdate(now + seconds, usegmt=True)
    headers = chance.choice(({"retry-after": str(seconds)}, {"retry-after": dated}))
    return error(chance.choice((429, 503)), "busy", "Too many requests.", **headers)


def _forbid(chance: Random, _: float) -> Answer:
    return error(chance.choice((401, 403, 404)), "forbidden", "Not you.")


_DOOR_ANSWERS: dict[Fault, Callable[[Random, float], Answer]] = {
    Fault.DOOR_500: lambda chance, now: FAILED,
    Fault.THROTTLE: _throttle,
    Fault.FORBIDDEN: _forbid,
}
