"""Whether there are traces: only where the environment asks for them, by OpenTelemetry's own variables.

Without them nothing is loaded and nothing stands in anybody's way. What is wrong with them keeps no store from selling:
it is told once, and there are no traces.
"""

import os
from collections.abc import Mapping
from typing import Protocol

import structlog
from starlette.types import ASGIApp

from store_agent.api.app import Neighbours
from store_agent.clock import Clock
from store_agent.cloud.sessionm.observer import Observer
from store_agent.config.settings import Settings

PROTOCOL = "http/protobuf"

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_EXPORTER = "OTEL_TRACES_EXPORTER"

_NOT_INSTALLED = (
    "The environment asks for traces, and OpenTelemetry is not installed. The agent sells without them. Install it "
    "with: pip install --require-hashes -r requirements/traces.txt; then restart the agent."
)
_NOT_STARTED = "The environment asks for traces that cannot be made. The agent sells without them. {}"

_log = structlog.get_logger("traces")


class Tracing(Protocol):
    """What listens at the seams of the agent."""

    def around(self, app: ASGIApp) -> ASGIApp:
        """Stand around the local API."""
        ...

    def over(self, neighbours: Neighbours) -> Neighbours:
        """Stand before what the local API stands on."""
        ...

    def beside(self, observer: Observer) -> Observer:
        """Hear of calls to the platform beside another observer."""
        ...

    async def close(self) -> None:
        """End, within a second."""
        ...


class Untraced:
    """Stands nowhere."""

    def around(self, app: ASGIApp) -> ASGIApp:
        """Give the application as it is."""
        return app

    def over(self, neighbours: Neighbours) -> Neighbours:
        """Give the neighbours as they are."""
        return neighbours

    def beside(self, observer: Observer) -> Observer:
        """Give the other observer."""
        return observer

    async def close(self) -> None:
        """Do nothing."""


def begin_tracing(settings: Settings, clock: Clock, environment: Mapping[str, str] = os.environ) -> Tracing:
    """Begin to trace if the environment asks for it."""
    if not _is_asked_for(environment):
        return Untraced()
    if words := _why_not(environment):
        return _without(words)
    try:
        from store_agent.agent.traces import begin  # noqa: PLC0415 - an extra, and slow to load

        return begin(settings.store, clock)
    except ImportError:
        _log.warning("traces.not_installed", words=_NOT_INSTALLED)
        return Untraced()
    except Exception as problem:  # noqa: BLE001 - whatever the libraries make of each other or of a variable, it sells
        return _without(str(problem))


def _without(words: str) -> Tracing:
    _log.warning("traces.not_started", words=_NOT_STARTED.format(words))
    return Untraced()


def _is_asked_for(environment: Mapping[str, str]) -> bool:
    """Read the variables as the specification does, where an empty one is none.

    OpenTelemetry, Environment Variable Specification; unlike there, traces go nowhere unless something asks for them.
    """
    if _read(environment, "OTEL_SDK_DISABLED") == "true":
        return False
    exporter = _read(environment, _EXPORTER)
    return exporter != "none" if exporter else any(_read(environment, name) for name in _ENDPOINTS)


def _why_not(environment: Mapping[str, str]) -> str:
    """Say what is asked for that the agent does not have; empty if there is nothing like that."""
    if (exporter := _read(environment, _EXPORTER)) not in ("", "otlp"):
        return f"{_EXPORTER} says {exporter}, and the agent knows otlp and none."
    for name in _PROTOCOLS:
        if protocol := _read(environment, name):
            return "" if protocol == PROTOCOL else f"{name} says {protocol}, and the agent speaks {PROTOCOL}."
    return ""


def _read(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "").strip().lower()
