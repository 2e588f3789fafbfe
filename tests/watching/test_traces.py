"""Traces as a collector gets them from a real agent: who is parent to whom, and nothing that a span must not hold."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from store_agent import __version__
from store_agent.agent.runtime import STOP_SECONDS
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.collector import Collector, Span, collecting
from tests.support.sales import sale

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
NUMBER = "4111111111111111"
SALE, MANY, LOOKUP = (f"POST /api/2.0/{call}" for call in ("send_transaction", "send_batch_transaction", "lookup"))
RELAYED = "GET /priv/v1/apps/{app}/users/{user_id}"
FIND = "GET /v1/receipts/find"
BARE = (sys.executable, "-m", "tests.support.bare_agent")
HEADERS = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": f"pos={NUMBER}"}
LOADED = (
    "import sys; from store_agent.agent import runtime, tracing; tracing.begin_tracing(None, None);"
    "print({'opentelemetry.sdk', 'opentelemetry.exporter', 'google.protobuf', 'requests'} & set(sys.modules))"
)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """An agent that was asked for this and that, and has ended."""
    with pytest.MonkeyPatch.context() as environment, SandboxServer(SandboxOptions(port=0)) as platform:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        environment.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=key-of-the-collector")
        environment.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=north")
        environment.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        agent = AgentProcess(tmp_path_factory.mktemp("traced"), platform.url).start()
        agent.client.headers.update(HEADERS)
        platform.set_faults(["drop_after:count=1"])
        agent.send(sale("T-1"))
        agent.wait_for_outbox(delivered=1)
        ask(agent.client)
        agent.wait_for_outbox(delivered=3)
        with agent.client_of("lane-1", "wrong") as stranger:
            stranger.get("/v1/outbox")
        assert agent.stop() == 0
        yield agent
        agent.close()


def ask(till: httpx.Client) -> None:
    """Make calls of every kind, with values that belong in no span."""
    two = {"request_payload": {"transactions": [sale("T-2"), sale("T-3")]}}
    till.post("/api/2.0/send_batch_transaction", json=two)
    till.post("/api/2.0/lookup", json={"request_payload": {"email": "guest@example.com"}})
    till.get("/priv/v1/apps/app/users/guest-1?fields=guest-2")
    till.get("/v1/receipts/find", params={"transaction_id": "T-1"})
    till.get(f"/v1/receipts/{NUMBER}")
    till.get("/nowhere/guest-3")
    till.get("/healthz")


@pytest.fixture(scope="module")
def spans(traced: AgentProcess, collector: Collector) -> dict[str, Span]:
    """What arrived, by name; all of it, since it is delivered before the agent ends."""
    return {span.name: span for span in collector.spans}


def of_sequence(collector: Collector, sequence: int, kind: str) -> list[Span]:
    """Find the spans of this kind by a sequence that they name, in their order."""
    return [
        span
        for span in collector.spans
        if span.kind == kind and sequence in span.attributes.get("store_agent.sequences", ())
    ]


def test_a_sale_is_a_span_of_the_caller_s_trace_and_the_wait_for_its_commit_a_part_of_it(
    spans: dict[str, Span], collector: Collector
) -> None:
    asked, (commit,) = spans[SALE], of_sequence(collector, 1, "internal")
    assert (asked.kind, asked.trace, asked.parent) == ("server", TRACE, CALLER)
    assert (commit.name, commit.trace, commit.parent) == ("commit", TRACE, asked.id)
    assert 0 < commit.seconds < asked.seconds
    assert asked.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/2.0/send_transaction",
        "http.response.status_code": 200,
        "store_agent.terminal": "lane-1",
    }
    assert commit.attributes == {"store_agent.sales": 1, "store_agent.sequences": [1]}


def test_what_brought_a_sale_to_the_platform_is_found_by_its_sequence(
    spans: dict[str, Span], collector: Collector
) -> None:
    lost, again = of_sequence(collector, 1, "client")
    assert (lost.name, lost.parent, again.parent) == ("send_transaction", "", ""), "it goes whenever there is a line"
    assert (lost.failed, again.failed) == (True, False)
    request = {"store_agent.request_id": lost.attributes["store_agent.request_id"], "store_agent.sales": 1}
    tried = [{"store_agent.outcome": "transport", "store_agent.attempt": 1}]
    tried += [{"store_agent.outcome": "delivered", "store_agent.attempt": 2}]
    for call, told in zip((lost, again), tried, strict=True):
        assert call.attributes == {**request, **told, "store_agent.sequences": [1]}
    assert of_sequence(collector, 2, "internal") == of_sequence(collector, 3, "internal")


@pytest.mark.parametrize(
    ("asked", "call", "outcome"), [(LOOKUP, "lookup", "delivered"), (RELAYED, "relayed", "refused")]
)
def test_a_call_at_the_counter_holds_the_call_to_the_platform(
    spans: dict[str, Span], asked: str, call: str, outcome: str
) -> None:
    assert spans[asked].attributes["store_agent.answer"] == "passed"
    assert (spans[call].kind, spans[call].parent) == ("client", spans[asked].id)
    assert spans[call].attributes["store_agent.outcome"] == outcome
    assert spans[call].seconds < spans[asked].seconds


def test_every_route_is_named_by_its_pattern_and_what_is_none_by_its_method_alone(spans: dict[str, Span]) -> None:
    names = {name for name, span in spans.items() if span.kind == "server"}
    assert {FIND, "GET /v1/receipts/{code}", "GET"} <= names
    assert "GET /healthz" not in names, "monitoring asks for that all the time"


def test_a_stranger_is_seen_and_has_no_name(collector: Collector, traced: AgentProcess) -> None:
    (stranger,) = [span for span in collector.spans if span.attributes.get("http.response.status_code") == 401]
    assert "store_agent.terminal" not in stranger.attributes


def test_it_says_which_store_and_version_it_is_and_what_the_environment_adds(
    spans: dict[str, Span], collector: Collector
) -> None:
    assert (
        collector.resources[0].items()
        >= {
            "service.name": "store-agent",
            "service.version": __version__,
            "service.instance.id": "1234x",
            "store_agent.store_id": "1234x",
            "store_agent.client_id": "retailer-1",
            "deployment.environment.name": "north",
        }.items()
    )


def test_no_span_holds_sales_guests_secrets_or_what_a_caller_wrote_G16(
    traced: AgentProcess, collector: Collector
) -> None:
    """Not even by FastAPI's own telemetry, which would tell paths and queries."""
    secrets = (traced.token, "sandbox-key", "sandbox-secret", "key-of-the-collector")
    for text in (*secrets, "T-1", "T-2", "10.7", "example.com", "guest-", "nowhere", "fields", "pos=", NUMBER):
        assert text.encode() not in collector.raw, text
    assert collector.scopes == {"store_agent"}
    assert b"lane-1" in collector.raw, "what is in a span stands there as it is"


def test_without_the_variables_nothing_is_loaded() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "set()\n"


def test_without_the_extra_it_says_so_once_and_sells(
    make_agent: MakeAgent, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    agent = make_agent(platform.url, BARE).start()
    assert agent.send(sale("T-1")).status_code == 200
    agent.wait_for_outbox(delivered=1)
    assert agent.stop() == 0
    (line,) = [line for line in agent.log.read_text().splitlines() if " traces." in line]
    assert "traces.not_installed" in line
    assert "pip install --require-hashes -r requirements/traces.txt" in line


def test_a_collector_that_hangs_holds_up_neither_sales_nor_the_end(
    make_agent: MakeAgent, platform: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"http://127.0.0.1:{deaf.getsockname()[1]}/v1/traces")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
        agent = make_agent(platform.url).start()
        deaf.settimeout(20.0)
        assert all(agent.send(sale(f"T-{number}")).status_code == 200 for number in range(20))
        with deaf.accept()[0]:
            agent.wait_for_outbox(delivered=20)
            began = time.monotonic()
            assert agent.stop() == 0
            assert time.monotonic() - began < STOP_SECONDS
