"""The calls at the counter, and those that are relayed (DESIGN, section 6): HTTP to the gateway and back."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.cards import CardGuard
from store_agent.api.limits import Limits, read_body
from store_agent.api.plain import posts_only, respond
from store_agent.api.seams import Counter
from store_agent.domain.card_data import Screened, mask_warnings
from store_agent.domain.container import Container, Identity, read_container
from store_agent.domain.counter import ALLOW_REMEMBERED, read_give_back, read_lookup, read_offer
from store_agent.domain.counter_answer import Answer, Done, NotDone, Passed, Queued
from store_agent.domain.offers import OfferAction
from store_agent.domain.relayed import RelayAsked

PATHS = tuple(f"/api/2.0/{call}" for call in ("lookup", "redeem", "lock", "unlock", "reinstate"))

_WITHOUT_BODY = {"GET", "HEAD", "DELETE", "OPTIONS"}

_Ask = Callable[[str, Container], Awaitable[Answer]]


class CounterCalls:
    """ASGI applications: one for each call of the POS API, and one for all relayed ones."""

    def __init__(self, counter: Counter, identity: Identity, limits: Limits, cards: CardGuard) -> None:
        self._counter = counter
        self._identity = identity
        self._limits = limits
        self._cards = cards

    def routes(self) -> dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]]:
        """Give the applications of the POS API by path."""
        calls = (self._lookup, self._redeem, self._lock, self._unlock, self._reinstate)
        return {path: self._route(ask) for path, ask in zip(PATHS, calls, strict=True)}

    async def relay(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make a relayed call."""
        await respond(scope, receive, send, lambda: self._relay(scope, receive))

    def _route(self, ask: _Ask) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        async def route(scope: Scope, receive: Receive, send: Send) -> None:
            await respond(scope, receive, send, lambda: self._take(ask, scope, receive))

        return route

    async def _take(self, ask: _Ask, scope: Scope, receive: Receive) -> Response:
        posts_only(scope)
        screened = await self._body(scope, receive)
        container = read_container(screened.body, self._identity, frozenset({ALLOW_REMEMBERED}))
        return _response(await ask(scope["state"]["caller"].name, container), screened.masked)

    async def _lookup(self, terminal: str, container: Container) -> Answer:
        return await self._counter.lookup(terminal, read_lookup(container))

    async def _redeem(self, terminal: str, container: Container) -> Answer:
        return await self._counter.apply(terminal, read_offer(container, OfferAction.REDEEM))

    async def _lock(self, terminal: str, container: Container) -> Answer:
        return await self._counter.apply(terminal, read_offer(container, OfferAction.LOCK))

    async def _unlock(self, terminal: str, container: Container) -> Answer:
        return await self._counter.give_back(terminal, read_give_back(container, "unlock"))

    async def _reinstate(self, terminal: str, container: Container) -> Answer:
        return await self._counter.give_back(terminal, read_give_back(container, "reinstate"))

    async def _relay(self, scope: Scope, receive: Receive) -> Response:
        method = scope["method"]
        screened = Screened(b"") if method in _WITHOUT_BODY else await self._body(scope, receive)
        await self._cards.refuse_path(scope["raw_path"])
        await self._cards.refuse_query(scope["query_string"])
        path, query = scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii")
        caller = scope["state"]["caller"]
        asked = RelayAsked(method, path, query, screened.body)
        return _response(await self._counter.relay(caller.name, caller.role, asked), screened.masked)

    async def _body(self, scope: Scope, receive: Receive) -> Screened:
        body = await read_body(scope, receive, self._limits.body_bytes_max, self._limits.body_timeout)
        return await self._cards.screen(body)


def _response(answer: Answer, masked: Sequence[str]) -> Response:
    """Write an answer. Where a call waits, it warns of fields in which a number was masked."""
    if isinstance(answer, Passed):
        return Response(answer.body, answer.status, answer.headers, "application/json")
    if isinstance(answer, Done):
        told = _warnings(masked) if answer.payload and "delivery" in answer.payload else {}
        return answers.ok({**answer.payload, **told} if answer.payload and told else answer.payload)
    if isinstance(answer, Queued):
        return answers.queued(answer.sequence, _warnings(masked))
    assert isinstance(answer, NotDone)  # noqa: S101 - the union is closed
    return answers.error(answer.status, answer.code, answer.words, headers=answer.headers)


def _warnings(masked: Sequence[str]) -> dict[str, Any]:
    return {"warnings": [warning.as_json() for warning in mask_warnings(masked, "")]} if masked else {}
