"""Makes the parts out of the configuration. Time and chance enter here."""

import structlog
from starlette.types import ASGIApp

from store_agent.agent.basis import Basis
from store_agent.agent.health import AgentHealth
from store_agent.agent.levels import level_of
from store_agent.agent.measuring import ObservedCounter, backup_seconds
from store_agent.agent.metrics import Metrics
from store_agent.agent.printing import make_look
from store_agent.agent.sending import Sending
from store_agent.agent.store import make_backups
from store_agent.agent.ways import mint
from store_agent.api.app import Neighbours, build_app
from store_agent.api.callers import Callers
from store_agent.api.door import OPEN_PATHS
from store_agent.api.hub import Hub
from store_agent.api.limits import Limits
from store_agent.api.spool import Spool
from store_agent.api.watch_seams import Overview
from store_agent.clock import Clock
from store_agent.config.settings import Settings
from store_agent.domain.card_data import CardRules
from store_agent.domain.card_names import IDENTIFICATION, exempt
from store_agent.domain.container import Identity
from store_agent.domain.events import Event, Tell
from store_agent.domain.space import Levels
from store_agent.drain.drain import Drain
from store_agent.gateway.table import PREFIXES, ROUTES
from store_agent.storage.ahead import Ahead
from store_agent.storage.attention import Attention
from store_agent.storage.catalog.file import open_catalog
from store_agent.storage.days import Days
from store_agent.storage.desk import Desk
from store_agent.storage.employees import open_employees
from store_agent.storage.exports import Exports
from store_agent.storage.incidents import Incidents
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.receipts import Receipts
from store_agent.storage.repair import Repair
from store_agent.storage.terminals import Terminals
from store_agent.storage.uploads import Uploads
from store_agent.storage.usage import Usage
from store_agent.sync.imports import Imports
from store_agent.sync.shelves import Shelves
from store_agent.sync.uploads import UploadRules
from store_agent.sync.uploads import Uploads as SyncUploads
from store_agent.upkeep.space import SpaceWatch

_log = structlog.get_logger("events")


async def open_shelves(settings: Settings, clock: Clock) -> Shelves:
    """Open catalog and employees; they keep nobody from selling."""
    storage = settings.storage
    room = storage.free_min_bytes + storage.reserve_bytes
    catalog = await open_catalog(storage.directory, clock, free_min=room)
    return Shelves(catalog, await open_employees(storage.directory, clock, free_min=room))


def make_uploads(basis: Basis, shelves: Shelves, drain: Drain, space: SpaceWatch) -> SyncUploads:
    """Make what keeps the platform in step."""
    catalog = basis.settings.catalog
    rules = UploadRules(catalog.upload, catalog.upload_bytes_max)
    return SyncUploads(shelves, Uploads(basis.database, basis.clock), drain, space, rules=rules, tell=basis.tell)


def make_limits(settings: Settings) -> Limits:
    """Make the bounds of the local API."""
    api = settings.api
    return Limits(
        body_bytes_max=api.body_bytes_max,
        batch_body_bytes_max=api.batch_body_bytes_max,
        upload_body_bytes_max=settings.catalog.body_bytes_max,
        header_bytes_max=api.header_bytes_max,
        header_timeout=api.header_timeout_seconds,
        body_timeout=api.body_timeout_seconds,
        answer_timeout=api.answer_timeout_seconds,
        request_timeout=api.request_timeout_seconds,
        idle_timeout=api.idle_timeout_seconds,
        connections_max=api.connections_max,
        connections_per_caller_max=api.connections_per_caller_max,
        rate_per_second=api.rate_per_second,
        rate_burst=api.rate_burst,
    )


def make_card_rules(settings: Settings) -> CardRules:
    """Make what is done about card data. In strict mode only the fields that the store names are exempt."""
    strict = settings.card_data.mode == "strict"
    paths = settings.card_data.exempt if strict else (*settings.card_data.exempt, *IDENTIFICATION)
    return CardRules(exempt(paths), strict=strict)


def make_tell(hub: Hub) -> Tell:
    """Make events go to the log and to whoever listens."""

    def tell(event: Event) -> None:
        _log.log(level_of(event.name), event.name, words=event.words, **event.details)
        hub.publish(event)

    return tell


def make_neighbours(
    basis: Basis,
    *,
    terminals: Terminals,
    sending: Sending,
    shelves: Shelves,
    imports: Imports,
    spool: Spool,
    space: SpaceWatch,
    overview: Overview,
    health: AgentHealth,
    metrics: Metrics,
    hub: Hub,
) -> Neighbours:
    """Make what the local API stands on."""
    database, clock = basis.database, basis.clock
    minting = mint if basis.settings.receipts.mode == "auto" else None
    return Neighbours(
        intake=Intake(database, clock, minting),
        counter=ObservedCounter(sending.gateway, metrics.counter_answered),
        imports=imports,
        catalog=shelves.catalog,
        employees=shelves.employees,
        uploads=Uploads(database, clock),
        outbox=Outbox(database, clock),
        attention=Attention(database),
        receipts=Receipts(database),
        desk=Desk(database),
        ahead=Ahead(database, clock, minting),
        spool=spool,
        repair=Repair(database, clock),
        exports=Exports(database, clock),
        days=Days(database, clock),
        incidents=Incidents(database, clock),
        terminals=terminals,
        line=sending.drain,
        space=space,
        overview=overview,
        reload=sending.again,
        health=health,
        metrics=metrics,
        hub=hub,
        tell=basis.tell,
        clock=clock,
    )


def make_space(basis: Basis) -> SpaceWatch:
    """Make the watch over the room on the disk."""
    storage, backups = basis.settings.storage, make_backups(basis.settings)
    levels = Levels(storage.free_min_bytes, storage.free_warn_bytes, storage.reserve_bytes)
    usage = Usage(basis.database)
    return SpaceWatch(storage.directory, levels, usage, backups, clock=basis.clock, tell=basis.tell)


def allowed_hosts(settings: Settings) -> tuple[str, ...]:
    """Return the names by which the local API may be called: those configured, and that of this machine's commands."""
    api = settings.api
    return (*api.allowed_hosts, api.host, f"[{api.host}]", *(["127.0.0.1", "[::1]"] if api.tls else []))


def make_app(settings: Settings, neighbours: Neighbours, callers: Callers) -> ASGIApp:
    """Make the local API."""
    return build_app(
        neighbours,
        callers,
        _identity(settings),
        receipt_url=settings.receipts.base_url,
        look=make_look(settings.receipts),
        allowed_hosts=allowed_hosts(settings),
        allowed_origins=settings.api.allowed_origins,
        limits=make_limits(settings),
        card_rules=make_card_rules(settings),
        relayed=PREFIXES,
        relayed_calls=ROUTES,
        open_paths=OPEN_PATHS | ({"/metrics"} if settings.metrics.open else set()),
        backup_every=backup_seconds(settings),
    )


def _identity(settings: Settings) -> Identity:
    return Identity(settings.store.store_id, settings.store.client_id)
