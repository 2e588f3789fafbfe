"""The way of spans off the machine: a bounded queue, a thread of its own, OTLP over HTTP to where the environment says.

A collector that is not there costs no sale anything: the queue holds OTEL_BSP_MAX_QUEUE_SIZE spans (2,048 unless it
says otherwise, a few megabytes), then the oldest go. Proxies and credentials that the environment names for other
programs are not used.
"""

import logging
import re
import time
from collections.abc import Mapping

import requests
import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from store_agent.domain.card_numbers import mask_text

SILENCE_SECONDS = 3_600.0
"""After one line about a collector that takes nothing there is none for so long; it may be away for days."""

_WORDS = "Traces are lost: the collector does not take them as they come. Sales are not affected."
_QUERY = re.compile(r"\?[^\s'\")]*")

_log = structlog.get_logger("traces")


def make_provider(own: Mapping[str, str]) -> TracerProvider:
    """Make what samples, gathers and exports spans, as the environment says.

    `own` describes the agent; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES may say otherwise. It is nobody's but the
    agent's: a global one would be found by libraries, and FastAPI would tell paths and queries. Raises ValueError.
    """
    _listen()
    resource = Resource.create(dict(own)).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    session = requests.Session()
    session.trust_env = False
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(session=session)))
    return provider


class _Complaints(logging.Handler):
    """Tells of what the library complains about, and then nothing for SILENCE_SECONDS."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._told: float | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Tell, or be silent."""
        now = time.monotonic()
        if self._told is None or now - self._told > SILENCE_SECONDS:
            self._told = now
            _log.warning("traces.lost", words=_WORDS, reason=mask_text(_QUERY.sub("", record.getMessage())))


def _listen() -> None:
    library = logging.getLogger("opentelemetry")
    library.handlers = [_Complaints()]
    library.propagate = False
