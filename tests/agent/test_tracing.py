"""Traces are there if the environment asks for them, and what is wrong with them is told in one line."""

import asyncio
import logging
import socket
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from structlog.testing import capture_logs

from store_agent.agent import span_export
from store_agent.agent.traces import begin
from store_agent.agent.tracing import Tracing, Untraced, begin_tracing
from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.observer import UNOBSERVED, Call
from store_agent.config.settings import Settings
from store_agent.domain.outcome import Delivered

SETTINGS = Settings.model_validate(
    {
        "store": {"store_id": "1234x", "client_id": "retailer-1"},
        "cloud": {"base_url": "https://pos.example.com", "key": "k", "secret": "s"},
        "receipts": {"base_url": "https://rewards.example.com/r"},
    }
)
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
HERE = {ENDPOINT: "http://127.0.0.1:4318"}


@pytest.fixture(autouse=True)
def library() -> Iterator[logging.Logger]:
    """The library's logger, which is as it was afterwards."""
    logger = logging.getLogger("opentelemetry")
    handlers, propagate = logger.handlers, logger.propagate
    yield logger
    logger.handlers, logger.propagate = handlers, propagate


def begun(environment: dict[str, str]) -> tuple[Tracing, list[Any]]:
    with capture_logs() as lines:
        tracing = begin_tracing(SETTINGS, SystemClock(), environment)
    asyncio.run(tracing.close())
    return tracing, lines


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {ENDPOINT: ""},
        {"OTEL_SERVICE_NAME": "till", "OTEL_TRACES_SAMPLER": "always_on"},
        {**HERE, "OTEL_SDK_DISABLED": "TRUE"},
        {**HERE, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_traced_unless_the_environment_asks_for_it(environment: dict[str, str]) -> None:
    tracing, lines = begun(environment)
    assert isinstance(tracing, Untraced)
    assert lines == []


@pytest.mark.parametrize(
    "environment",
    [
        HERE,
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"},
        {"OTEL_TRACES_EXPORTER": "otlp"},
        {**HERE, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
        {
            **HERE,
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        },
    ],
)
def test_an_endpoint_or_the_exporter_asks_for_it(environment: dict[str, str]) -> None:
    tracing, lines = begun(environment)
    assert not isinstance(tracing, Untraced)
    assert lines == []


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER says zipkin"),
        ({**HERE, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL says grpc"),
    ],
)
def test_what_the_agent_does_not_have_is_named_and_it_sells_without(environment: dict[str, str], words: str) -> None:
    tracing, lines = begun(environment)
    assert isinstance(tracing, Untraced)
    (line,) = lines
    assert line["event"] == "traces.not_started"
    assert line["log_level"] == "warning"
    assert words in line["words"]
    assert "The agent sells without them" in line["words"]


def test_a_variable_that_the_library_refuses_keeps_nobody_from_selling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "1")
    tracing, lines = begun(HERE)
    assert isinstance(tracing, Untraced)
    assert [line["event"] for line in lines] == ["traces.not_started"]


def test_a_collector_that_is_not_there_is_told_once_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.1")
    with capture_logs() as lines:
        traces = begin(SETTINGS.store, SystemClock())
        for number in range(3):
            traces.beside(UNOBSERVED).call_ended(Call("lookup", str(number)), Delivered(), 0.1)
            traces._provider.force_flush()
        asyncio.run(traces.close())
    (line,) = lines
    assert line["event"] == "traces.lost"
    assert "Sales are not affected" in line["words"]


def test_complaints_are_told_without_queries_and_again_only_after_a_while(
    library: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    span_export._listen()
    with capture_logs() as lines:
        for _ in range(3):
            library.warning("no way to http://collector/v1/traces?key=secret (%s)", "refused")
        monkeypatch.setattr(span_export, "SILENCE_SECONDS", -1.0)
        library.warning("no way")
    assert [line["reason"] for line in lines] == ["no way to http://collector/v1/traces (refused)", "no way"]


def test_libraries_that_do_not_fit_each_other_keep_nobody_from_selling(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise TypeError("Descriptors cannot be created directly.")

    monkeypatch.setitem(sys.modules, "store_agent.agent.traces", Broken("traces"))
    tracing, (line,) = begun(HERE)
    assert isinstance(tracing, Untraced)
    assert "cannot be created" in line["words"]
