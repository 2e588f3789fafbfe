"""An agent that has something of everything that is measured."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.watching.exposition import Series, read_text

CATALOG = {"items": [{"category_id": "C1", "name": "Drinks", "item_ids": ["1"]}, {"item_id": "1", "name": "Cola"}]}
EMPLOYEES = {"employees": [{"employee_id": "7", "first_name": "Jo", "last_name": "Till"}]}
LOOKUP = {"request_payload": {"email": "nobody@example.com"}}
WITHIN = 60.0


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    directory = tmp_path_factory.mktemp("watched")
    sections: dict[str, Any] = {
        "backup": {"every_hours": 0.0005},
        "upkeep": {"space_seconds": 0.2},
        "metrics": {"textfile": str(directory / "store_agent.prom"), "textfile_every_seconds": 0.2},
        "printers.counter": {"kind": "file", "path": str(directory / "receipts"), "terminals": []},
    }
    with SandboxServer(SandboxOptions(port=0)) as platform:
        agent = AgentProcess(directory, platform.url, **sections).start()
        for call, payload in (("upload_catalog", CATALOG), ("upload_employees", EMPLOYEES)):
            assert agent.client.post(f"/api/2.0/{call}", json={"request_payload": payload}).status_code == 200
        for number in range(3):
            assert agent.send(sale(f"T-{number}")).status_code == 200
        two = {"request_payload": {"transactions": [sale("T-8"), sale("T-9")]}}
        assert agent.client.post("/api/2.0/send_batch_transaction", json=two).status_code == 200
        agent.client.post("/api/2.0/lookup", json=LOOKUP)
        agent.wait_for_outbox(delivered=7)  # five sales and two uploads
        yield agent
        agent.close()


@pytest.fixture(scope="module")
def scraped(watched: AgentProcess) -> Series:
    """Everything that it tells, once the first backup is made and the rate of sales is known."""
    end = time.monotonic() + WITHIN
    while True:
        found = read_text(scrape(watched).text)
        if {"store_agent_backup_age_seconds", "store_agent_disk_left_seconds"} <= found.keys():
            return found
        assert time.monotonic() < end, sorted(found)
        watched.send(sale("T-more"))


def scrape(agent: AgentProcess, accept: str = "") -> httpx.Response:
    answer = agent.client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    return answer


def textfile(agent: AgentProcess) -> Path:
    return agent.directory / "store_agent.prom"
