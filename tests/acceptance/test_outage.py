"""What the product is for, with real processes: sales while the platform is down arrive once when it returns."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import sale


def test_230_sales_of_an_outage_arrive_once_in_tens_G1_G2_G3_G5_G8(
    agent: AgentProcess, platform: SandboxServer
) -> None:
    platform.stop()
    names = [f"T-{number:03}" for number in range(230)]
    with ThreadPoolExecutor(8) as tills:
        answers = list(tills.map(lambda name: agent.send(sale(name), request_id="1"), names))
    assert {answer.status_code for answer in answers} == {200}
    codes = [receipt["code"] for answer in answers for receipt in answer.json()["payload"]["receipts"]]
    assert len(set(codes)) == 230

    status = agent.status()
    assert status["link"]["state"] == "backing_off"
    assert status["outbox"]["waiting_amount"] == "2461.00"
    assert status["outbox"]["oldest_waiting_seconds"] > 0
    words = agent.cli("status").stdout
    assert "Offline for" in words
    assert "230 sales wait (2,461.00), the oldest for" in words
    assert "Sales are safe on this machine" in words

    platform.start()
    agent.wait_for_outbox(delivered=230, waiting=0, frozen=0)
    account = platform.account(bodies=True)
    assert sorted(account["transactions"]) == names
    assert all(len(revisions) == 1 for revisions in account["transactions"].values())
    assert account["totals"]["doubled"] == account["totals"]["conflicts"] == 0
    sizes = [len(request["transactions"]) for request in account["requests"]]
    assert max(sizes) == 10
    assert sizes.count(10) >= 20
    sent = "".join(request["body"] for request in account["requests"])
    assert all(code in sent for code in codes)
    assert "All sales are at the platform." in agent.cli("status").stdout


EXACT = (
    '{ "transaction_id" : "exact", "subtotal": 1.10, "tax_total":0.10,  "big": 123456789012345678901234567890.12345,'
    '\n "exponent": 1E+5, "small": 1e-7, "caf\\u00e9": "\\u00e9 \\ud83d\\ude00 \\/", "deep": {"a": [ {"b" : -0.0} ] }, '
    '"payments": [], "items": [], "discounts": [] }'
)


@pytest.mark.parametrize("together", [False, True])
def test_every_byte_of_the_pos_arrives_as_sent_G7(
    agent: AgentProcess, platform: SandboxServer, *, together: bool
) -> None:
    if together:
        platform.stop()
        agent.send(sale("probe"))
        agent.wait_for_link("backing_off")
        agent.send(sale("other"))
    answer = agent.send(EXACT).json()["payload"]
    platform.start() if together else None
    agent.wait_for_outbox(waiting=0, frozen=0)
    requests = platform.account(bodies=True)["requests"]
    (body,) = [request["body"] for request in requests if "exact" in request["transactions"]]
    code = answer["receipts"][0]["code"]
    with_code = EXACT.removesuffix(" }") + f',"guest_receipt_code":"{code}" }}'
    assert with_code in body
    assert ('"transactions": [' in body) == together


def test_unknown_fields_of_the_container_go_along_alone_G7(agent: AgentProcess, platform: SandboxServer) -> None:
    platform.stop()
    agent.send(sale("probe"))
    agent.wait_for_link("backing_off")
    agent.send(sale("a"))
    agent.send(sale("u"), user_id="user-1", culture="de-DE")
    agent.send(sale("b"))
    platform.start()
    agent.wait_for_outbox(delivered=4)
    requests = {
        tuple(request["transactions"]): json.loads(request["body"])
        for request in platform.account(bodies=True)["requests"]
    }
    assert set(requests) == {("probe",), ("a", "b"), ("u",)}
    assert (requests["u",]["user_id"], requests["u",]["culture"]) == ("user-1", "de-DE")
    assert "user_id" not in requests["a", "b"]


def test_sales_refused_by_the_platform_are_shown_to_the_manager(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url).start()
    platform.set_faults(["refuse:ids=T-2,message=Unknown employee 1000"])
    for number in range(4):
        agent.send(sale(f"T-{number}"))
    agent.wait_for_outbox(delivered=3, parked=1)
    assert "1 sale was refused by the platform and set aside" in agent.cli("status").stdout
    listed = agent.cli("outbox", "list", "--state", "parked").stdout
    assert "T-2" in listed
    assert "The platform does not know employee 1000." in listed
    (row,) = agent.cli_json("outbox", "list", "--state", "parked")["revisions"]
    assert "Unknown employee 1000" in agent.cli_json("outbox", "show", str(row["sequence"]))["platform_said"]


def test_wrong_credentials_are_told_with_their_cure(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url, cloud={"secret": "wrong"}).start()
    agent.send(sale())
    agent.wait_for_link("halted")
    words = agent.cli("status").stdout
    assert "Stopped for" in words
    assert "Correct cloud.key and cloud.secret" in words


def test_a_stop_answers_what_it_took_and_a_start_goes_on(agent: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["hang"])
    assert agent.send(sale()).status_code == 200
    platform.wait_for(lambda totals: totals["requests_hanging"] == 1)
    assert agent.stop() == 0
    platform.set_faults([])
    agent.start()
    agent.wait_for_outbox(delivered=1)
    assert len(platform.account()["transactions"]["T-1"]) == 1


def _reference_sales() -> list[Any]:
    folder = Path(__file__).parent.parent / "data" / "recorded"
    return [pytest.param(path, id=path.stem) for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("path", _reference_sales())
def test_requests_as_pos_systems_really_send_them_go_through_G7(
    agent: AgentProcess, platform: SandboxServer, path: Path
) -> None:
    """The shapes of recorded POS traffic and of the importers guide, with made-up values."""
    body = path.read_text()
    answer = agent.post("send_transaction", body)
    assert answer.status_code == 200, answer.text
    agent.wait_for_outbox(delivered=1)
    payload = json.loads(body)["request_payload"]
    (request,) = platform.account(bodies=True)["requests"]
    sent = json.loads(request["body"])["request_payload"]
    codes = {receipt["code"] for receipt in answer.json()["payload"]["receipts"]}
    if sent.get("guest_receipt_code") in codes and "guest_receipt_code" not in payload:
        del sent["guest_receipt_code"]
    assert sent == payload
