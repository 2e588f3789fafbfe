"""Callers that keep the agent waiting are cut off, and hinder nobody who sells meanwhile (G11)."""

import contextlib
import sys
import time
from collections.abc import Iterator
from statistics import median

import httpx
import pytest

from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.support.stalled import Stalled, open_connections, wait_for_connections

PATIENCE = {
    "header_timeout_seconds": 3.0,
    "body_timeout_seconds": 3.0,
    "answer_timeout_seconds": 3.0,
    "request_timeout_seconds": 10.0,
    "idle_timeout_seconds": 3.0,
}
PATIENT = (sys.executable, "-m", "tests.support.patient_agent")

OF_EACH = 50
"""Callers that stall in each of four ways: 200 in all."""


@contextlib.contextmanager
def stalled(agent: AgentProcess) -> Iterator[Stalled]:
    callers = Stalled(agent)
    try:
        yield callers
    finally:
        callers.close()


def stall_in_every_way(agent: AgentProcess, callers: Stalled) -> None:
    token = agent.cli_json("terminal", "add", "lane-2")["token"]
    for _ in range(OF_EACH):
        callers.half_a_head()
        callers.half_a_body("lane-2", token)
        callers.nothing()
        callers.unread()


def sell(agent: AgentProcess, name: str, sales: int) -> list[float]:
    """Sell over a connection of its own; gives the seconds of each answer."""
    seconds = []
    with agent.client_of("lane-1", agent.token) as till:
        for number in range(sales):
            began = time.monotonic()
            answer = till.post("/api/2.0/send_transaction", json={"request_payload": sale(f"{name}-{number}")})
            seconds.append(time.monotonic() - began)
            assert answer.status_code == 200, answer.text
    return seconds


def test_200_stalled_callers_are_cut_off_and_hinder_no_till_G11(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9", api=dict.fromkeys(PATIENCE, 10.0)).start()
    alone = sell(agent, "alone", 50)
    with stalled(agent) as callers:
        stall_in_every_way(agent, callers)
        wait_for_connections(agent, least=3 * OF_EACH)
        beside = sell(agent, "beside", 50)
        callers.drip()
        assert median(beside) < 5 * median(alone) + 0.05
        wait_for_connections(agent, most=2)
        assert len(sell(agent, "after", 50)) == 50
    assert agent.status()["outbox"]["accepted"] == 150
    assert "Traceback" not in agent.log.read_text(), "strangers do not fill the log"


def test_more_strangers_than_there_are_places_keep_no_till_out_G11(make_agent: MakeAgent) -> None:
    """Their deadlines are long; it is the places that they lose."""
    agent = make_agent("http://127.0.0.1:9", api={"connections_max": 40}).start()
    with stalled(agent) as callers:
        for _ in range(3 * 40):
            callers.half_a_head()
        assert comes_in(agent)
        assert open_connections(agent) <= 40 + 1


def comes_in(agent: AgentProcess) -> bool:
    """Tell whether a till that has no connection yet can sell, trying for a few seconds as a plugin does."""
    end = time.monotonic() + 5.0
    while time.monotonic() < end:
        with contextlib.suppress(AssertionError, httpx.TransportError):
            return bool(sell(agent, "new", 1))
    return False


def test_a_request_that_never_ends_is_cut_off_as_a_whole_G11(make_agent: MakeAgent) -> None:
    """Each part within its own deadline, and the whole not."""
    api = PATIENCE | {"answer_timeout_seconds": 60.0, "request_timeout_seconds": 1.0}
    agent = make_agent("http://127.0.0.1:9", api=api).start()
    with stalled(agent) as callers:
        callers.unread()
        wait_for_connections(agent, most=1)


@pytest.fixture
def patient(make_agent: MakeAgent) -> AgentProcess:
    agent = make_agent("http://127.0.0.1:9", PATIENT, api=PATIENCE | {"connections_max": 40}).start()
    agent.client.close()  # its place is taken, too
    return agent


def test_an_agent_that_waits_for_ever_would_be_filled_up_G11(patient: AgentProcess) -> None:
    """The control: without deadlines and without making room, strangers hold every place."""
    with stalled(patient) as callers:
        for _ in range(40):
            callers.half_a_head()
        assert not comes_in(patient), "tried for longer than any deadline"
        assert open_connections(patient) >= 40
