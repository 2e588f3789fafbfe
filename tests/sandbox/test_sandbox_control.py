"""The control routes: faults and the account over HTTP."""

import pytest

from store_agent.sandbox.fault import Fault
from store_agent.sandbox.options import SandboxOptions

DOWN = {"kind": "down", "count": None, "probability": 1.0}


def test_health_is_ok(till):
    assert till.client.get("/sandbox/health").json() == {"status": "ok"}


def test_the_faults_of_the_command_line_are_in_force_from_the_start(till_of):
    till = till_of(SandboxOptions(port=0, faults=(Fault("status", code=503),)))

    assert till.send("A1").status_code == 503


def test_faults_are_added_behind_the_others_replaced_and_cleared(till):
    client = till.client
    assert client.put("/sandbox/faults", json=[{"kind": "slow", "ms": 5}]).json()[0]["ms"] == 5

    added = client.post("/sandbox/faults", json={"kind": "down", "count": 1})
    assert added.status_code == 201
    assert [fault["kind"] for fault in client.get("/sandbox/faults").json()] == ["slow", "down"]

    assert client.put("/sandbox/faults", json=[DOWN]).json() == [DOWN]
    assert client.delete("/sandbox/faults").json() == []
    assert client.get("/sandbox/faults").json() == []


@pytest.mark.parametrize(
    ("method", "body", "words"),
    [
        ("PUT", "{}", "An array of faults"),
        ("PUT", "nonsense", "not JSON"),
        ("PUT", '[{"kind": "captive"}, {"kind": "flood"}]', "no fault 'flood'"),
        ("POST", "[]", "A fault is an object"),
        ("POST", '{"kind": "slow"}', "needs ms"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_in_words_and_changes_nothing(till, method, body, words):
    till.put_faults(DOWN)

    answer = till.client.request(method, "/sandbox/faults", content=body)

    assert answer.status_code == 400
    assert words in answer.json()["errors"]["message"]
    assert till.client.get("/sandbox/faults").json() == [DOWN]


def test_the_account_shows_bodies_only_when_asked(till):
    answer = till.send("A1")
    body = answer.request.content.decode()

    assert "body" not in till.account()["requests"][0]
    assert till.account("?bodies=1")["requests"][0]["body"] == body


def test_an_account_without_bodies_still_has_their_digests(till_of):
    till = till_of(SandboxOptions(port=0, keep_bodies=False))
    till.send("A1")

    (request,) = till.account("?bodies=1")["requests"]
    assert request["body"] is None
    assert len(request["sha256"]) == 64


def test_the_account_can_be_asked_for_its_totals_alone(till):
    till.send("A1")

    assert list(till.account("?totals=1")) == ["totals"]


def test_a_forgotten_account_knows_no_request_no_offer_and_no_upload(till):
    lock = {
        "offer_lookup_code": "410001",
        "offer_lookup_type": "TTLCode",
        "transaction": {"transaction_id": "A1", "subtotal": 9},
    }
    till.send("A1", request_id="r1")
    till.call("lock", lock)
    till.call("upload_employees", {"employees": []})

    till.client.delete("/sandbox/account")

    account = till.account()
    assert (account["requests"], account["transactions"]) == ([], {})
    assert set(account["totals"].values()) == {0}
    assert till.client.get("/sandbox/uploads").json() == {"catalog": None, "employees": None}
    lock["transaction"] = {"transaction_id": "A2", "subtotal": 9}
    assert till.call("lock", lock).status_code == 200
    till.send("A1", request_id="r1")
    assert till.totals()["transactions_accepted"] == 1


def test_a_control_body_has_a_limit(till):
    answer = till.client.put("/sandbox/faults", content=b"[" + b" " * 2_000_000 + b"]")

    assert answer.status_code == 413
