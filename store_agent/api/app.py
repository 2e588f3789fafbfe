"""The application: the two ingest routes, and everything else on FastAPI behind one door."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_agent import __version__
from store_agent.api import answers, problems
from store_agent.api.ahead import ahead_routes
from store_agent.api.attention import attention_routes
from store_agent.api.audit import audit_routes
from store_agent.api.browse import browse_routes
from store_agent.api.callers import Callers
from store_agent.api.catalog import catalog_routes
from store_agent.api.contract import counter_paths, ingest_paths, refusals
from store_agent.api.counter import CounterCalls
from store_agent.api.day import day_routes
from store_agent.api.desk import desk_routes
from store_agent.api.door import Door
from store_agent.api.employees import employee_routes
from store_agent.api.events import event_routes
from store_agent.api.exports import export_routes
from store_agent.api.hub import Hub
from store_agent.api.incidents import incident_routes
from store_agent.api.ingest import Ingest
from store_agent.api.limits import CallerGone, Limits, read_body
from store_agent.api.me import me_routes
from store_agent.api.mender import Mender
from store_agent.api.metadata import Metadata
from store_agent.api.named import Named
from store_agent.api.outbox import Details, outbox_routes
from store_agent.api.prints import job_routes, print_routes, printer_routes
from store_agent.api.receipt_images import receipt_image_routes
from store_agent.api.receipts import receipt_routes
from store_agent.api.rendered import Rendering
from store_agent.api.repair import repair_routes
from store_agent.api.seams import (
    Ahead,
    Attention,
    Counter,
    Days,
    Desk,
    Exports,
    Health,
    Incidents,
    Intake,
    Line,
    Outbox,
    Overview,
    Receipts,
    Repair,
    Space,
    Terminals,
)
from store_agent.api.shelf_seams import CatalogShelf, EmployeeShelf, Imports, Uploads
from store_agent.api.spool import Spool
from store_agent.api.status import status_routes
from store_agent.api.terminals import terminal_routes
from store_agent.api.unknown import Unknown, unknown_routes
from store_agent.clock import Clock
from store_agent.domain.container import Identity
from store_agent.domain.events import Tell
from store_agent.errors import BadInput, Busy
from store_agent.printing.forms import Look


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the API stands on."""

    intake: Intake
    counter: Counter
    imports: Imports
    catalog: CatalogShelf
    employees: EmployeeShelf
    uploads: Uploads
    outbox: Outbox
    attention: Attention
    receipts: Receipts
    desk: Desk
    ahead: Ahead
    spool: Spool
    repair: Repair
    exports: Exports
    days: Days
    incidents: Incidents
    terminals: Terminals
    line: Line
    space: Space
    overview: Overview
    health: Health
    hub: Hub
    tell: Tell
    clock: Clock


def build_app(
    neighbours: Neighbours,
    callers: Callers,
    identity: Identity,
    *,
    receipt_url: str | None,
    look: Look,
    allowed_hosts: Iterable[str],
    limits: Limits,
    relayed: Iterable[str],
) -> ASGIApp:
    """Put the application together; `relayed` is how the paths of relayed calls begin."""
    named = Named(neighbours.catalog, neighbours.employees, neighbours.clock)
    ingest = Ingest(
        neighbours.intake,
        neighbours.line,
        neighbours.space,
        named,
        identity,
        rendering=Rendering(look),
        receipt_url=receipt_url,
        limits=limits,
    )
    counter = CounterCalls(neighbours.counter, identity, limits)
    exact = {
        "/api/2.0/send_transaction": ingest.send_transaction,
        "/api/2.0/send_batch_transaction": ingest.send_batch_transaction,
        **counter.routes(),
        **Metadata(neighbours.imports, limits).routes(),
    }
    prefixes = dict.fromkeys(relayed, counter.relay)
    routers = [me_routes(identity.store_id), *_routes(neighbours, named, callers, receipt_url, look)]
    managed = _managed(limits, routers)
    return Door(PlainPaths(exact, prefixes, managed), callers, allowed_hosts)


class PlainPaths:
    """Sends exact paths, and what begins like some, straight to their application, all others to the rest."""

    def __init__(
        self,
        exact: Mapping[str, Callable[[Scope, Receive, Send], Any]],
        prefixes: Mapping[str, Callable[[Scope, Receive, Send], Any]],
        rest: ASGIApp,
    ) -> None:
        self._exact = exact
        self._prefixes = prefixes
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route a request."""
        await self._route(scope)(scope, receive, send)

    def _route(self, scope: Scope) -> Callable[[Scope, Receive, Send], Any]:
        if scope["type"] != "http":
            return self._rest
        path = scope["path"]
        if path in self._exact:
            return self._exact[path]
        return next((route for prefix, route in self._prefixes.items() if path.startswith(prefix)), self._rest)


def _managed(limits: Limits, routers: Iterable[APIRouter]) -> FastAPI:
    app = FastAPI(
        title="store-agent",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=refusals(),
    )
    for routes in routers:
        app.include_router(routes)
    problems.register(app)
    app.add_middleware(BodyLimit, limits=limits)
    described = app.openapi

    def openapi() -> dict[str, Any]:
        schema = described()
        schema["paths"].update(ingest_paths() | counter_paths())
        return schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
    return app


def _routes(on: Neighbours, named: Named, callers: Callers, receipt_url: str | None, look: Look) -> list[APIRouter]:
    details = Details(on.outbox, on.repair, on.receipts, receipt_url)
    mender = Mender(on.outbox, on.repair, on.line, on.tell)
    unknown = Unknown(on.catalog, on.employees, named)
    return [
        status_routes(
            on.outbox,
            on.line,
            on.incidents,
            space=on.space,
            overview=on.overview,
            unknown=unknown,
            spool=on.spool,
            health=on.health,
            clock=on.clock,
        ),
        outbox_routes(on.outbox, details, on.clock),
        attention_routes(on.attention),
        ahead_routes(on.ahead, on.space, receipt_url),
        desk_routes(on.receipts, on.desk, on.line, on.clock, receipt_url),
        receipt_image_routes(on.receipts, receipt_url, look),
        receipt_routes(on.receipts, on.line, on.clock, receipt_url),
        print_routes(on.spool, on.receipts, receipt_url, look.caption),
        job_routes(on.spool),
        printer_routes(on.spool),
        repair_routes(mender, on.line, on.clock),
        export_routes(on.exports, details),
        audit_routes(on.repair),
        day_routes(on.days, on.outbox, on.tell),
        event_routes(on.hub),
        incident_routes(on.incidents),
        terminal_routes(on.terminals, callers),
        catalog_routes(on.catalog, on.imports, on.uploads, on.clock),
        browse_routes(on.catalog, on.employees, on.clock),
        employee_routes(on.employees, on.imports, on.uploads, on.clock),
        unknown_routes(unknown),
    ]


class BodyLimit:
    """Reads the bodies of the managed routes within the limits, before the framework sees them."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with a body that is complete and small enough."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(scope, receive, self._limits.body_bytes_max, self._limits.body_timeout)
        except (BadInput, Busy) as problem:
            await answers.refusal(problem)(scope, receive, send)
            return
        except CallerGone:
            return
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, replay, send)
