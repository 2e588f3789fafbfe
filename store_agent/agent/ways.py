"""The ways to the platform: for the drain, for the counter, and to its other upstreams; replaced as a whole."""

import uuid

from store_agent.clock import Clock
from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.counter import Counter
from store_agent.cloud.sessionm.observer import UNOBSERVED, Observer
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.cloud.tls import client_context
from store_agent.cloud.transport import Proxy, Timeouts, Transport
from store_agent.config.credentials import credentials_of, proxy_secret_of
from store_agent.config.settings import Settings
from store_agent.config.upstream import Address, Cloud
from store_agent.domain.container import Identity
from store_agent.domain.relayed import Upstream

COUNTER_CONNECTIONS_MAX = 16
"""Calls at the counter that are with the platform at a time; a store has fewer lanes."""


class Ways:
    """Transports and what stands on them. Close them when done. Raises ConfigurationError."""

    def __init__(self, settings: Settings, clock: Clock, observer: Observer = UNOBSERVED) -> None:
        cloud, store = settings.cloud, settings.store
        identity = Identity(store.store_id, store.client_id)
        self._settings = settings
        self._trust, self._proxy = client_context(cloud.ca_file), proxy_of(cloud)
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
            observer=observer,
        )
        self.counter = Counter(
            self._access(cloud, "cloud", COUNTER_CONNECTIONS_MAX, connect=settings.gateway.deadline_seconds / 2),
            upstreams,
            identity=identity,
            culture=store.culture,
            clock=clock,
            mint=mint,
            observer=observer,
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
        credentials = credentials_of(address, section)
        transport = Transport(
            address.base_url,
            timeouts,
            trust=self._trust,
            proxy=self._proxy,
            connections_max=connections,
            answer_bytes_max=most,
        )
        self._transports.append(transport)
        return Access(transport, key=credentials.key, secret=credentials.secret)


def proxy_of(cloud: Cloud) -> Proxy | None:
    """Give the proxy with its credentials, if there is one. Raises ConfigurationError."""
    if cloud.proxy is None:
        return None
    return Proxy(cloud.proxy.url, cloud.proxy.user or "", proxy_secret_of(cloud))


def mint() -> str:
    """Make a UUID4: 122 random bits, so that nobody can guess a receipt code."""
    return str(uuid.uuid4())
