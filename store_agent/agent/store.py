"""Makes parts out of a store's files alone: for the agent, and for commands beside it, which wait for nothing else."""

import secrets
from functools import partial

from store_agent.agent.keys import storage_keys
from store_agent.clock import Clock
from store_agent.config.settings import Settings
from store_agent.storage.backup import Backups
from store_agent.storage.database import Database
from store_agent.storage.terminals import Terminals

new_token = partial(secrets.token_urlsafe, 32)
"""A terminal's token: 256 bits."""


def make_terminals(database: Database, clock: Clock) -> Terminals:
    """Make the terminals of a database."""
    return Terminals(database, clock, new_token)


def make_backups(settings: Settings) -> Backups:
    """Make the backups of a store. Sales keep their room: below it, and the reserve, no backup is made.

    Raises ConfigurationError where the keys cannot be read.
    """
    storage = settings.storage
    return Backups(
        storage.directory,
        storage.directory / settings.backup.directory,
        keep=settings.backup.keep,
        free_min=storage.free_min_bytes + storage.reserve_bytes,
        keys=storage_keys(settings),
    )
