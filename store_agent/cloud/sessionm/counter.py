"""SessionM as the counter sees it: one call, one answer as it came, within seconds."""

import json
from collections.abc import Callable

from store_agent.clock import Clock
from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.answers import read_safely
from store_agent.cloud.sessionm.noted import note_call
from store_agent.cloud.sessionm.observer import UNOBSERVED, Call, Observer
from store_agent.cloud.sessionm.relay import Upstreams, read_relayed, relay
from store_agent.cloud.sessionm.wire import API, enclose
from store_agent.cloud.transport import Answer, NoAnswer
from store_agent.domain.batch import Member, Request
from store_agent.domain.container import Identity
from store_agent.domain.outcome import Outcome
from store_agent.domain.relayed import Target
from store_agent.domain.reply import Reply
from store_agent.domain.skew import read_date


class Counter:
    """The platform behind its addresses. `mint` makes request ids."""

    def __init__(
        self,
        pos: Access,
        upstreams: Upstreams,
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
        self._observer = observer
        self.mint = mint

    def enclose(self, endpoint: str, request_id: str, payload: str, forwarded: str) -> Request:
        """Put a payload and its container fields into a request of the POS API."""
        member = Member(forwarded, payload.encode())
        return Request(request_id, endpoint, enclose(member, self._identity, self._culture, request_id))

    async def ask(self, request: Request, seconds: float) -> Reply:
        """Make a call of the POS API."""
        began = self._clock.monotonic()
        answer = await self._pos.post(API + request.endpoint, request.body, seconds=seconds)
        outcome = read_safely(answer, request.request_id, self._wall(answer))
        self._ended(Call(request.endpoint, request.request_id), outcome, began)
        return _reply(answer, outcome)

    async def relay(self, target: Target, request_id: str, body: bytes, seconds: float) -> Reply:
        """Make a call of another upstream."""
        began = self._clock.monotonic()
        answer = await relay(self._upstreams, target, request_id, body, seconds=seconds)
        outcome = read_relayed(answer, request_id, self._wall(answer))
        self._ended(Call(target.endpoint, request_id), outcome, began)
        return _reply(answer, outcome)

    def _ended(self, call: Call, outcome: Outcome, began: float) -> None:
        seconds = self._clock.monotonic() - began
        self._observer.call_ended(call, outcome, seconds)
        note_call(call, outcome, seconds)

    def _wall(self, answer: Answer | NoAnswer) -> float:
        """Tell the time by the clock that wrote a dated Retry-After (G14)."""
        date = read_date(answer.headers.get("date")) if isinstance(answer, Answer) else None
        return self._clock.wall() if date is None else date


def _reply(answer: Answer | NoAnswer, outcome: Outcome) -> Reply:
    if isinstance(answer, NoAnswer):
        return Reply(outcome, sent=answer.sent)
    return Reply(outcome, answer.status, answer.body if _is_json(answer.body) else b"")


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict | list)
    except (ValueError, RecursionError):
        return False
