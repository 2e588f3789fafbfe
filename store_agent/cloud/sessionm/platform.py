"""SessionM as the drain sees it: make a request, send it."""

from collections.abc import Callable, Sequence

from store_agent.clock import Clock
from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.answers import read_safely
from store_agent.cloud.sessionm.noted import note_call
from store_agent.cloud.sessionm.observer import PROBE, UNOBSERVED, Call, Observer
from store_agent.cloud.sessionm.relay import Upstreams, read_relayed, relay
from store_agent.cloud.sessionm.wire import API, LOOKUP, assemble, question
from store_agent.cloud.transport import Answer, NoAnswer
from store_agent.domain.batch import FrozenBatch, Member, Request
from store_agent.domain.container import Identity
from store_agent.domain.outcome import Delivered, Outcome, Refused, Transport
from store_agent.domain.relayed import is_relayed, read_target
from store_agent.domain.skew import Moment, Skew, estimate, read_date

_NONE: Upstreams = {}


class SessionM:
    """The platform behind its addresses: the POS API's, and others. `mint` makes request ids.

    `skew` tells how far this machine's clock is from the platform's, by its latest answer; None before one did.
    """

    def __init__(
        self,
        pos: Access,
        upstreams: Upstreams = _NONE,
        *,
        identity: Identity,
        culture: str | None,
        clock: Clock,
        mint: Callable[[], str],
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._pos = pos
        self._upstreams = upstreams
        self._identity = identity
        self._culture = culture
        self._clock = clock
        self._mint = mint
        self._observer = observer
        self.skew: Skew | None = None

    def assemble(self, members: Sequence[Member]) -> Request:
        """Make the request for members that may share one."""
        if members[0].call is None:
            self._observer.request_made(len(members))
        return assemble(members, self._identity, self._culture, self._mint)

    async def send(self, batch: FrozenBatch, body: bytes) -> Outcome:
        """Send a frozen request as it is; `body` is its body, which the batch need not hold."""
        began = self._clock.monotonic()
        way = self._relay if is_relayed(batch.endpoint) else self._call
        outcome = await way(batch.endpoint, batch.request_id, body)
        self._ended(Call(batch.endpoint, batch.request_id, batch.members, batch.tries + 1), outcome, began)
        return outcome

    async def ask(self) -> Outcome:
        """Ask for a guest that nobody is, which changes nothing: the outcome tells whether this store may call."""
        request_id, began = self._mint(), self._clock.monotonic()
        outcome = await self._call(LOOKUP, request_id, question(self._identity, request_id))
        self._ended(Call(PROBE, request_id), outcome, began)
        return outcome

    async def well(self) -> bool:
        """Tell whether the platform answers a question that changes nothing: what fails beside it is not the door."""
        return isinstance(await self.ask(), Delivered | Refused)

    def _ended(self, call: Call, outcome: Outcome, began: float) -> None:
        seconds = self._clock.monotonic() - began
        self._observer.call_ended(call, outcome, seconds)
        note_call(call, outcome, seconds)

    async def _relay(self, endpoint: str, request_id: str, body: bytes) -> Outcome:
        answer = await relay(self._upstreams, read_target(endpoint), request_id, body)
        return read_relayed(answer, request_id, self._clock.wall())

    async def _call(self, endpoint: str, request_id: str, body: bytes) -> Outcome:
        began = self._moment()
        answer = await self._pos.post(API + endpoint, body)
        date = read_date(answer.headers.get("date")) if isinstance(answer, Answer) else None
        outcome = self._read(answer, request_id, date)
        if date is not None and not isinstance(outcome, Transport):  # a gateway's clock says nothing of the platform's
            self.skew = estimate(date, began, self._moment()) or self.skew
        return outcome

    def _read(self, answer: Answer | NoAnswer, request_id: str, date: float | None) -> Outcome:
        """Read an answer. A dated Retry-After is meant by the clock that wrote it, not by this machine's (G14)."""
        return read_safely(answer, request_id, self._clock.wall() if date is None else date)

    def _moment(self) -> Moment:
        return Moment(self._clock.wall(), self._clock.monotonic())
