"""The worst that a line and a platform do to a store, with the real process: nothing is lost, doubled or stuck."""

import json
from typing import Any

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess, config_text
from tests.support.sales import sale

IMPATIENT = {"connect_timeout_seconds": 1.0, "read_timeout_seconds": 0.4, "call_timeout_seconds": 0.6}
NAMES = [f"T-{number:02}" for number in range(10)]


@pytest.fixture
def store(make_agent: MakeAgent, platform: SandboxServer) -> AgentProcess:
    """An agent that has sold and is online."""
    agent = make_agent(platform.url, cloud=IMPATIENT).start()
    sell(agent, "first")
    agent.wait_for_outbox(delivered=1)
    return agent


def sell(agent: AgentProcess, *names: str, **fields: Any) -> None:
    for name in names:
        answer = agent.send(sale(name, **fields))
        assert answer.status_code == 200, answer.text


def sell_in_one_call(agent: AgentProcess, *names: str) -> None:
    sales = ", ".join(json.dumps(sale(name)) for name in names)
    answer = agent.post("send_batch_transaction", f'{{"request_payload": {{"transactions": [{sales}]}}}}')
    assert answer.status_code == 200, answer.text


def arrived_once(platform: SandboxServer, *names: str) -> None:
    account = platform.account()
    assert sorted(account["transactions"]) == sorted(["first", *names])
    assert all(len(revisions) == 1 for revisions in account["transactions"].values())
    assert account["totals"]["doubled"] == account["totals"]["conflicts"] == 0


def words(agent: AgentProcess) -> str:
    return " ".join(agent.status()["words"])


def test_a_platform_that_hangs_delays_no_cashier_and_loses_nothing_G2(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["hang"])
    sell(store, *NAMES)
    store.wait_for_link("backing_off")
    assert "did not answer in time" in words(store)
    assert "Sales are safe on this machine" in words(store)
    assert store.send(sale("late")).json()["payload"]["delivery"] == "queued"
    platform.set_faults([])
    store.wait_for_outbox(delivered=12, waiting=0, frozen=0)
    arrived_once(platform, *NAMES, "late")


def test_a_reply_lost_after_the_platform_took_the_sales_doubles_nothing_G3(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["drop_after:count=6"])
    sell(store, *NAMES)
    store.wait_for_outbox(delivered=11, waiting=0, frozen=0)
    assert platform.totals()["requests_repeated"] > 0
    arrived_once(platform, *NAMES)


def test_an_answer_200_with_an_error_is_a_refusal_in_plain_words_G6(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["refuse:ids=T-03,http_status=200,message=Unknown employee 1000,field=pos_employee_id"])
    sell(store, *NAMES)
    store.wait_for_outbox(delivered=10, parked=1, waiting=0, frozen=0)
    arrived_once(platform, *[name for name in NAMES if name != "T-03"])
    (parked,) = store.cli_json("outbox", "list", "--state", "parked")["revisions"]
    assert parked["error"] == "The platform does not know employee 1000."
    detail = store.cli_json("outbox", "show", str(parked["sequence"]))
    assert "pos_employee_id" in str(detail["fields"])
    assert "Unknown employee 1000" in detail["platform_said"]
    platform.set_faults([])
    assert store.cli("outbox", "retry", str(parked["sequence"]), "--reason", "employee added").returncode == 0
    store.wait_for_outbox(delivered=11, parked=0)
    arrived_once(platform, *NAMES)


def test_a_captive_portal_is_a_line_that_is_down_G3(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["captive"])
    sell(store, *NAMES)
    store.wait_for_link("backing_off")
    assert "login page of the network" in words(store)
    outbox = store.status()["outbox"]
    assert (outbox["delivered"], outbox["parked"]) == (1, 0)
    platform.set_faults([])
    store.wait_for_outbox(delivered=11, waiting=0, frozen=0)
    arrived_once(platform, *NAMES)


def test_403_halts_the_line_until_somebody_mends_it(store: AgentProcess, platform: SandboxServer) -> None:
    """The probe comes after five minutes; nothing here waits for it."""
    platform.set_faults(["status:code=403"])
    sell(store, *NAMES)
    store.wait_for_link("halted")
    assert "What to do: Correct cloud.key and cloud.secret" in words(store)
    received = platform.totals()["requests_received"]
    sell(store, "later")
    rows = store.cli_json("outbox", "list", "--older-than", "0s")["revisions"]
    assert {row["attempts"] for row in rows if row["state"] != "delivered"} == {0}, "no attempt is counted"
    assert platform.totals()["requests_received"] == received, "a halted line is left alone"
    platform.set_faults([])
    done = store.cli("outbox", "drain", "--reason", "the platform let us in again")
    assert done.returncode == 0, done.stderr
    store.wait_for_outbox(delivered=12, waiting=0, frozen=0)
    arrived_once(platform, *NAMES, "later")


def test_new_credentials_are_taken_over_by_a_reload(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url, cloud={"secret": "old"}).start()
    sell(agent, "first")
    agent.wait_for_link("halted")
    agent.config.write_text("[cloud")
    agent.reload()
    agent.wait_for_log("configuration.refused")
    agent.config.write_text(config_text(agent.directory, platform.url, agent.port))
    agent.reload()
    agent.wait_for_outbox(delivered=1, waiting=0, frozen=0)
    assert agent.status()["link"]["state"] == "online"


def test_a_storm_of_429_is_waited_out_and_not_answered_with_one(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=429,retry_after=1,count=3"])
    before = platform.totals()["requests_received"]
    sell(store, *NAMES)
    store.wait_for_link("backing_off")
    assert "asks to wait" in words(store)
    store.wait_for_outbox(delivered=11, waiting=0, frozen=0)
    assert platform.totals()["requests_received"] - before <= 3 + len(NAMES)
    arrived_once(platform, *NAMES)


def test_a_poison_sale_in_a_batch_of_ten_stands_alone_in_the_end_G6(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["poison:ids=T-04"])
    sell_in_one_call(store, *NAMES)
    store.wait_for_outbox(delivered=10, frozen=1, waiting=0)
    (alone,) = store.cli_json("outbox", "list", "--state", "frozen")["revisions"]
    assert alone["transaction_id"] == "T-04"
    sell(store, "after")
    store.wait_for_outbox(delivered=11, frozen=1, parked=0)
    platform.set_faults([])
    store.wait_for_outbox(delivered=12, frozen=0)
    arrived_once(platform, *NAMES, "after")


def test_a_platform_that_drips_a_byte_at_a_time_is_cut_off(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["drip:ms=300"])
    sell(store, "T-00")
    store.wait_for_link("backing_off")
    assert "no complete answer within 0.6 seconds" in words(store)
    platform.set_faults([])
    store.wait_for_outbox(delivered=2, frozen=0)
    arrived_once(platform, "T-00")


@pytest.mark.usefixtures("slow_dns")
def test_a_name_that_is_never_found_keeps_neither_sales_nor_the_end_waiting(make_agent: MakeAgent) -> None:
    agent = make_agent("https://hangs.example", cloud={"connect_timeout_seconds": 0.2}).start()
    sell(agent, *NAMES)
    agent.wait_for_link("backing_off")
    sell(agent, "after")
    assert agent.status()["outbox"]["delivered"] == 0
    assert agent.stop() == 0
