"""Taking over a changed configuration while the agent runs (SIGHUP): the platform's address and credentials.

The certificate of the local API is read again, too.
"""

import asyncio
from collections.abc import Callable

import structlog

from store_agent import __version__
from store_agent.agent.ways import Ways
from store_agent.clock import Clock
from store_agent.cloud.sessionm.observer import Observer
from store_agent.config.digest import digests_of
from store_agent.config.settings import Settings
from store_agent.domain.events import Event, Tell
from store_agent.domain.repair import PROGRAM
from store_agent.drain.drain import Drain
from store_agent.errors import AgentError, ConfigurationError
from store_agent.gateway.gateway import Gateway
from store_agent.storage.configurations import Configurations

_log = structlog.get_logger("agent")


class Reload:
    """Keeps the ways to the platform that drain and counter use, and replaces them. Close it at the end.

    `settings` are those in use, `observer` hears of the calls made by them; `renew` reads the certificate again, and
    raises ConfigurationError.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[], Settings],
        clock: Clock,
        tell: Tell,
        *,
        configurations: Configurations,
        renew: Callable[[], None],
        observer: Observer,
    ) -> None:
        self.settings = settings
        self._configurations = configurations
        self._load = load
        self._renew = renew
        self._clock = clock
        self._tell = tell
        self._observer = observer
        self.ways = Ways(settings, clock, observer)
        self._leaving: set[asyncio.Task[None]] = set()
        self._in_hand = asyncio.Lock()

    async def run(self, drain: Drain, gateway: Gateway, by: str = PROGRAM, reason: str = "") -> list[str]:
        """Read the configuration again and send by it; gives the tables whose changes want a restart.

        Raises ConfigurationError for one that cannot be used, which changes nothing.
        """
        async with self._in_hand:
            read, ways = await self._read()
            old, self.ways = self.ways, ways
            drain.use(ways.platform)
            gateway.use(ways.counter)
            self._leave(old, self.settings.cloud.call_timeout_seconds)
            self.settings = _with_cloud_of(read, self.settings)
            changed = self._say(read)
        await self.note("reload", by, reason)
        await self._resume(drain)
        return changed

    async def note(self, how: str, by: str = PROGRAM, reason: str = "") -> None:
        """Note the configuration in use in the audit, where it can be written; `how` it was loaded, and who asked."""
        try:
            await self._configurations.loaded(how, __version__, digests_of(self.settings), by, reason)
        except AgentError as error:
            words = f"The audit does not show that this configuration was loaded; it is in use all the same. {error}"
            _log.error("configuration.not_noted", words=words, reason=str(error))

    async def close(self) -> None:
        """Close the ways to the platform."""
        for task in self._leaving:
            task.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await self.ways.close()

    async def _read(self) -> tuple[Settings, Ways]:
        """Read what is to be used; the certificate is taken over last. Raises ConfigurationError."""
        try:
            # The system's authorities alone take tenths of a second on a slow machine; sales do not wait for that.
            read, ways = await asyncio.to_thread(self._make)
            try:
                self._renew()
            except ConfigurationError:
                await ways.close()
                raise
        except ConfigurationError as error:
            words = f"The changed configuration is not used; the agent goes on as before. {error}"
            self._tell(Event("configuration.refused", words))
            raise ConfigurationError(words) from None
        return read, ways

    def _make(self) -> tuple[Settings, Ways]:
        read = self._load()
        return read, Ways(_with_cloud_of(read, self.settings), self._clock, self._observer)

    def _leave(self, old: Ways, seconds: float) -> None:
        """Close ways once the calls in flight are over: cutting them off would only make them be sent again."""

        async def close() -> None:
            try:
                await asyncio.sleep(seconds)
            finally:
                await old.close()

        task = asyncio.create_task(close(), name="leaving")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _say(self, settings: Settings) -> list[str]:
        changed = [
            name
            for name in Settings.model_fields
            if name != "cloud" and getattr(settings, name) != getattr(self.settings, name)
        ]
        words = "The platform's address and credentials were read again; sending is tried now."
        if changed:
            words += f" Changes of [{'], ['.join(changed)}] take effect when the agent is restarted."
        self._tell(Event("configuration.reloaded", words, {"restart_for": changed}))
        return changed

    async def _resume(self, drain: Drain) -> None:
        try:
            await drain.resume()
        except AgentError as error:
            words = f"Refused sales do not go out again yet; that is tried again. {error}"
            _log.error("drain.resume_failed", words=words, reason=str(error))


def _with_cloud_of(read: Settings, settings: Settings) -> Settings:
    return settings.model_copy(update={"cloud": read.cloud})
