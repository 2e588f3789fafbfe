"""SessionM as the drain sees it: make a request, send it."""

import base64
from collections.abc import Callable, Sequence

import structlog

from store_agent.clock import Clock
from store_agent.cloud.sessionm.answers import read_outcome
from store_agent.cloud.sessionm.wire import LOOKUP, assemble, question
from store_agent.cloud.transport import Answer, NoAnswer
from store_agent.cloud.transport import Transport as Line
from store_agent.domain.batch import Member, Request
from store_agent.domain.container import Identity
from store_agent.domain.outcome import Delivered, Outcome, Refused, Transport
from store_agent.domain.skew import Moment, Skew, estimate, read_date

_log = structlog.get_logger("sessionm")


class SessionM:
    """The platform behind a transport. `mint` makes request ids.

    `skew` tells how far this machine's clock is from the platform's, by its latest answer; None before one did.
    """

    def __init__(
        self,
        transport: Line,
        *,
        key: str,
        secret: str,
        identity: Identity,
        culture: str | None,
        clock: Clock,
        mint: Callable[[], str],
    ) -> None:
        self._transport = transport
        self._identity = identity
        self._culture = culture
        self._clock = clock
        self._mint = mint
        self.skew: Skew | None = None
        credentials = base64.b64encode(f"{key}:{secret}".encode()).decode("ascii")
        self._headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}

    def assemble(self, members: Sequence[Member]) -> Request:
        """Make the request for members that may share one."""
        return assemble(members, self._identity, self._culture, self._mint)

    async def send(self, endpoint: str, request_id: str, body: bytes) -> Outcome:
        """Send a frozen request as it is."""
        return await self._call(endpoint, request_id, body)

    async def ask(self) -> Outcome:
        """Ask for a guest that nobody is, which changes nothing: the outcome tells whether this store may call."""
        request_id = self._mint()
        return await self._call(LOOKUP, request_id, question(self._identity, request_id))

    async def well(self) -> bool:
        """Tell whether the platform answers a question that changes nothing: what fails beside it is not the door."""
        return isinstance(await self.ask(), Delivered | Refused)

    async def _call(self, endpoint: str, request_id: str, body: bytes) -> Outcome:
        began = self._moment()
        answer = await self._transport.request("POST", f"/api/2.0/{endpoint}", self._headers, body)
        date = read_date(answer.headers.get("date")) if isinstance(answer, Answer) else None
        outcome = self._read(answer, request_id, date)
        if date is not None and not isinstance(outcome, Transport):  # a gateway's clock says nothing of the platform's
            self.skew = estimate(date, began, self._moment()) or self.skew
        return outcome

    def _read(self, answer: Answer | NoAnswer, request_id: str, date: float | None) -> Outcome:
        """Read an answer. A dated Retry-After is meant by the clock that wrote it, not by this machine's (G14)."""
        try:
            return read_outcome(answer, self._clock.wall() if date is None else date)
        except Exception:  # noqa: BLE001 - see below
            # An answer that trips the reader must not end the agent: the same request would trip it at every start.
            _log.exception("sessionm.unreadable_answer", request_id=request_id)
            return Transport("The platform's answer could not be read.")

    def _moment(self) -> Moment:
        return Moment(self._clock.wall(), self._clock.monotonic())
