"""lookup, lock, unlock, redeem and reinstate: the seeded guests and what happens to their offers."""

import pytest

NORA = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001"
FIVE = "a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001"
CHECK = {
    "transaction_id": "A1",
    "subtotal": "9",
    "items": [{"line_id": "0", "quantity": "1"}, {"line_id": "1", "quantity": "2.5"}],
}


def ask_for(code=FIVE, kind="UserOfferId", **changes):
    return {"offer_lookup_code": code, "offer_lookup_type": kind, "transaction": {**CHECK, **changes}}


def hand_back(offer=FIVE):
    return {"user_offer_id": offer, "employee_id": "1000"}


def offers(till, **more):
    payload = till.call("lookup", {"user_id": NORA, **more}).json()["payload"]
    return {offer["reference_id"]: offer for offer in payload[0]["offers"]}


def code_of(answer):
    assert answer.status_code == 400
    return answer.json()["errors"]["code"]


@pytest.mark.parametrize(
    ("criterion", "value"),
    [
        ("email", "nora@example.com"),
        ("phone", "5550100001"),
        ("user_id", NORA),
        ("external_customer_id", "8000000000010001"),
    ],
)
def test_a_guest_is_found_by_exactly_one_criterion_in_the_recorded_shape(till, criterion, value):
    blank = dict.fromkeys(("email", "phone", "user_id", "external_customer_id", "transaction"))

    answer = till.call("lookup", {**blank, criterion: value}).json()

    assert answer["status"] == "success"
    (guest,) = answer["payload"]
    assert (guest["user_reference_id"], guest["partial_response"]) == (NORA, False)
    assert guest["accounts"][0]["AvailableBalance"] == guest["points"]
    assert {offer["status"] for offer in guest["offers"]} == {"INFO"}
    assert {offer["amount"] for offer in guest["offers"]} == {0}


def test_an_unknown_guest_is_an_empty_list(till):
    assert till.call("lookup", {"email": "nobody@example.com"}).json()["payload"] == []
    assert till.call("lookup", {"email": "nora"}).json()["payload"] == []


@pytest.mark.parametrize("payload", [{}, {"email": None}, {"email": ""}, {"email": "nora@example.com", "phone": "1"}])
def test_a_lookup_needs_exactly_one_criterion(till, payload):
    assert code_of(till.call("lookup", payload)) == "invalid_criteria"


def test_a_lookup_that_finds_two_guests_is_refused(till):
    assert code_of(till.call("lookup", {"phone": "5550100002"})) == "ambiguous_user"


def test_with_a_transaction_a_lookup_tells_the_discount(till):
    found = offers(till, transaction=CHECK)

    assert found[FIVE]["amount"] == 5
    assert found[FIVE]["discounted_line_ids"] == ["0", "1"]
    assert found[FIVE]["discounted_line_id_quantities"] == [1, 2.5]


@pytest.mark.parametrize(("kind", "code"), [("userofferid", FIVE), ("UserOfferId", FIVE), ("TTLCode", "410001")])
def test_redeem_uses_the_offer_at_once_and_answers_the_discount(till, kind, code):
    answer = till.call("redeem", ask_for(code, kind)).json()

    assert answer["status"] == "OK"
    discount = answer["payload"]
    assert (discount["reference_id"], discount["status"], discount["amount"]) == (FIVE, "REDEEMED", 5)
    assert (discount["user_id"], discount["discount_source"]) == (NORA, "sessionm")
    assert discount["applied_time"].endswith("Z")
    assert FIVE not in offers(till)


def test_a_redeemed_offer_cannot_be_redeemed_or_locked_again(till):
    till.call("redeem", ask_for())

    assert code_of(till.call("redeem", ask_for())) == "offer_redeemed"
    assert code_of(till.call("lock", ask_for())) == "offer_redeemed"


def test_a_discount_is_never_more_than_the_check(till):
    assert till.call("lock", ask_for(subtotal=".35")).json()["payload"]["amount"] == 0.35
    assert till.call("lock", ask_for(subtotal=-3)).json()["payload"]["amount"] == 0


@pytest.mark.parametrize("changes", [{"subtotal": "nine"}, {"subtotal": None}, {"items": [{"quantity": "NaN"}]}])
def test_an_amount_that_is_no_number_is_refused_and_leaves_the_offer_free(till, changes):
    assert code_of(till.call("redeem", ask_for(**changes))) == "invalid_field"
    assert offers(till)[FIVE]["status"] == "INFO"


def test_a_locked_offer_belongs_to_its_transaction(till):
    assert till.call("lock", ask_for()).json()["payload"]["status"] == "LOCKED"

    assert offers(till)[FIVE]["status"] == "LOCKED"
    assert code_of(till.call("lock", ask_for(transaction_id="A2"))) == "offer_locked"
    assert code_of(till.call("redeem", ask_for(transaction_id="A2"))) == "offer_locked"
    assert FIVE not in offers(till, transaction={**CHECK, "transaction_id": "A2"})
    assert FIVE in offers(till, transaction=CHECK)
    assert till.call("lock", ask_for(subtotal=4)).json()["payload"]["amount"] == 4


def test_unlock_gives_a_locked_offer_back_and_nothing_else(till):
    assert code_of(till.call("unlock", hand_back())) == "offer_not_locked"
    till.call("lock", ask_for())

    answer = till.call("unlock", hand_back())

    assert (answer.status_code, answer.json()["payload"]) == (200, None)
    assert till.call("lock", ask_for(transaction_id="A2")).status_code == 200


def test_reinstate_gives_a_redeemed_offer_back_and_nothing_else(till):
    assert code_of(till.call("reinstate", hand_back())) == "offer_not_redeemed"
    till.call("redeem", ask_for())

    answer = till.call("reinstate", hand_back())

    assert (answer.status_code, answer.json()["payload"]) == (200, None)
    assert offers(till)[FIVE]["status"] == "INFO"


@pytest.mark.parametrize("endpoint", ["unlock", "reinstate"])
@pytest.mark.parametrize("missing", ["user_offer_id", "employee_id"])
def test_giving_back_needs_the_offer_and_the_employee(till, endpoint, missing):
    payload = {name: value for name, value in hand_back().items() if name != missing}

    answer = till.call(endpoint, payload)

    assert code_of(answer) == "missing_field"
    assert answer.json()["errors"]["fields"][0]["path"] == f"request_payload.{missing}"


@pytest.mark.parametrize("endpoint", ["redeem", "lock"])
def test_asking_for_an_offer_needs_all_of_its_fields(till, endpoint):
    nameless = {**ask_for(), "transaction": {"subtotal": 1}}

    assert code_of(till.call(endpoint, ask_for(code=""))) == "missing_field"
    assert code_of(till.call(endpoint, nameless)) == "missing_field"
    assert code_of(till.call(endpoint, ask_for(kind="Barcode"))) == "invalid_field"
    assert code_of(till.call(endpoint, ask_for(code="999"))) == "offer_not_found"


def closing(**changes):
    discount = {"reference_id": FIVE, "status": "LOCKED", "amount": 5}
    return {"transaction_id": "A1", "is_closed": True, "is_voided": False, "discounts": [discount], **changes}


def test_closing_the_transaction_redeems_what_it_locked(till):
    till.call("lock", ask_for())

    till.call("send_transaction", closing(is_closed=False))
    assert offers(till)[FIVE]["status"] == "LOCKED"

    till.call("send_batch_transaction", {"transactions": [closing()]})
    assert FIVE not in offers(till)
    assert till.call("reinstate", hand_back()).status_code == 200


@pytest.mark.parametrize("changes", [{"transaction_id": "A2"}, {"is_voided": True}, {"discounts": []}])
def test_other_transactions_leave_the_lock_alone(till, changes):
    till.call("lock", ask_for())

    assert till.call("send_transaction", closing(**changes)).status_code == 200

    assert offers(till)[FIVE]["status"] == "LOCKED"


def test_flags_may_come_as_texts_like_numbers_do(till):
    till.call("lock", ask_for())

    till.call("send_transaction", closing(is_closed="true", is_voided="true"))
    assert offers(till)[FIVE]["status"] == "LOCKED"

    till.call("send_transaction", closing(is_closed="true", is_voided="false"))
    assert FIVE not in offers(till)


def test_closing_does_not_redeem_an_offer_that_was_never_locked(till):
    till.call("send_transaction", closing())

    assert offers(till)[FIVE]["status"] == "INFO"


def test_an_offline_discount_removes_the_offer_whoever_locked_it(till):
    till.call("lock", ask_for(transaction_id="A9"))

    sold_offline = closing(discounts=[{"reference_id": FIVE, "status": "OFFLINE"}])
    assert till.call("send_transaction", sold_offline).status_code == 200
    assert FIVE not in offers(till)

    again = closing(transaction_id="A2", discounts=[{"reference_id": FIVE, "status": "OFFLINE"}])
    assert till.call("send_transaction", again).status_code == 200


def sold_offline(name="A1", **changes):
    return closing(transaction_id=name, discounts=[{"reference_id": FIVE, "status": "OFFLINE"}], **changes)


def test_an_offer_is_used_once_however_often_the_sale_says_so(till, server):
    till.call("lock", ask_for())
    for payload in (closing(), closing(), sold_offline(), sold_offline("A2")):
        assert till.call("send_transaction", payload).status_code == 200

    assert server.offer(FIVE) == {"status": "REDEEMED", "by": "A1", "times_redeemed": 1}


def test_an_offer_that_was_given_back_and_used_again_was_used_twice(till, server):
    till.call("redeem", ask_for())
    till.call("reinstate", hand_back())
    assert server.offer(FIVE) == {"status": "INFO", "by": None, "times_redeemed": 1}

    till.call("redeem", ask_for(transaction_id="A2"))

    assert server.offer(FIVE) == {"status": "REDEEMED", "by": "A2", "times_redeemed": 2}


@pytest.mark.parametrize("closed", [True, False])
def test_a_voided_transaction_uses_nothing(till, server, closed):
    till.call("lock", ask_for())

    till.call("send_transaction", closing(is_voided=True, is_closed=closed))
    till.call("send_transaction", sold_offline(is_voided=True, is_closed=closed))

    assert server.offer(FIVE) == {"status": "LOCKED", "by": "A1", "times_redeemed": 0}


def test_the_state_of_an_offer_is_shown_to_whoever_asks(till):
    till.call("lock", ask_for())

    answer = till.client.get(f"/sandbox/offers/{FIVE}")

    assert answer.json() == {"status": "LOCKED", "by": "A1", "times_redeemed": 0}
    assert till.client.get("/sandbox/offers/RSO:a3f0c1de-0001-4b6e-8f57-6d2f3a7b0003").status_code == 200
    assert till.client.get("/sandbox/offers/none").status_code == 404


@pytest.mark.parametrize("discounts", [None, "none", [7], [{"reference_id": 5}], [{"reference_id": "POS-1"}]])
def test_discounts_that_are_not_the_platforms_are_left_alone(till, discounts):
    assert till.call("send_transaction", closing(discounts=discounts)).status_code == 200
