"""The two routes that take sales (SessionM POS API, Transaction Processing; DESIGN, section 6).

They are plain ASGI: on the way of every sale nothing is parsed twice and no framework models are built.
"""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.cards import CardGuard
from store_agent.api.limits import CallerGone, Limits, read_body
from store_agent.api.named import Named
from store_agent.api.rendered import Rendering, Wish
from store_agent.api.sale_log import SaleLog
from store_agent.api.seams import Intake, Line, Space
from store_agent.api.watch_seams import SalesTaken
from store_agent.clock import Clock
from store_agent.domain.card_data import SALES, mask_warnings
from store_agent.domain.container import Container, Identity, read_container
from store_agent.domain.jsontext import ObjectText, read_elements
from store_agent.domain.transaction import read_sale
from store_agent.errors import AgentError, BadInput, DiskFull, FieldError, StorageFailure
from store_agent.storage.intake import Accepted, Arrival

SALES_MAX = 1_000
"""Sales in one call of send_batch_transaction; they are committed together."""

_AT = "request_payload."


class Ingest:
    """Reads sales, has them stored, answers. `receipt_url` is put before a code; `heard` hears what was taken."""

    def __init__(
        self,
        intake: Intake,
        line: Line,
        space: Space,
        named: Named,
        identity: Identity,
        *,
        cards: CardGuard,
        rendering: Rendering,
        receipt_url: str | None,
        limits: Limits,
        clock: Clock,
        heard: SalesTaken,
    ) -> None:
        self._intake = intake
        self._line = line
        self._space = space
        self._named = named
        self._cards = cards
        self._rendering = rendering
        self._identity = identity
        self._receipt_url = receipt_url
        self._limits = limits
        self._clock = clock
        self._heard = heard
        self._log = SaleLog(clock)

    async def send_transaction(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one sale."""
        response = await self._answer(scope, receive, self._take_one, self._limits.body_bytes_max)
        await response(scope, receive, send)

    async def send_batch_transaction(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take any number of sales up to SALES_MAX, in order, all or none."""
        response = await self._answer(scope, receive, self._take_many, self._limits.batch_body_bytes_max)
        await response(scope, receive, send)

    async def _answer(
        self, scope: Scope, receive: Receive, take: Callable[[str, bytes, Wish | None], Awaitable[Any]], bytes_max: int
    ) -> Response:
        if scope["method"] != "POST":
            message = "Sales are sent with POST."
            return answers.error(HTTPStatus.METHOD_NOT_ALLOWED, "method", message, headers={"Allow": "POST"})
        body = b""
        try:
            wish = self._rendering.wish(scope["query_string"]) if scope["query_string"] else None
            body = await read_body(scope, receive, bytes_max, self._limits.body_timeout)
            began = self._clock.monotonic()
            taken = await take(scope["state"]["caller"].name, body, wish)
            answer = answers.ok(taken)
            self._heard(scope["path"], len(taken.get("transactions", [taken])), self._clock.monotonic() - began)
        except AgentError as problem:
            self._log.refused(scope["state"]["caller"].name, body, problem)
            return answers.refusal(problem)
        except CallerGone:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        except Exception as problem:  # noqa: BLE001 - the POS must get an answer it can read, and the log the cause
            self._log.bug(body, problem, scope)
            return answers.refusal(problem)
        return answer

    async def _take_one(self, terminal: str, body: bytes, wish: Wish | None) -> dict[str, Any]:
        screened = await self._cards.screen(body)
        container = read_container(screened.body, self._identity)
        arrival = self._arrival(terminal, container, container.payload, _AT, screened.masked)
        accepted = await self._store([arrival], body)
        (shown,) = await self._shown(accepted, wish)
        return shown

    async def _take_many(self, terminal: str, body: bytes, wish: Wish | None) -> dict[str, Any]:
        screened = await self._cards.screen(body)
        container = read_container(screened.body, self._identity)
        sales = _transactions(container)
        accepted = await self._store(
            [
                self._arrival(terminal, container, sale, f"{SALES}{number}.", screened.masked)
                for number, sale in enumerate(sales)
            ],
            body,
        )
        return {"transactions": await self._shown(accepted, wish)}

    def _arrival(
        self, terminal: str, container: Container, body: ObjectText, at: str, masked: Sequence[str]
    ) -> Arrival:
        sale = read_sale(body, at, user_known=container.user_known)
        warnings = (*sale.warnings, *mask_warnings(masked, at)) if masked else sale.warnings
        return Arrival(terminal, sale, container.forwarded, container.alone, self._line.live, at, warnings)

    async def _store(self, arrivals: Sequence[Arrival], body: bytes) -> list[Accepted]:
        if not self._space.admit(len(body)):
            return await self._store_nothing(arrivals)
        doubts = await self._named.look(arrivals)
        try:
            accepted = await self._intake.accept(list(map(self._named.warn, arrivals, doubts)))
        except StorageFailure:
            self._line.wake()  # they may be stored all the same
            raise
        # A repeated sale too: whoever stored it may not have lived to say so.
        self._line.wake(max(one.newest for one in accepted))
        self._named.count(arrivals, doubts, accepted)
        if self._log.verbose:
            self._log.taken(body, accepted)
        return accepted

    async def _store_nothing(self, arrivals: Sequence[Arrival]) -> list[Accepted]:
        """Answer for sales that are stored already. Raises DiskFull for others."""
        known = await self._intake.known(arrivals)
        if known is None:
            raise DiskFull(self._space.words)
        return known

    async def _shown(self, accepted: Sequence[Accepted], wish: Wish | None) -> list[dict[str, Any]]:
        shown = [self._show(one) for one in accepted]
        if wish is not None:
            await self._rendering.add(shown, wish)
        return shown

    def _show(self, accepted: Accepted) -> dict[str, Any]:
        return {
            "transaction": {"id": accepted.transaction_id},
            "sequence": accepted.sequence,
            "digest": accepted.digest.hex(),
            "delivery": "live" if accepted.live else "queued",
            "receipts": [code.as_json(self._receipt_url) for code in accepted.codes],
            "warnings": accepted.warnings,
        }


def _transactions(container: Container) -> list[ObjectText]:
    """Find the sales of a batch call. Raises BadInput."""
    path = f"{_AT}transactions"
    values = container.payload.values.get("transactions")
    if not isinstance(values, list):
        raise _bad_field(path, "must be a list of transactions")
    if not 1 <= len(values) <= SALES_MAX:
        raise _bad_field(path, f"must hold 1 to {SALES_MAX} transactions")
    for number, value in enumerate(values):
        if not isinstance(value, dict):
            raise _bad_field(f"{path}.{number}", "must be an object")
    return list(read_elements(container.payload.text, container.payload.spans()["transactions"].start))


def _bad_field(path: str, message: str) -> BadInput:
    return BadInput("invalid_field", f"{path} {message}.", fields=(FieldError(path, message),))
