"""A request_id is processed once; the account shows what was sent under it."""

import pytest

LOCK = {
    "offer_lookup_code": "410001",
    "offer_lookup_type": "TTLCode",
    "transaction": {"transaction_id": "A1", "subtotal": 9},
}


def test_a_repeat_gets_the_same_answer_without_a_second_effect(till):
    first = till.send_batch("A1", "A2", request_id="r1")
    again = till.send_batch("A1", "A2", request_id="r1")

    assert again.content == first.content
    account = till.account()
    assert len(account["transactions"]["A1"]) == 1
    assert account["requests"][0]["received"] == 2
    assert (
        account["totals"] | {"requests_received": 2, "requests_processed": 1, "requests_repeated": 1}
        == (account["totals"])
    )
    assert account["totals"]["conflicts"] == 0


def test_a_repeat_of_a_refused_request_is_refused_again_though_nothing_stands_against_it_any_more(till):
    till.put_faults({"kind": "refuse", "ids": ["A1"]})
    first = till.send("A1", request_id="r1")
    till.put_faults()

    again = till.send("A1", request_id="r1")

    assert (again.status_code, again.content) == (400, first.content)
    assert till.account()["requests"][0]["processed"] is True
    assert till.account()["requests"][0]["status"] == 400
    assert till.send("A1", request_id="r2").status_code == 200


def test_a_repeated_lock_does_not_ask_the_wallet_again(till):
    first = till.call("lock", LOCK, request_id="r1")
    till.call("unlock", {"user_offer_id": first.json()["payload"]["reference_id"], "employee_id": "1000"})

    assert till.call("lock", LOCK, request_id="r1").content == first.content
    assert (
        till.call("unlock", {"user_offer_id": "a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001", "employee_id": "1"}).json()[
            "errors"
        ]["code"]
        == "offer_not_locked"
    )


def test_other_bytes_under_a_known_request_id_are_a_conflict_and_get_the_first_answer(till):
    first = till.send("A1", request_id="r1")
    again = till.send_batch(request_id="r1")

    assert again.content == first.content
    account = till.account()
    assert account["totals"]["conflicts"] == 1
    assert account["requests"][0]["endpoint"] == "send_transaction"
    assert list(account["transactions"]) == ["A1"]


def test_the_same_bytes_to_another_endpoint_are_a_conflict(till):
    body = till.client.build_request("POST", "/", json=till.container({"transaction_id": "A1"}, "r1")).content
    till.send_text("send_transaction", body)
    till.send_text("lookup", body)

    assert till.totals()["conflicts"] == 1


def test_other_bytes_after_a_dropped_request_are_a_conflict_though_they_are_processed(till):
    till.put_faults({"kind": "status", "code": 503, "count": 1})
    till.send("A1", request_id="r1")
    assert till.account()["requests"][0] | {"processed": False, "status": None} == till.account()["requests"][0]

    assert till.send("A2", request_id="r1").status_code == 200

    account = till.account()
    assert account["totals"]["conflicts"] == 1
    assert account["requests"][0]["transactions"] == ["A2"]
    assert list(account["transactions"]) == ["A2"]


def test_the_same_bytes_after_a_dropped_request_are_no_conflict(till):
    till.put_faults({"kind": "status", "code": 503, "count": 1})
    till.send("A1", request_id="r1")
    till.send("A1", request_id="r1")

    assert till.totals()["conflicts"] == 0
    assert till.account()["requests"][0]["received"] == 2


def test_one_payload_accepted_under_two_request_ids_is_doubled_and_counted_once(till):
    till.send("A1", request_id="r1")
    assert till.totals()["doubled"] == 0
    till.send_batch("A0", "A1", request_id="r2")
    assert till.totals()["doubled"] == 1
    till.send("A1", request_id="r3")
    assert till.totals()["doubled"] == 1


def test_a_changed_transaction_under_another_request_id_is_not_doubled(till):
    till.call("send_transaction", {"transaction_id": "A1", "is_closed": False})
    till.call("send_transaction", {"transaction_id": "A1", "is_closed": True})

    assert till.totals()["doubled"] == 0
    assert len(till.account()["transactions"]["A1"]) == 2


def test_one_payload_twice_in_one_request_is_not_doubled(till):
    till.send_batch("A1", "A1")

    assert till.totals()["doubled"] == 0


def test_a_refused_batch_leaves_no_transaction_behind(till):
    till.put_faults({"kind": "refuse", "ids": ["A2"]})
    till.send_batch("A1", "A2", "A3")

    assert till.account()["transactions"] == {}
    assert till.totals()["transactions_accepted"] == 0


@pytest.mark.parametrize("kind", ["first", "later"])
def test_requests_are_listed_by_first_arrival(till, kind):
    till.send("A1", request_id="r1")
    till.send("A2", request_id="r2")
    if kind == "later":
        till.send("A1", request_id="r1")

    requests = till.account()["requests"]
    assert [request["request_id"] for request in requests] == ["r1", "r2"]
    assert requests[0]["first_at"] <= requests[1]["first_at"]
