"""The ways to the platform and what goes by them: the queue's, and the counter's."""

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import structlog

from store_agent.agent.basis import Basis
from store_agent.agent.keys import key_path
from store_agent.agent.reload import Reload
from store_agent.clock import Clock
from store_agent.cloud.sessionm.counter import Counter
from store_agent.cloud.sessionm.observer import Observer
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.config.settings import Settings
from store_agent.domain.backoff import Backoff
from store_agent.domain.batch import BatchLimits
from store_agent.domain.link import LinkRules
from store_agent.domain.offline_offers import Caps
from store_agent.domain.repair import PROGRAM
from store_agent.drain.drain import Drain
from store_agent.drain.line import LineRules
from store_agent.errors import ConfigurationError, StorageFailure
from store_agent.gateway.gateway import Gateway, Rules
from store_agent.gateway.lookup import MemoryRules
from store_agent.gateway.offers import OfflineRules
from store_agent.storage import remembered
from store_agent.storage.configurations import Configurations
from store_agent.storage.key import read_key
from store_agent.storage.offers import Offers
from store_agent.storage.outbox import Outbox
from store_agent.upkeep.space import SpaceWatch

Memory = remembered.Remembered | remembered.Nothing

_log = structlog.get_logger("agent")


@dataclass(frozen=True, slots=True)
class Sending:
    """What drains the queue and what answers at the counter, on the ways that `reload` replaces."""

    reload: Reload
    drain: Drain
    gateway: Gateway
    memory: Memory

    async def again(self, by: str = PROGRAM, reason: str = "") -> list[str]:
        """Read the configuration again and send by it; gives the tables whose changes want a restart.

        Raises ConfigurationError for one that cannot be used, which changes nothing.
        """
        return await self.reload.run(self.drain, self.gateway, by, reason)


async def open_sending(
    stack: AsyncExitStack,
    basis: Basis,
    space: SpaceWatch,
    *,
    load: Callable[[], Settings],
    renew: Callable[[], None],
    observer: Observer,
) -> Sending:
    """Open it all onto the stack; what answers at the counter finishes before its memory and its way are closed.

    `load` reads the configuration, `renew` the certificate of the local API; `observer` hears of all calls. Raises
    ConfigurationError.
    """
    settings, clock = basis.settings, basis.clock
    noted = Configurations(basis.database, clock)
    reload = Reload(settings, load, clock, basis.tell, configurations=noted, renew=renew, observer=observer)
    stack.push_async_callback(reload.close)
    await reload.note("start")
    drain = _make_drain(basis, reload.ways.platform, space)
    memory = await _open_memory(settings, clock)
    stack.push_async_callback(memory.close)
    gateway = _make_gateway(basis, reload.ways.counter, memory, drain, space)
    stack.push_async_callback(gateway.settle)
    return Sending(reload, drain, gateway, memory)


def _make_drain(basis: Basis, platform: SessionM, space: SpaceWatch) -> Drain:
    clock, drain = basis.clock, basis.settings.drain
    backoff = Backoff(drain.backoff_base_seconds, drain.backoff_cap_seconds, drain.first_contact_spread_seconds)
    rules = LineRules(
        concurrency=drain.concurrency,
        burst_max=drain.refusals_in_a_row_max,
        limits=BatchLimits(drain.batch_max, drain.batch_bytes_max),
        link=LinkRules(backoff, drain.probe_interval_seconds, drain.throttle_cap_seconds),
    )
    outbox = Outbox(basis.database, clock)
    return Drain(
        outbox, platform, clock, chance=random.random, rules=rules, tell=basis.tell, cramped=lambda: space.full
    )


async def _open_memory(settings: Settings, clock: Clock) -> Memory:
    """Open what is remembered of guests; what is wrong with that must not keep the store from selling (G12)."""
    try:
        return await _open_wanted(settings, clock)
    except (ConfigurationError, StorageFailure) as problem:
        _log.error("gateway.remembers_nothing", reason=str(problem))
        return remembered.Nothing(str(problem))


async def _open_wanted(settings: Settings, clock: Clock) -> Memory:
    directory, gateway = settings.storage.directory, settings.gateway
    path = directory / remembered.FILE_NAME
    if gateway.remember == "off":
        remembered.forget_all(path)
        return remembered.Nothing()
    kept, own = key_path(settings)
    key = read_key(kept, make=own)
    bounds = remembered.Bounds(gateway.remember_hours * 3_600.0, gateway.remember_max)
    return await remembered.open_remembered(path, key, clock, bounds)


def _make_gateway(basis: Basis, platform: Counter, memory: Memory, drain: Drain, space: SpaceWatch) -> Gateway:
    gateway = basis.settings.gateway
    seconds = gateway.remember_hours * 3_600.0
    caps = Caps(gateway.offline_per_offer_max, gateway.offline_per_guest_day_max, gateway.offline_per_store_day_max)
    rules = Rules(
        deadline=gateway.deadline_seconds,
        repeat=gateway.repeat_seconds,
        memory=MemoryRules(gateway.offline_lookup == "allow_remembered", seconds),
        offline=OfflineRules(gateway.offline_offers == "allow_remembered", caps, seconds, _day),
    )
    return Gateway(
        platform,
        offers=Offers(basis.database, basis.clock),
        memory=memory,
        line=drain,
        room=space,
        clock=basis.clock,
        rules=rules,
    )


def _day(wall: float) -> str:
    """Give the day by the store's own clock and time zone."""
    return datetime.fromtimestamp(wall).astimezone().date().isoformat()
