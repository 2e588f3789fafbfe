"""The application: the two ingest routes, and everything else on FastAPI behind one door."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from store_agent import __version__
from store_agent.api import answers, document
from store_agent.api.ahead import ahead_routes
from store_agent.api.attention import attention_routes
from store_agent.api.audit import audit_routes
from store_agent.api.body_limit import BodyLimit
from store_agent.api.browse import browse_routes
from store_agent.api.callers import Callers
from store_agent.api.cards import CardGuard
from store_agent.api.catalog import catalog_routes
from store_agent.api.contract import counter_paths, ingest_paths, refusals
from store_agent.api.counter import CounterCalls
from store_agent.api.day import day_routes
from store_agent.api.desk import desk_routes
from store_agent.api.door import Door
from store_agent.api.employees import employee_routes
from store_agent.api.events import event_routes
from store_agent.api.exports import export_routes
from store_agent.api.failures import Failures
from store_agent.api.hub import Hub
from store_agent.api.incidents import incident_routes
from store_agent.api.ingest import Ingest
from store_agent.api.limits import Limits
from store_agent.api.me import me_routes
from store_agent.api.mender import Mender
from store_agent.api.metadata import Metadata
from store_agent.api.named import Named
from store_agent.api.outbox import Details, outbox_routes
from store_agent.api.prints import job_routes, print_routes, printer_routes
from store_agent.api.rates import Rates
from store_agent.api.receipt_images import receipt_image_routes
from store_agent.api.receipts import receipt_routes
from store_agent.api.reload import Reload, reload_routes
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
from store_agent.api.sites import Sites
from store_agent.api.spool import Spool
from store_agent.api.status import status_routes
from store_agent.api.terminals import terminal_routes
from store_agent.api.unknown import Unknown, unknown_routes
from store_agent.clock import Clock
from store_agent.domain.card_data import CardRules
from store_agent.domain.container import Identity
from store_agent.domain.events import Tell
from store_agent.errors import AgentError, FieldError, StorageFailure
from store_agent.printing.forms import Look

_log = structlog.get_logger("api")


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
    reload: Reload
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
    card_rules: CardRules,
    relayed: Iterable[str],
    allowed_origins: Iterable[str] = (),
) -> ASGIApp:
    """Put the application together; `relayed` is how the paths of relayed calls begin."""
    cards = CardGuard(card_rules, neighbours.tell)
    named = Named(neighbours.catalog, neighbours.employees, neighbours.clock)
    ingest = Ingest(
        neighbours.intake,
        neighbours.line,
        neighbours.space,
        named,
        identity,
        cards=cards,
        rendering=Rendering(look),
        receipt_url=receipt_url,
        limits=limits,
    )
    counter = CounterCalls(neighbours.counter, identity, limits, cards)
    exact = {
        "/api/2.0/send_transaction": ingest.send_transaction,
        "/api/2.0/send_batch_transaction": ingest.send_batch_transaction,
        **counter.routes(),
        **Metadata(neighbours.imports, limits).routes(),
    }
    prefixes = dict.fromkeys(relayed, counter.relay)
    routers = [me_routes(identity.store_id), *_routes(neighbours, named, callers, receipt_url, look)]
    managed = _managed(limits, cards, routers)
    exact[document.PATH] = document.Document(managed.openapi)
    rates = Rates(neighbours.clock, limits.rate_per_second, limits.rate_burst)
    failures = Failures(neighbours.clock, neighbours.tell)
    door = Door(PlainPaths(exact, prefixes, managed), callers, rates, failures)
    return Sites(door, allowed_hosts, allowed_origins)


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


def _managed(limits: Limits, cards: CardGuard, routers: Iterable[APIRouter]) -> FastAPI:
    app = FastAPI(
        title="store-agent",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=refusals(),
    )
    for routes in routers:
        app.include_router(routes)
    app.add_exception_handler(AgentError, _agent_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)
    app.add_middleware(BodyLimit, limits=limits, cards=cards)
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
        reload_routes(on.reload),
        terminal_routes(on.terminals, callers),
        catalog_routes(on.catalog, on.imports, on.uploads, on.clock),
        browse_routes(on.catalog, on.employees, on.clock),
        employee_routes(on.employees, on.imports, on.uploads, on.clock),
        unknown_routes(unknown),
    ]


async def _agent_error(_: Request, problem: Exception) -> Response:
    if isinstance(problem, StorageFailure):
        return answers.storage_failure(problem)
    return answers.refusal(problem)


_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "json_invalid": "is not valid JSON",
}
"""For what the framework says less clearly."""


async def _validation_error(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)  # noqa: S101 - registered for nothing else
    fields = tuple(FieldError(_path(item), _WORDS.get(item["type"], item["msg"])) for item in problem.errors())
    first = fields[0]
    return answers.error(HTTPStatus.BAD_REQUEST, "invalid_field", f"{first.path}: {first.message}.", fields)


def _path(item: dict[str, Any]) -> str:
    """Return where a field stands; what is no JSON at all is the body as a whole."""
    parts = () if item["type"] == "json_invalid" else item["loc"][1:]
    return ".".join(str(part) for part in parts) or "body"


async def _http_error(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)  # noqa: S101 - registered for nothing else
    words = {
        HTTPStatus.NOT_FOUND: ("not_found", "There is no such address here; see /openapi.json."),
        HTTPStatus.METHOD_NOT_ALLOWED: ("method", "This address does not take that method; see /openapi.json."),
    }
    code, message = words.get(HTTPStatus(problem.status_code), ("refused", str(problem.detail)))
    return answers.error(problem.status_code, code, message, headers=problem.headers)


async def _bug(request: Request, problem: Exception) -> Response:
    _log.error("api.bug", path=request.url.path, exc_info=problem)
    return answers.refusal(problem)
