"""Endpoints of the platform's other upstreams, as they stand in the outbox: method, upstream and path in one text."""

from enum import StrEnum
from typing import NamedTuple

APP = "{app}"
"""Stands for the store's app key in a path, which the agent fills in when it calls."""


class Upstream(StrEnum):
    """The platform's addresses beside the POS API (Postman collection: `endpoint`, `endpoint_connect`)."""

    CORE = "core"
    CONNECT = "connect"


class Target(NamedTuple):
    """Where a relayed call goes; `path` carries the query, and APP where the app key belongs."""

    method: str
    upstream: Upstream
    path: str

    @property
    def endpoint(self) -> str:
        """Write it as an endpoint of the outbox."""
        return f"{self.method} {self.upstream.value} {self.path}"


class RelayAsked(NamedTuple):
    """What a POS asks for. `path` is as it was sent, with its percent signs; `body` is passed on as it is."""

    method: str
    path: str
    query: str
    body: bytes


def is_relayed(endpoint: str) -> bool:
    """Tell whether an endpoint is one of another upstream; those of the POS API are single words."""
    return " " in endpoint


def read_target(endpoint: str) -> Target:
    """Read an endpoint that `is_relayed`."""
    method, upstream, path = endpoint.split(" ", 2)
    return Target(method, Upstream(upstream), path)
