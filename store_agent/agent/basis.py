"""What every part of one run of the agent is made of."""

from dataclasses import dataclass

from store_agent.clock import Clock
from store_agent.config.settings import Settings
from store_agent.domain.events import Tell
from store_agent.storage.database import Database


@dataclass(frozen=True, slots=True)
class Basis:
    """The configuration that the run began with, the open database, the clock, and where events go."""

    settings: Settings
    database: Database
    clock: Clock
    tell: Tell
