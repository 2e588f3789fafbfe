"""Each fault, felt from the other end of the line."""

import socket

import httpx
import pytest

from store_agent.sandbox.fault import Fault
from store_agent.sandbox.options import SandboxOptions

AUTH = "authorization: Basic c2FuZGJveC1rZXk6c2FuZGJveC1zZWNyZXQ="
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)


def connect(server):
    host, port = server.url.removeprefix("http://").split(":")
    line = socket.create_connection((host, int(port)))
    line.settimeout(10)
    return line


def test_down_breaks_the_line_before_the_body_was_sent(server):
    server.set_faults(["down"])
    head = f"POST /api/2.0/send_transaction HTTP/1.1\r\nhost: x\r\n{AUTH}\r\ncontent-length: 500\r\n\r\n"

    with connect(server) as line:
        line.sendall(head.encode())
        with pytest.raises(ConnectionResetError):
            line.recv(1)

    assert server.account()["requests"] == []
    assert server.totals() | {"requests_received": 1, "requests_failed_by_fault": 1} == server.totals()


def test_down_breaks_a_line_with_a_large_body_on_it(server, till):
    server.set_faults(["down"])

    with pytest.raises(BROKEN):
        till.send_text("send_transaction", b"x" * 2_000_000)

    server.set_faults([])
    assert till.send("A1").status_code == 200


def test_down_spares_the_control_routes_and_ends_when_it_is_cleared(till):
    till.put_faults({"kind": "down"})
    with pytest.raises(BROKEN):
        till.send("A1")

    assert till.client.get("/sandbox/health").json() == {"status": "ok"}
    till.client.delete("/sandbox/faults")
    assert till.send("A1").status_code == 200


def test_down_comes_before_faults_that_stand_in_front_of_it(till):
    till.put_faults({"kind": "status", "code": 503}, {"kind": "down"})

    with pytest.raises(BROKEN):
        till.send("A1")


def test_down_wears_off_with_its_count(till):
    till.put_faults({"kind": "down", "count": 1})
    with pytest.raises(BROKEN):
        till.send("A1")

    assert till.send("A1").status_code == 200


def test_down_that_did_not_hit_at_the_door_does_not_hit_later(till):
    till.put_faults({"kind": "down", "probability": 0})

    assert till.send("A1").status_code == 200


def test_slow_adds_its_latency_and_answers(till, stopwatch):
    till.put_faults({"kind": "slow", "ms": 60}, {"kind": "slow", "ms": 60})

    with stopwatch() as watch:
        assert till.send("A1").status_code == 200

    assert watch.seconds >= 0.12
    assert till.totals()["requests_failed_by_fault"] == 0


def test_slow_goes_on_to_the_next_fault(till, stopwatch):
    till.put_faults({"kind": "slow", "ms": 60}, {"kind": "status", "code": 503})

    with stopwatch() as watch:
        assert till.send("A1").status_code == 503

    assert watch.seconds >= 0.06


def test_a_slow_request_is_processed_though_its_client_left(server, till):
    server.set_faults(["slow:ms=200"])

    with pytest.raises(httpx.ReadTimeout):
        till.client.post("/api/2.0/send_transaction", json=till.container({"transaction_id": "A1"}), timeout=0.05)

    server.wait_for(lambda totals: totals["transactions_accepted"] == 1)


def test_drop_before_breaks_the_line_and_processes_nothing(till):
    till.put_faults({"kind": "drop_before", "count": 1})

    with pytest.raises(BROKEN):
        till.send("A1", request_id="r1")

    assert till.account()["requests"][0] | {"received": 1, "processed": False} == till.account()["requests"][0]
    assert till.send("A1", request_id="r1").status_code == 200


def test_drop_after_breaks_the_line_though_the_request_was_processed(till):
    till.put_faults({"kind": "drop_after", "count": 1})

    with pytest.raises(BROKEN):
        till.send("A1", request_id="r1")

    assert till.account()["requests"][0] | {"processed": True, "status": 200} == till.account()["requests"][0]
    assert till.send("A1", request_id="r1").status_code == 200
    assert till.totals() | {"transactions_accepted": 1, "requests_repeated": 1} == till.totals()


@pytest.mark.parametrize("code", [401, 403, 404, 413, 429, 500, 502, 503, 504])
def test_status_answers_in_the_container_and_processes_nothing(till, code):
    till.put_faults({"kind": "status", "code": code})

    answer = till.send("A1")

    assert (answer.status_code, answer.json()["status"]) == (code, "Error")
    assert "retry-after" not in answer.headers
    assert till.totals() | {"requests_processed": 0, "requests_failed_by_fault": 1} == till.totals()


@pytest.mark.parametrize("retry_after", ["2", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_status_tells_when_to_come_back(till, retry_after):
    till.put_faults({"kind": "status", "code": 429, "retry_after": retry_after})

    assert till.send("A1").headers["retry-after"] == retry_after


def test_status_may_have_a_plain_body(till):
    till.put_faults({"kind": "status", "code": 502, "body": "Bad gateway"})

    answer = till.send("A1")

    assert (answer.text, answer.headers["content-type"]) == ("Bad gateway", "text/plain; charset=utf-8")


def test_status_takes_codes_that_have_no_name(till):
    till.put_faults({"kind": "status", "code": 599})

    assert till.send("A1").status_code == 599


def test_captive_answers_a_login_page_instead_of_the_platform(till):
    till.put_faults({"kind": "captive"})

    answer = till.send("A1")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert till.totals()["requests_processed"] == 0


def test_pending_processes_at_the_first_ask_and_tells_the_answer_later(till):
    till.put_faults({"kind": "pending", "times": 2})

    asked = [till.send("A1", request_id="r1")]
    assert till.totals() | {"requests_processed": 1, "transactions_accepted": 1} == till.totals()
    asked += [till.send("A1", request_id="r1") for _ in range(2)]

    assert [answer.status_code for answer in asked] == [200, 200, 200]
    assert [answer.json()["status"] for answer in asked] == ["Error", "Error", "OK"]
    assert asked[0].json()["errors"]["code"] == "pending processing"
    assert till.totals() | {"requests_processed": 1, "transactions_accepted": 1} == till.totals()
    assert till.send("A2", request_id="r2").json()["status"] == "Error"


def test_pending_is_no_answer_to_wrong_credentials(till, stranger):
    till.put_faults({"kind": "pending", "http_status": 409})

    assert stranger.send("A1", request_id="r1").status_code == 403
    assert till.send("A1", request_id="r1").status_code == 409


def test_refuse_refuses_a_single_transaction_by_its_field(till):
    till.put_faults({"kind": "refuse", "ids": ["A1"]})

    answer = till.send("A1")

    assert answer.status_code == 400
    (field,) = answer.json()["errors"]["fields"]
    assert field == {"path": "pos_employee_id", "message": "Unknown employee 1000 (transaction A1)"}
    assert till.send("A2").status_code == 200


def test_refuse_refuses_a_whole_batch_and_names_the_culprits(till):
    refusal = {"kind": "refuse", "ids": ["A2", "A4"], "message": "No such item", "field": "items.0.item_id"}
    till.put_faults(refusal)

    answer = till.send_batch("A1", "A2", "A3", "A4")

    errors = answer.json()["errors"]
    assert [field["path"] for field in errors["fields"]] == [
        "transactions.1.items.0.item_id",
        "transactions.3.items.0.item_id",
    ]
    assert "A2" in errors["fields"][0]["message"]
    assert errors["message"] == "No such item: A2, A4"
    assert till.account()["transactions"] == {}
    assert till.send_batch("A1", "A3").status_code == 200


def test_refuse_may_answer_200_with_status_error(till):
    till.put_faults({"kind": "refuse", "ids": ["A1"], "http_status": 200})

    answer = till.send("A1")

    assert (answer.status_code, answer.json()["status"]) == (200, "Error")
    assert till.totals()["transactions_accepted"] == 0


def test_refuse_cannot_take_back_what_was_accepted_before(till):
    till.send("A1", request_id="r1")
    till.put_faults({"kind": "refuse", "ids": ["A1"]})

    assert till.send("A1", request_id="r1").status_code == 200


def test_poison_makes_any_request_with_it_fail_and_processes_nothing(till):
    till.put_faults({"kind": "poison", "ids": ["A2"]})

    assert till.send_batch("A1", "A2").status_code == 500
    assert till.send("A2").status_code == 500
    assert till.send("A1").status_code == 200
    assert list(till.account()["transactions"]) == ["A1"]


def test_drip_answers_byte_by_byte(till, stopwatch):
    till.put_faults({"kind": "drip", "ms": 2})

    with stopwatch() as watch:
        answer = till.send("A1")

    assert answer.json()["status"] == "OK"
    assert watch.seconds >= 0.002 * len(answer.content)


def test_a_client_may_leave_while_the_answer_drips(server, till):
    server.set_faults(["drip:ms=600000"])

    with pytest.raises(httpx.ReadTimeout):
        till.client.post("/api/2.0/send_transaction", json=till.container({"transaction_id": "A1"}), timeout=0.1)

    assert server.totals()["transactions_accepted"] == 1


def test_a_fault_with_a_count_wears_off(till):
    till.put_faults({"kind": "status", "code": 503, "count": 2})

    assert [till.send("A1").status_code for _ in range(3)] == [503, 503, 200]
    assert till.client.get("/sandbox/faults").json()[0]["count"] == 0


def test_a_count_is_spent_only_on_requests_that_the_fault_concerns(till):
    till.put_faults({"kind": "refuse", "ids": ["A9"], "count": 1})

    assert till.send("A1").status_code == 200
    assert till.send("A9").status_code == 400


def test_the_first_fault_that_hits_decides(till):
    till.put_faults(
        {"kind": "poison", "ids": ["A2"]},
        {"kind": "status", "code": 502, "count": 1},
        {"kind": "status", "code": 504},
    )

    assert [till.send(name).status_code for name in ("A1", "A2", "A3")] == [502, 500, 504]


def test_a_fault_with_a_probability_repeats_with_its_seed(till_of):
    sometimes = (Fault("status", code=503, probability=0.5),)

    def run(seed):
        till = till_of(SandboxOptions(port=0, seed=seed, faults=sometimes))
        return [till.send(f"A{number}").status_code for number in range(40)]

    first = run(7)
    assert set(first) == {200, 503}
    assert run(7) == first
    assert run(8) != first


def test_faults_are_felt_by_every_endpoint(till):
    till.put_faults({"kind": "status", "code": 503})

    endpoints = ("lookup", "redeem", "lock", "unlock", "reinstate", "upload_catalog", "upload_employees")
    assert {till.call(endpoint, {}).status_code for endpoint in endpoints} == {503}
