"""The ways to the platform: for the drain, for the counter, and to its other upstreams; replaced as a whole."""

import uuid

from store_agent.clock import Clock
from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.counter import Counter
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.cloud.transport import Timeouts, Transport
from store_agent.config.load import secret_of
from store_agent.config.settings import Address, Settings
from store_agent.domain.container import Identity
from store_agent.domain.relayed import Upstream

COUNTER_CONNECTIONS_MAX = 16
"""Calls at the counter that are with the platform at a time; a store has fewer lanes."""


class Ways:
    """Transports and what stands on them. Close them when done. Raises ConfigurationError."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        cloud, store = settings.cloud, settings.store
        identity = Identity(store.store_id, store.client_id)
        self._settings = settings
        self._transports: list[Transport] = []
        upstreams = {
            upstream: self._access(address, f"cloud.{upstream.value}", COUNTER_CONNECTIONS_MAX)
            for upstream, address in ((Upstream.CORE, cloud.core), (Upstream.CONNECT, cloud.connect))
            if address is not None
        }
        self.platform = SessionM(
            self._access(cloud, "cloud", settings.drain.concurrency + 1),
            upstreams,
            identity=identity,
            culture=store.culture,
            clock=clock,
            mint=mint,
        )
        self.counter = Counter(
            self._access(cloud, "cloud", COUNTER_CONNECTIONS_MAX, connect=settings.gateway.deadline_seconds / 2),
            upstreams,
            identity=identity,
            culture=store.culture,
            clock=clock,
            mint=mint,
        )

    async def close(self) -> None:
        """Close all connections."""
        for transport in self._transports:
            await transport.close()

    def _access(self, address: Address, section: str, connections: int, connect: float | None = None) -> Access:
        cloud = self._settings.cloud
        timeouts = Timeouts(
            connect=min(connect or cloud.connect_timeout_seconds, cloud.connect_timeout_seconds),
            write=cloud.write_timeout_seconds,
            read=cloud.read_timeout_seconds,
            whole=cloud.call_timeout_seconds,
        )
        most = self._settings.gateway.answer_bytes_max
        transport = Transport(address.base_url, timeouts, connections_max=connections, answer_bytes_max=most)
        self._transports.append(transport)
        return Access(transport, key=address.key, secret=secret_of(address, section))


def mint() -> str:
    """Make a UUID4: 122 random bits, so that nobody can guess a receipt code."""
    return str(uuid.uuid4())
