"""Makes the chores of upkeep out of the configuration, with the times at which they are due."""

from store_agent.agent.basis import Basis
from store_agent.agent.measuring import backup_seconds
from store_agent.agent.metrics import Metrics
from store_agent.agent.schedule import Job
from store_agent.agent.store import make_backups
from store_agent.clock import Clock
from store_agent.config.settings import Settings
from store_agent.domain.events import Tell
from store_agent.drain.drain import Drain
from store_agent.gateway.tidying import Tidying
from store_agent.storage.facts import Facts
from store_agent.storage.offers import Offers
from store_agent.storage.retention import Keep, Retention
from store_agent.storage.terminals import Terminals
from store_agent.sync.drop_folder import DropFolder, DropFolderChore
from store_agent.sync.imports import Imports
from store_agent.sync.uploads import ChangedChore, EmployeesChore, Uploads
from store_agent.upkeep.backup import BackupChore
from store_agent.upkeep.checkpoint import CheckpointChore
from store_agent.upkeep.heartbeat import Heartbeat
from store_agent.upkeep.integrity import IntegrityChore
from store_agent.upkeep.last_seen import LastSeenChore
from store_agent.upkeep.overlap import Callers, OverlapChore
from store_agent.upkeep.retention import RetentionChore
from store_agent.upkeep.space import SpaceWatch
from store_agent.upkeep.textfile import TextfileChore

LOOK_SECONDS = 3_600.0
"""How often it is looked whether a backup is due, unless they are made more often."""

HEARTBEAT_SECONDS = 10.0
"""How often something is written when nothing is sold, so that a disk that hangs is noticed."""

UPLOADS_SECONDS = 3_600.0
"""How often it is looked whether something that changed was not handed over for upload."""

LAST_SEEN_SECONDS = 60.0
"""How often it is kept when terminals last called: a crash costs as much, and no sale waits for it."""

OVERLAP_SECONDS = 60.0
"""How often it is looked whether the token of before a rotation is good no more; a crash lengthens that by as much."""

OFFERS_SECONDS = 60.0
"""How often it is looked whether an offer is locked for a sale that was never closed."""

JITTER = 0.1
"""Part of the interval by which a backup moves, so that not all machines on one disk or line back up at once."""


def make_backup(basis: Basis) -> BackupChore:
    """Make the chore that makes backups."""
    settings = basis.settings
    return BackupChore(make_backups(settings), basis.clock, backup_seconds(settings), basis.tell)


def make_jobs(
    basis: Basis, space: SpaceWatch, drain: Drain, *, uploads: Uploads, imports: Imports, backup: BackupChore
) -> list[Job]:
    """Make the chores that look after disk, database, offers and the drop folder, each with its interval."""
    settings, database, clock, tell = basis.settings, basis.database, basis.clock, basis.tell
    lock_seconds = settings.gateway.lock_hours * 3_600.0
    employees = settings.catalog.employees_upload_hours * 3_600.0
    tidying = Tidying(Offers(database, clock), drain, clock, lock_seconds, tell)
    storage, upkeep = settings.storage, settings.upkeep
    keep = Keep(storage.keep_days, storage.keep_sales_max, storage.audit_keep_days)
    look = min(backup_seconds(settings), LOOK_SECONDS)
    return [
        Job("space", space, upkeep.space_seconds),
        Job("heartbeat", Heartbeat(Facts(database)), HEARTBEAT_SECONDS),
        Job("retention", RetentionChore(Retention(database), clock, keep), upkeep.retention_seconds),
        Job("checkpoint", CheckpointChore(database, storage.directory, tell), upkeep.checkpoint_seconds),
        Job("offers", tidying, min(OFFERS_SECONDS, lock_seconds)),
        Job("uploads", ChangedChore(uploads), UPLOADS_SECONDS),
        Job("employees", EmployeesChore(uploads), employees, jitter_seconds=employees * JITTER),
        Job("integrity", IntegrityChore(database, clock), upkeep.check_hours * 3_600.0),
        Job("backup", backup, look, jitter_seconds=look * JITTER),
        *_drop_folder(settings, imports, clock, tell),
    ]


def make_calls(terminals: Terminals, callers: Callers, last_seen: LastSeenChore) -> list[Job]:
    """Make the chores that keep when terminals last called, and end the time of their former tokens."""
    return [
        Job("last_seen", last_seen, LAST_SEEN_SECONDS),
        Job("overlap", OverlapChore(terminals, callers), OVERLAP_SECONDS),
    ]


def make_textfile(settings: Settings, metrics: Metrics) -> list[Job]:
    """Make the chore that writes the metrics into a file, if one is wanted."""
    wanted = settings.metrics.textfile
    if wanted is None:
        return []
    chore = TextfileChore(settings.storage.directory / wanted, metrics.text)
    return [Job("textfile", chore, settings.metrics.textfile_every_seconds)]


def _drop_folder(settings: Settings, imports: Imports, clock: Clock, tell: Tell) -> list[Job]:
    """Make the chore that looks for files to import, if one is wanted; the agent's own files are never taken."""
    catalog, storage = settings.catalog, settings.storage.directory
    if catalog.watch_directory is None:
        return []
    own = (storage, storage / settings.backup.directory)
    folder = DropFolder(storage / catalog.watch_directory, catalog.body_bytes_max, own)
    return [Job("drop", DropFolderChore(folder, imports, clock, tell), catalog.watch_seconds)]
