"""The application: the two ingest routes, and everything else on FastAPI behind one door."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from store_agent import __version__
from store_agent.api import document, problems
from store_agent.api.ahead import ahead_routes
from store_agent.api.attention import attention_routes
from store_agent.api.audit import audit_routes
from store_agent.api.body_limit import BodyLimit
from store_agent.api.browse import browse_routes
from store_agent.api.bugs import Bugs
from store_agent.api.callers import Callers
from store_agent.api.cards import CardGuard
from store_agent.api.catalog import catalog_routes
from store_agent.api.contract import complete
from store_agent.api.counted import Counted
from store_agent.api.counter import CounterCalls
from store_agent.api.day import day_routes
from store_agent.api.desk import desk_routes
from store_agent.api.door import OPEN_PATHS, Door
from store_agent.api.drop_in import RelayedCall
from store_agent.api.employees import employee_routes
from store_agent.api.events import event_routes
from store_agent.api.exports import export_routes
from store_agent.api.failures import Failures
from store_agent.api.health import health_routes
from store_agent.api.hub import Hub
from store_agent.api.incidents import incident_routes
from store_agent.api.ingest import Ingest
from store_agent.api.limits import Limits
from store_agent.api.me import me_routes
from store_agent.api.mender import Mender
from store_agent.api.metadata import Metadata
from store_agent.api.methods import Methods
from store_agent.api.metrics import metrics_routes
from store_agent.api.named import Named
from store_agent.api.outbox import Details, outbox_routes
from store_agent.api.paths import PlainPaths
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
    Incidents,
    Intake,
    Line,
    Outbox,
    Receipts,
    Repair,
    Space,
    Terminals,
)
from store_agent.api.shelf_seams import CatalogShelf, EmployeeShelf, Imports, Uploads
from store_agent.api.sites import Sites
from store_agent.api.spool import Spool
from store_agent.api.status import StoreStatus, status_routes
from store_agent.api.terminals import terminal_routes
from store_agent.api.unknown import Unknown, unknown_routes
from store_agent.api.watch_seams import Health, Metrics, Overview
from store_agent.clock import Clock
from store_agent.domain.card_data import CardRules
from store_agent.domain.container import Identity
from store_agent.domain.events import Tell
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
    reload: Reload
    health: Health
    metrics: Metrics
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
    relayed_calls: Iterable[RelayedCall] = (),
    allowed_origins: Iterable[str] = (),
    open_paths: frozenset[str] = OPEN_PATHS,
    backup_every: float = 86_400.0,
) -> ASGIApp:
    """Put the application together.

    `relayed` is how the paths of `relayed_calls` begin, `open_paths` are those without credentials, `backup_every` is
    how many seconds apart backups are to be.
    """
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
        clock=neighbours.clock,
        heard=neighbours.metrics.sales_taken,
    )
    counter = CounterCalls(neighbours.counter, identity, limits, cards)
    exact = {
        "/api/2.0/send_transaction": ingest.send_transaction,
        "/api/2.0/send_batch_transaction": ingest.send_batch_transaction,
        **counter.routes(),
        **Metadata(neighbours.imports, limits).routes(),
    }
    prefixes = dict.fromkeys(relayed, counter.relay)
    routers = [
        me_routes(identity.store_id),
        health_routes(status_of(neighbours), neighbours, backup_every),
        metrics_routes(neighbours.metrics),
        *_routes(neighbours, named, callers, receipt_url, look),
    ]
    managed = _managed(limits, cards, routers)
    exact[document.PATH] = document.Document(lambda: complete(managed.openapi(), relayed_calls, open_paths))
    rates = Rates(neighbours.clock, limits.rate_per_second, limits.rate_burst)
    failures = Failures(neighbours.clock, neighbours.tell)
    door = Door(PlainPaths(exact, prefixes, Methods(managed, routers)), callers, rates, failures, open_paths)
    bugs = Bugs(neighbours.clock, neighbours.metrics.failed)
    return Counted(Sites(door, allowed_hosts, allowed_origins), neighbours.metrics.answered, bugs.tell)


def status_of(on: Neighbours) -> StoreStatus:
    """Make what reads how the store stands."""
    return StoreStatus(
        on.outbox, on.line, on.incidents, space=on.space, overview=on.overview, spool=on.spool, clock=on.clock
    )


def _managed(limits: Limits, cards: CardGuard, routers: Iterable[APIRouter]) -> FastAPI:
    app = FastAPI(
        title="store-agent",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "auto_configure": False,
        },  # they tell queries (G16)
    )
    for routes in routers:
        app.include_router(routes)
    problems.register(app)
    app.add_middleware(BodyLimit, limits=limits, cards=cards)
    return app


def _routes(on: Neighbours, named: Named, callers: Callers, receipt_url: str | None, look: Look) -> list[APIRouter]:
    details = Details(on.outbox, on.repair, on.receipts, receipt_url)
    mender = Mender(on.outbox, on.repair, on.line, on.tell)
    unknown = Unknown(on.catalog, on.employees, named)
    return [
        status_routes(status_of(on), unknown, on.health),
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
