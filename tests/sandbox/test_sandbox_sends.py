"""send_transaction and send_batch_transaction: what is accepted and what is refused."""

import hashlib
import json

import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer

OK = {"status": "OK", "payload": None, "errors": None}


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def test_a_transaction_is_answered_ok_without_payload_and_stands_in_the_account(till):
    answer = till.send("A1", request_id="r1")

    assert (answer.status_code, answer.json()) == (200, OK)
    account = till.account()
    assert [place["request_id"] for place in account["transactions"]["A1"]] == ["r1"]
    assert account["totals"]["transactions_accepted"] == 1


def test_a_batch_is_accepted_in_its_order(till):
    answer = till.send_batch("A1", "A2", "A1", request_id="r1")

    assert answer.json() == OK
    account = till.account()
    assert account["requests"][0]["transactions"] == ["A1", "A2", "A1"]
    assert [place["position"] for place in account["transactions"]["A1"]] == [0, 2]
    assert account["totals"]["largest_batch"] == 3


def test_the_account_names_the_exact_text_of_each_transaction(till):
    first = b'{ "transaction_id" : "A1",  "subtotal": 9.50, "note": "caf\xc3\xa9 \\u20ac" }'
    second = b'{"transaction_id":"A2","items":[{"a":[1,{}]}]}'
    body = (
        b'{"store_id":"s","client_id":"c","request_id":"r1",\n "request_payload" :{"x":[{}],"transactions": [ '
        + first
        + b" ,"
        + second
        + b" ] } }"
    )

    assert till.send_text("send_batch_transaction", body).status_code == 200

    transactions = till.account()["transactions"]
    assert transactions["A1"][0]["sha256"] == digest(first)
    assert transactions["A2"][0]["sha256"] == digest(second)


def test_a_single_transaction_is_known_by_the_text_of_its_payload(till):
    payload = b'{"transaction_id": "A1", "transactions": [1], "subtotal": 1.10}'
    body = b'{"store_id":"s","client_id":"c","request_payload":' + payload + b',"request_id":"r1"}'

    assert till.send_text("send_transaction", body).status_code == 200

    account = till.account()
    assert account["transactions"]["A1"][0]["sha256"] == digest(payload)
    assert account["requests"][0]["sha256"] == digest(body)


def test_eleven_transactions_are_too_many_and_none_is_accepted(till):
    answer = till.send_batch(*(f"A{number}" for number in range(11)))

    assert (answer.status_code, answer.json()["errors"]["code"]) == (400, "too_many_transactions")
    assert answer.json()["status"] == "Error"
    assert till.account()["transactions"] == {}
    assert till.totals()["largest_batch"] == 11


def test_ten_transactions_are_not_too_many(till):
    assert till.send_batch(*(f"A{number}" for number in range(10))).status_code == 200


def test_a_smaller_batch_limit_can_be_set(till_of):
    till = till_of(SandboxOptions(port=0, batch_max=2))

    assert till.send_batch("A1", "A2").status_code == 200
    assert till.send_batch("A1", "A2", "A3").status_code == 400


@pytest.mark.parametrize("payload", [{"transactions": []}, {"transactions": {}}, {"transactions": "A1"}, {}])
def test_a_batch_without_a_list_of_transactions_is_refused(till, payload):
    answer = till.call("send_batch_transaction", payload)

    assert answer.status_code == 400
    assert answer.json()["errors"]["fields"][0]["path"] == "request_payload.transactions"


@pytest.mark.parametrize("nameless", [{}, {"transaction_id": ""}, {"transaction_id": None}, {"transaction_id": 7}, 5])
def test_a_transaction_without_a_name_refuses_its_batch_and_its_place_is_told(till, nameless):
    answer = till.call("send_batch_transaction", {"transactions": [{"transaction_id": "A1"}, nameless]})

    assert answer.status_code == 400
    paths = [field["path"] for field in answer.json()["errors"]["fields"]]
    assert paths == ["request_payload.transactions.1.transaction_id"]
    assert till.account()["transactions"] == {}


def test_a_single_transaction_without_a_name_is_refused(till):
    answer = till.call("send_transaction", {"subtotal": 1})

    assert answer.status_code == 400
    assert answer.json()["errors"]["fields"][0]["path"] == "request_payload.transaction_id"


@pytest.mark.parametrize("payload", [None, [], "A1", 3])
def test_a_payload_that_is_no_object_is_refused(till, payload):
    answer = till.call("send_transaction", payload)

    assert (answer.status_code, answer.json()["errors"]["code"]) == (400, "invalid_payload")


@pytest.mark.parametrize("name", ["store_id", "client_id", "request_id"])
def test_the_container_needs_its_identifiers(till, name):
    container = till.container({"transaction_id": "A1"})
    del container[name]

    answer = till.client.post("/api/2.0/send_transaction", json=container)

    assert answer.status_code == 400
    assert answer.json()["errors"]["fields"][0]["path"] == name
    assert till.totals()["transactions_accepted"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"text"',
        b"{",
        b'{"request_id" "r1"}',
        b'{"request_id": "r1",}',
        b'{"request_id": "r1"} {}',
        b'{1: "r1"}',
        b'{"request_id": "r1", "request_payload": {"transactions": [{},]}}',
        b'{"request_id": "r1", "request_payload": {"transactions": [{} {}]}}',
        b'{"request_id": "r1", "request_payload": {"subtotal": NaN}}',
        b'{"request_id": "\xff"}',
        b'{"request_id": ' + b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_body_that_is_no_json_object_is_refused_and_not_remembered(till, body):
    answer = till.send_text("send_batch_transaction", body)

    assert (answer.status_code, answer.json()["errors"]["code"]) == (400, "malformed_json")
    assert till.account()["requests"] == []


def test_wrong_credentials_are_answered_403_and_not_remembered(till, stranger):
    answer = stranger.send("A1", request_id="r1")

    assert (answer.status_code, answer.json()["status"]) == (403, "Error")
    assert till.account()["requests"] == []
    assert till.send("A1", request_id="r1").status_code == 200


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Bearer c2FuZGJveC1rZXk6c2FuZGJveC1zZWNyZXQ="])
def test_an_authorization_header_that_is_not_basic_is_answered_403(till, header):
    headers = {"authorization": header}

    answer = till.client.post("/api/2.0/lookup", json=till.container({}), headers=headers, auth=lambda request: request)

    assert answer.status_code == 403


def test_the_scheme_of_the_authorization_may_be_written_in_any_case(till):
    headers = {"authorization": "bASIC c2FuZGJveC1rZXk6c2FuZGJveC1zZWNyZXQ="}
    container = till.container({"transaction_id": "A1"})

    answer = till.client.post(
        "/api/2.0/send_transaction", json=container, headers=headers, auth=lambda request: request
    )

    assert answer.status_code == 200


def test_another_content_type_is_refused(till):
    answer = till.send_text("send_transaction", b"{}", content_type="text/plain")

    assert (answer.status_code, answer.json()["errors"]["code"]) == (415, "unsupported_media_type")


def test_a_body_above_the_limit_is_answered_413_and_one_at_the_limit_is_read(till_of):
    till = till_of(SandboxOptions(port=0, body_bytes_max=100_000))
    shell = b'{"store_id":"s","client_id":"c","request_id":"r1","request_payload":{"transaction_id":"A1","x":"%s"}}'
    room = 100_000 - len(shell) + 2

    assert till.send_text("send_transaction", shell % (b"x" * (room + 1))).status_code == 413
    assert till.totals()["requests_processed"] == 0
    assert till.send_text("send_transaction", shell % (b"x" * room)).status_code == 200


def test_the_pos_endpoints_take_post_only_and_others_do_not_exist(till):
    assert till.client.get("/api/2.0/send_transaction").status_code == 405
    assert till.client.post("/api/2.0/send_everything", json={}).status_code == 404


def test_latency_can_be_set_for_every_call(till_of, stopwatch):
    till = till_of(SandboxOptions(port=0, latency_ms=80))

    with stopwatch() as watch:
        till.send("A1")

    assert watch.seconds >= 0.08


def test_answers_carry_the_platforms_date(server: SandboxServer, till):
    assert "date" in till.send("A1").headers


def test_half_a_surrogate_in_a_name_is_carried_through_all_answers(till):
    till.put_faults({"kind": "refuse", "ids": ["A\ud800"]})
    body = json.dumps(till.container({"transaction_id": "A\ud800"})).encode()

    answer = till.send_text("send_transaction", body)

    assert answer.status_code == 400
    assert till.account()["requests"][0]["transactions"] == ["A\ud800"]
