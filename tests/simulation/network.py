"""The line: what `cloud.transport.Transport` is to the adapter, with requests that get lost and come late."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from random import Random

from store_agent.cloud.transport import Answer, NoAnswer
from tests.simulation import no_answers as words
from tests.simulation.departures import Departures
from tests.simulation.faults import BACK, THERE, Fault, Weather
from tests.simulation.plan import Pace
from tests.simulation.platform import Platform
from tests.simulation.request import Seen, read_request
from tests.simulation.trace import Trace

DEADLINE_SECONDS = 30.0
"""The whole call, as `Timeouts.whole`."""

LATE_SECONDS_MAX = 240.0
"""How long after its deadline a copy may still arrive."""

SLOW_SECONDS_MAX = 20.0


class _Call:
    """One try: whoever answers first wins, at the latest the deadline."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seen: Seen) -> None:
        self.seen = seen
        self.sent_at = loop.time()
        self.answered: asyncio.Future[Answer | NoAnswer] = loop.create_future()
        self._deadline = loop.call_later(DEADLINE_SECONDS, self.end, words.silence())

    def end(self, answer: Answer | NoAnswer) -> None:
        if not self.answered.done():
            self.answered.set_result(answer)

    def close(self) -> None:
        self._deadline.cancel()


class Internet:
    """Carries requests and answers between the agent, whichever of its lives it is, and the platform."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, weather: Weather, chance: Random, platform: Platform, pace: Pace
    ) -> None:
        self._loop = loop
        self._weather = weather
        self._chance = chance
        self._platform = platform
        self._pace = pace
        self._under_way = 0
        self._seen: dict[bytes, Seen] = {}

    @property
    def busy(self) -> bool:
        """Tell whether a copy is still under way."""
        return self._under_way > 0

    def read(self, endpoint: str, body: bytes) -> Seen:
        """Read a request, once for all its copies."""
        if body not in self._seen:
            self._seen[body] = read_request(endpoint, body)
        return self._seen[body]

    def carry(self, call: _Call) -> None:
        """Send a copy on its way, through whatever the plan puts there."""
        fault = self._weather.strike(THERE)
        if fault is None:
            self._deliver(call, self._one_way())
        else:
            _FATES_THERE[fault](self, call)

    def _one_way(self) -> float:
        return self._pace.line * self._chance.uniform(0.8, 1.2)

    def _later(self, call: _Call, answer: Answer | NoAnswer) -> None:
        self._loop.call_later(self._one_way(), call.end, answer)

    def _deliver(self, call: _Call, seconds: float) -> None:
        self._under_way += 1
        self._loop.call_later(seconds, self._arrive, call)

    def _arrive(self, call: _Call) -> None:
        self._under_way -= 1
        self._platform.receive(call.seen, call.sent_at, partial(self._bring_back, call))

    def _bring_back(self, call: _Call, answer: Answer) -> None:
        fault = self._weather.strike(BACK)
        if fault is None:
            self._later(call, answer)
        elif fault is Fault.LOST_AFTER:
            self._later(call, words.broke())
        elif fault is Fault.GATEWAY_AFTER:
            self._later(call, Answer(self._chance.choice((502, 504)), {}, b"<html>Bad gateway</html>"))
        # else the answer never comes, or comes too slowly, and the deadline ends the call

    def _refuse(self, call: _Call) -> None:
        self._later(call, words.connection_refused())

    def _refuse_certificate(self, call: _Call) -> None:
        self._later(call, words.certificate_refused())

    def _lose(self, call: _Call) -> None:
        if self._chance.random() < 0.5:
            self._later(call, words.broke())

    def _send_late(self, call: _Call) -> None:
        self._deliver(call, DEADLINE_SECONDS + self._chance.uniform(0.0, LATE_SECONDS_MAX))

    def _send_slowly(self, call: _Call) -> None:
        self._deliver(call, self._chance.uniform(0.0, SLOW_SECONDS_MAX))

    def _show_portal(self, call: _Call) -> None:
        self._later(call, Answer(200, {"content-type": "text/html"}, b"<html>Welcome to our network</html>"))

    def _gateway(self, call: _Call) -> None:
        self._later(call, Answer(self._chance.choice((502, 503, 504)), {}, b"<html>Bad gateway</html>"))


_FATES_THERE: dict[Fault, Callable[[Internet, _Call], None]] = {
    Fault.REFUSED: Internet._refuse,
    Fault.LOST_BEFORE: Internet._lose,
    Fault.LATE: Internet._send_late,
    Fault.SLOW: Internet._send_slowly,
    Fault.PORTAL: Internet._show_portal,
    Fault.GATEWAY: Internet._gateway,
    Fault.CERTIFICATE: Internet._refuse_certificate,
}


class Line:
    """The end of the line in one life of the agent; stands where the adapter has its transport."""

    def __init__(self, internet: Internet, departures: Departures, trace: Trace) -> None:
        self._internet = internet
        self._departures = departures
        self._trace = trace

    async def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"", *, seconds: float | None = None
    ) -> Answer | NoAnswer:
        """Send a request and wait for its end."""
        seen = self._internet.read(path.rpartition("/")[2], body)
        if seen.sent:
            self._departures.leaves(seen)
        call = _Call(asyncio.get_running_loop(), seen)
        try:
            self._internet.carry(call)
            answer = await call.answered
            self._trace.note("answered", seen.request_id, getattr(answer, "status", None) or answer)
            return answer
        finally:
            call.close()
            self._departures.returned(seen)

    async def close(self) -> None:
        """Hang up."""
