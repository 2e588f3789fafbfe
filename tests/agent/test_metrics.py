"""What is measured stays bounded, and is told even where the database cannot be read."""

import asyncio

from store_agent.agent.metrics import ENDPOINTS, OUTCOMES, Metrics
from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.observer import Call
from store_agent.domain.outcome import Delivered, Outcome, Transport
from store_agent.errors import StorageFailure
from tests.watching.exposition import Series, read_text, value


def told(metrics: Metrics) -> Series:
    return read_text(asyncio.run(metrics.text()).decode())


def test_every_outcome_has_a_name() -> None:
    assert set(OUTCOMES) == set(Outcome.__args__)


def test_calls_to_other_upstreams_count_as_one_whatever_their_path() -> None:
    metrics = Metrics(SystemClock())
    for number in range(100):
        metrics.call_ended(Call(f"GET core priv/v1/apps/users/{number}", "r1"), Delivered(), 0.1)
    metrics.call_ended(Call("of a newer agent", "r1"), Transport("no line"), 0.1)
    found = told(metrics)
    assert value(found, "store_agent_platform_calls_total", endpoint="relayed", outcome="delivered") == 100
    endpoints = {dict(labels)["endpoint"] for labels in found["store_agent_platform_round_trip_seconds_count"]}
    assert endpoints <= ENDPOINTS


def test_a_database_that_cannot_be_read_hides_nothing_else() -> None:
    async def broken() -> list[object]:
        raise StorageFailure("The disk does not answer.")

    metrics = Metrics(SystemClock())
    metrics.follow(broken)  # type: ignore[arg-type]
    metrics.sales_taken("/api/2.0/send_transaction", 1, 0.001)
    found = told(metrics)
    assert value(found, "store_agent_status_readable") == 0
    assert value(found, "store_agent_sales_taken_total", call="send_transaction") == 1
    assert "store_agent_process_open_fds" in found


def test_nothing_of_it_is_in_the_registry_that_all_libraries_share() -> None:
    from prometheus_client import REGISTRY

    Metrics(SystemClock())
    Metrics(SystemClock())
    assert not [metric.name for metric in REGISTRY.collect() if metric.name.startswith("store_agent")]
