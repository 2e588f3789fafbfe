"""The offers API: what it gives, takes and uses is what the till sees."""

import pytest

from tests.sandbox.conftest import code_of

NORA = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001"
MILO = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10002"
FIVE = "a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001"
REWARD = "99c0ffee-0001-4b6e-8f57-6d2f3a7b0001"
DRAW = "99c0ffee-0001-4b6e-8f57-6d2f3a7b0004"
STORE = "5d0c8e20-0001-4c55-9b1e-3f1a7c2d0001"
CHECK = {"transaction_id": "A1", "subtotal": "9", "items": [{"line_id": "0", "quantity": "1"}]}


def issue(connect, user_id=MILO, **more):
    given = connect.offers("acquisition/issue", user_id=user_id, offer_id=REWARD, **more)
    return [one["user_offer_id"] for one in given["status_list"]]


def wallet(connect, user_id=MILO):
    return [one["id"] for one in connect.offers("get_user_offers", user_id=user_id)["user_offers"]]


def at_the_till(counter, user_id=MILO):
    found = counter.call("lookup", {"user_id": user_id}).json()["payload"][0]["offers"]
    return {offer["reference_id"]: offer["status"] for offer in found}


def ask(code, kind="UserOfferId"):
    return {"offer_lookup_code": code, "offer_lookup_type": kind, "transaction": CHECK}


def refusal(connect, name, **fields):
    return code_of(connect.call(f"/offers/api/2.0/offers/{name}", **fields))


def test_an_issued_offer_can_be_used_at_the_till(connect, counter, platform):
    (offer,) = issue(connect, quantity=1)
    assert at_the_till(counter)[offer] == "INFO"

    discount = counter.call("redeem", ask(offer)).json()["payload"]

    assert (discount["amount"], discount["user_id"], discount["status"]) == (5, MILO, "REDEEMED")
    assert platform.offer(offer)["times_redeemed"] == 1
    assert offer not in wallet(connect)
    (shown,) = [one for one in history(connect) if one["user_offer_id"] == offer]
    assert (shown["status_description"], "redeem_date" in shown) == ("Redeemed", True)


def history(connect, *user_ids):
    return connect.offers("user_offer_history", user_ids=list(user_ids) or [MILO], culture="en")["results"]


def test_each_issued_offer_has_a_short_code_of_its_own(connect, counter):
    offers = issue(connect, quantity=3)

    used = [counter.call("redeem", ask(code, "ttlcode")).json()["payload"] for code in ("430001", "430002", "430003")]

    assert [one["reference_id"] for one in used] == offers


def test_a_lock_of_the_till_shows_in_the_offers_api_and_the_other_way_round(connect, counter):
    assert counter.call("lock", ask(FIVE)).status_code == 200
    (locked,) = [one for one in connect.offers("get_user_offers", user_id=NORA)["user_offers"] if one["id"] == FIVE]
    assert (locked["is_locked"], locked["is_redeemable"]) == (True, False)
    assert refusal(connect, "redemption/lock", user_offer_id=FIVE, pos_transaction_key="A2") == "offer_locked"
    connect.offers("redemption/unlock", user_offer_id=FIVE)

    connect.offers("redemption/lock", user_offer_id=FIVE, pos_transaction_key="A2")

    assert at_the_till(counter, NORA)[FIVE] == "LOCKED"
    assert counter.call("lock", ask(FIVE)).json()["errors"]["code"] == "offer_locked"
    assert connect.offers("redemption/unlock", pos_transaction_key="A2") == {"user_offer_ids": [FIVE]}
    assert at_the_till(counter, NORA)[FIVE] == "INFO"


def test_an_offer_is_used_and_given_back(connect, platform):
    transaction = {"pos_transaction_key": "T1", "check_amount": 11}

    used = connect.offers("redemption/redeem", redeem_code="410001", transaction=transaction)
    assert (used["user_offer_id"], used["user_offer"]["status"]) == (FIVE, 2)
    assert platform.offer(FIVE) == {"status": "REDEEMED", "by": "T1", "times_redeemed": 1}
    assert refusal(connect, "redemption/redeem", user_offer_id=FIVE, transaction=transaction) == "offer_redeemed"

    connect.offers("redemption/reinstate", user_offer_id=FIVE, store_id="1234x")

    assert platform.offer(FIVE)["status"] == "INFO"
    assert refusal(connect, "redemption/reinstate", user_offer_id=FIVE) == "offer_not_redeemed"
    assert refusal(connect, "redemption/unlock", user_offer_id=FIVE) == "offer_not_locked"


def test_a_revoked_offer_is_gone_from_the_wallet_and_stays_in_the_history(connect, counter):
    gone = connect.offers("acquisition/revoke", user_offer_id=FIVE)

    assert (gone["user_id"], gone["offer_id"]) == (NORA, REWARD)
    assert FIVE not in at_the_till(counter, NORA)
    assert counter.call("redeem", ask(FIVE)).json()["errors"]["code"] == "offer_revoked"
    assert refusal(connect, "acquisition/revoke", user_offer_id=FIVE) == "user_offer_not_available"
    (shown,) = [one for one in history(connect, NORA) if one["user_offer_id"] == FIVE]
    assert shown["status_description"] == "Revoked"


def test_an_update_is_attached_to_the_offer(connect, counter):
    changes = {"custom_data": '{"table": 7}', "redemption_end_date": "2030-01-01T00:00:00Z"}

    shown = connect.offers("acquisition/update", user_id=NORA, user_offer_id=FIVE, **changes)["user_offer"]

    assert shown | changes == shown
    assert connect.offers("get_user_offer_details", user_id=NORA, user_offer_id=FIVE)["user_offer"] == shown
    found = counter.call("lookup", {"user_id": NORA}).json()["payload"][0]["offers"]
    assert found[0]["user_offer_custom_data"] == '{"table": 7}'


def test_offers_are_moved_all_or_none(connect, counter):
    other = "a3f0c1de-0001-4b6e-8f57-6d2f3a7b0002"
    names = {"source_user_id": NORA, "destination_user_id": MILO}
    foreign = "a3f0c1de-0002-4b6e-8f57-6d2f3a7b0001"
    move = "acquisition/move_user_offers"

    assert refusal(connect, move, **names, user_offers_id_list=[FIVE, "none"]) == "user_offer_not_found"
    assert refusal(connect, move, **names, user_offers_id_list=[FIVE, foreign]) == "validation"
    assert refusal(connect, move, **names, user_offers_id_list=[]) == "missing_data"
    assert FIVE in at_the_till(counter, NORA)

    connect.offers(move, **names, user_offers_id_list=[FIVE, other])

    assert {FIVE, other} <= set(at_the_till(counter))
    assert counter.call("redeem", ask(FIVE)).json()["payload"]["user_id"] == MILO


def test_what_can_be_had_is_listed_with_how_often_it_was_had(connect, counter):
    counter.call("redeem", ask(FIVE))

    found = connect.offers("fetch_offers_overview", offer_ids=[REWARD], search="", skip=0, take=2)

    (shown,) = found["results"]
    assert shown | {"offer_id": REWARD, "points": 100, "monetary_value": 5, "redemption_count": 1} == shown
    assert connect.offers("fetch_offers_details", search="welcome")["total_records"] == 1
    assert len(connect.offers("fetch_offers_details", skip=1, take=2)["results"]) == 2
    assert connect.offers("fetch_offer", offer_id=REWARD.upper())["offer"]["amount"] == 5


def test_a_user_is_shown_with_offers_when_asked(connect):
    shown = connect.offers("get_user", values={"member_id": NORA}, include_offers=True, skip=0, take=2)

    assert (shown["user"]["email"], len(shown["available_offers"])) == ("nora@example.com", 2)
    assert "available_offers" not in connect.offers("get_user", values={"member_id": NORA})
    assert refusal(connect, "get_user", values="x") == "missing_data"


def test_buying_in_the_store_spends_points_and_gives_the_offer(connect, counter):
    bought = connect.offers(
        "rewardstores/purchase_offer", reward_store_id=STORE, user_id=NORA, reward_store_offer_id=REWARD, quantity=2
    )

    assert (bought["points_spent"], bought["available_points"]) == (200, 1050)
    assert set(bought["user_offer_ids"]) <= set(at_the_till(counter, NORA))
    assert counter.call("lookup", {"user_id": NORA}).json()["payload"][0]["points"] == 1050


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reward_store_offer_id": DRAW}, "insufficient_points"),
        ({"reward_store_offer_id": "none"}, "offer_not_found"),
        ({"reward_store_id": "none"}, "reward_store_not_found"),
        ({"user_id": "nobody"}, "user_not_found"),
        ({"quantity": 0}, "argument_error"),
        ({"quantity": True}, "argument_error"),
    ],
)
def test_a_purchase_that_cannot_be_changes_nothing(connect, changes, code):
    fields = {"reward_store_id": STORE, "user_id": NORA, "reward_store_offer_id": REWARD, **changes}

    assert refusal(connect, "rewardstores/purchase_offer", **fields) == code
    assert len(wallet(connect, NORA)) == 3
    assert connect.incentives("2.0/user_points/balance", user_id=NORA)["summary"]["total_points"] == 1250


def test_the_store_is_found_and_shows_what_it_sells(connect):
    everything = connect.offers("rewardstores/get_reward_stores", search_name="", search_reward_store_ids=[])
    assert [one["id"] for one in everything["results"]] == [STORE]
    assert connect.offers("rewardstores/get_reward_stores", search_name="other")["results"] == []

    sold = connect.offers("rewardstores/get_reward_store_offers", reward_store_ids=[STORE], take=1)
    assert (sold["total_records"], sold["results"][0]["reward_store_offer_id"]) == (4, REWARD)
    assert connect.offers("rewardstores/get_reward_store_offers", reward_store_ids=["x"])["results"] == []

    assert connect.offers("rewardstores/get_reward_stores_containing_offer", offer_id=REWARD)["total_records"] == 1
    mine = connect.offers("rewardstores/get_user_reward_stores", user_id=NORA, include_point_balances=True)
    assert mine["point_account_balances"][0]["available_balance"] == 1250


@pytest.mark.parametrize(
    ("name", "fields", "status", "code"),
    [
        ("acquisition/issue", {"user_id": "nobody", "offer_id": REWARD}, 404, "user_not_found"),
        ("acquisition/issue", {"user_id": NORA, "offer_id": "none"}, 404, "offer_not_found"),
        ("get_user_offers", {}, 200, "missing_data"),
        ("get_user_offers", {"user_id": NORA, "take": -1}, 200, "argument_error"),
        ("get_user_offers", {"user_id": NORA, "retailer_id": ""}, 200, "missing_data"),
        ("redemption/redeem", {"user_offer_id": FIVE}, 200, "missing_data"),
        ("redemption/lock", {"pos_transaction_key": "T"}, 200, "missing_data"),
    ],
)
def test_calls_that_make_no_sense_are_refused(connect, name, fields, status, code):
    answer = connect.call(f"/offers/api/2.0/offers/{name}", **fields)

    assert (answer.status_code, code_of(answer)) == (status, code)


def test_comments_in_a_body_are_taken_as_recorded_requests_have_them(connect):
    body = (
        b'{"retailer_id": "http://r", /* all */ "user_ids": ["%s"], //"status": 1,\n "culture": "en"}' % NORA.encode()
    )

    answer = connect.client.post("/offers/api/2.0/offers/user_offer_history", content=body)

    assert answer.json()["payload"]["total_records"] == 3
