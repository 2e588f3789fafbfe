"""Spans of what the agent does, at the seams where it is measured, too (OpenTelemetry, the extra `traces`).

A request at the door is a span, child of the caller's if that sends a `traceparent` (W3C Trace Context); the commit of
its sales and the calls to the platform that it waits for are its children. A sale is sent later, maybe hours later:
that is a trace of its own, and the two are found by the sequence, which both name.

Spans hold neither sales nor guests, and nothing that somebody else wrote (G16): no addresses as they were called, no
queries, no `tracestate`, no words of errors. The names of terminals are the manager's. The platform is told nothing of
them.
"""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from http import HTTPStatus

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Receive, Scope, Send

from store_agent import __version__
from store_agent.agent.measuring import ObservedCounter
from store_agent.agent.metrics import OUTCOMES, known_endpoint
from store_agent.agent.span_export import make_provider
from store_agent.api.app import Neighbours
from store_agent.api.counted import Counted
from store_agent.api.seams import Intake
from store_agent.clock import Clock
from store_agent.cloud.sessionm.observer import Call, Observer
from store_agent.config.settings import Store
from store_agent.domain.batch import BATCH_MAX
from store_agent.domain.card_numbers import mask_text
from store_agent.domain.outcome import Delivered, Outcome, Refused
from store_agent.domain.plain import plain
from store_agent.domain.relayed import RelayAsked
from store_agent.gateway.table import find_route
from store_agent.storage.intake import Accepted, Arrival

CLOSE_SECONDS = 1.0
"""How long the last spans may take to be delivered; the agent as a whole has a few seconds to end (STOP_SECONDS)."""

SEQUENCES_MAX = BATCH_MAX
"""Sequences that a span names: as many as a request carries. A call of the POS may bring a thousand sales."""

UNTRACED = frozenset({"/healthz", "/readyz", "/metrics"})
"""What monitoring asks every few seconds, and nobody wants to see."""

_PARENT = TraceContextTextMapPropagator()
_NANOSECONDS = 1_000_000_000


class Traces:
    """Makes spans and hands them to what exports them."""

    def __init__(self, provider: TracerProvider, clock: Clock) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("store_agent", __version__)
        self._clock = clock

    def around(self, app: ASGIApp) -> ASGIApp:
        """Make a span of each request."""
        return TracedRequests(app, self._tracer)

    def over(self, neighbours: Neighbours) -> Neighbours:
        """Make a span of each commit of sales, and note who answers at the counter."""
        return replace(
            neighbours,
            intake=TracedIntake(neighbours.intake, self._tracer),
            counter=ObservedCounter(neighbours.counter, _note_answer),
        )

    def beside(self, observer: Observer) -> Observer:
        """Make a span of each call to the platform."""
        return TracedCalls(observer, self._tracer, self._clock)

    async def close(self) -> None:
        """Deliver what is at hand; what is not taken within CLOSE_SECONDS is given up."""
        ending = threading.Thread(target=self._provider.shutdown, name="traces-end", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, CLOSE_SECONDS)


class TracedRequests:
    """An ASGI application in front of another."""

    def __init__(self, inside: ASGIApp, tracer: Tracer) -> None:
        self._inside = inside
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["path"] in UNTRACED:
            await self._inside(scope, receive, send)
            return
        with _span(self._tracer, scope["method"], SpanKind.SERVER, _parent(scope)) as span:

            def hear(status: int) -> None:
                span.set_attribute("http.response.status_code", status)
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    span.set_status(StatusCode.ERROR)

            try:
                await Counted(self._inside, hear)(scope, receive, send)
            finally:
                _describe(span, scope)


class TracedIntake:
    """Where sales are accepted; a span is the wait for their commit."""

    def __init__(self, intake: Intake, tracer: Tracer) -> None:
        self._intake = intake
        self._tracer = tracer

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Accepted]:
        """Commit sales together."""
        with _span(self._tracer, "commit") as span:
            accepted = await self._intake.accept(arrivals)
            with suppress(Exception):  # they are on the disk: they must be answered
                span.set_attributes(_sales([one.sequence for one in accepted]))
        return accepted

    async def known(self, arrivals: Sequence[Arrival]) -> list[Accepted] | None:
        """Answer as before where all of them were stored before; else None."""
        return await self._intake.known(arrivals)


class TracedCalls(Observer):
    """Hears of calls to the platform as they end, and makes their spans then."""

    def __init__(self, beside: Observer, tracer: Tracer, clock: Clock) -> None:
        self._beside = beside
        self._tracer = tracer
        self._clock = clock

    def request_made(self, sales: int) -> None:
        """Hear that a request was made of so many sales."""
        self._beside.request_made(sales)

    def call_ended(self, call: Call, outcome: Outcome, seconds: float) -> None:
        """Hear what a call came to. Who made it at the counter waits for it: the span of that request is the parent."""
        self._beside.call_ended(call, outcome, seconds)
        with suppress(Exception):  # the library's trouble must not end the drain
            self._trace(call, outcome, seconds)

    def _trace(self, call: Call, outcome: Outcome, seconds: float) -> None:
        ended = int(self._clock.wall() * _NANOSECONDS)
        began = ended - int(seconds * _NANOSECONDS)
        name = known_endpoint(call.endpoint)
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, start_time=began)
        span.set_attribute("store_agent.request_id", call.request_id)
        span.set_attribute("store_agent.outcome", OUTCOMES[type(outcome)])
        if call.sequences:
            span.set_attribute("store_agent.attempt", call.attempt)
            span.set_attributes(_sales(call.sequences))
        if not isinstance(outcome, Delivered | Refused):  # a refusal is an answer
            span.set_status(StatusCode.ERROR)
        span.end(ended)


def begin(store: Store, clock: Clock) -> Traces:
    """Begin to trace. Raises what the library makes of variables that it cannot use."""
    own = {
        "service.name": "store-agent",
        "service.version": __version__,
        "service.instance.id": store.store_id,
        "store_agent.store_id": store.store_id,
        "store_agent.client_id": store.client_id,
    }
    return Traces(make_provider(own), clock)


@contextmanager
def _span(
    tracer: Tracer, name: str, kind: SpanKind = SpanKind.INTERNAL, parent: Context | None = None
) -> Iterator[Span]:
    """Make a span of what is done in the context; of what it raises only the kind is told, since words may quote."""
    with tracer.start_as_current_span(
        name, parent, kind, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except Exception as problem:
            span.set_attribute("error.type", type(problem).__name__)
            span.set_status(StatusCode.ERROR)
            raise


def _parent(scope: Scope) -> Context:
    """Read the caller's span; one that is none counts as none."""
    given = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
    return _PARENT.extract({"traceparent": given})


def _describe(span: Span, scope: Scope) -> None:
    """Say of a request, once it is answered, what it was and whose."""
    if route := _route(scope):
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.request.method", scope["method"])
    caller = scope.get("state", {}).get("caller")
    if caller is not None:
        span.set_attribute("store_agent.terminal", mask_text(plain(caller.name)))


def _route(scope: Scope) -> str:
    """Give the pattern of the route that answered; empty if none did. What is filled into it may be anything."""
    if "route" in scope:
        return str(scope["route"].path_format)
    if "plain_route" in scope:
        return str(scope["plain_route"])
    found = find_route(RelayAsked(scope["method"], scope["raw_path"].decode("latin-1"), "", b""))
    return "" if found is None else found[0].pattern


def _sales(sequences: Sequence[int]) -> dict[str, int | Sequence[int]]:
    return {"store_agent.sales": len(sequences), "store_agent.sequences": sequences[:SEQUENCES_MAX]}


def _note_answer(_: str, answer: str) -> None:
    trace.get_current_span().set_attribute("store_agent.answer", answer)
