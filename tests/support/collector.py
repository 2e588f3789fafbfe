"""A collector of traces: a real OTLP receiver over HTTP, which reads every byte that it is sent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent

WITHIN = 20.0
KINDS = {Sent.SPAN_KIND_SERVER: "server", Sent.SPAN_KIND_CLIENT: "client", Sent.SPAN_KIND_INTERNAL: "internal"}


@dataclass(frozen=True)
class Span:
    """A span as it arrived; ids in hexadecimal, `seconds` from its begin to its end."""

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    seconds: float
    failed: bool
    said: str
    attributes: dict[str, Any]


class Collector:
    """What arrived so far: spans, those who sent them, and the bytes themselves."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.resources: list[dict[str, Any]] = []
        self.scopes: set[str] = set()
        self.raw = b""
        self.url = ""
        self._news = threading.Condition()

    def take(self, body: bytes) -> None:
        with self._news:
            self.raw += body
            for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append(_attributes(sent.resource.attributes))
                for scope in sent.scope_spans:
                    self.scopes.add(scope.scope.name)
                    self.spans.extend(map(_span, scope.spans))
            self._news.notify_all()

    def wait_for(self, name: str, fits: Callable[[Span], bool] = lambda _: True) -> Span:
        """Wait for a span of this name."""
        end = time.monotonic() + WITHIN
        with self._news:
            while not (found := [span for span in self.spans if span.name == name and fits(span)]):
                left = end - time.monotonic()
                assert left > 0, [span.name for span in self.spans]
                self._news.wait(left)
        return found[0]


@contextmanager
def collecting() -> Iterator[Collector]:
    """Collect on a port of this machine; whoever sends afterwards is refused."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            assert self.headers["Content-Type"] == "application/x-protobuf"
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield collector
        finally:
            server.shutdown()
            serving.join()


def _span(sent: Sent) -> Span:
    return Span(
        name=sent.name,
        kind=KINDS[sent.kind],
        trace=sent.trace_id.hex(),
        id=sent.span_id.hex(),
        parent=sent.parent_span_id.hex(),
        seconds=(sent.end_time_unix_nano - sent.start_time_unix_nano) / 1e9,
        failed=bool(sent.status.code),
        said=sent.status.message,
        attributes=_attributes(sent.attributes),
    )


def _attributes(sent: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in sent if isinstance(pair, KeyValue)}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return [_value(one) for one in value.array_value.values] if kind == "array_value" else getattr(value, str(kind))
