"""Loyalty cards ("Loyalty Card API")."""

import pytest

from tests.sandbox.conftest import code_of, fine, sale

NORA = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001"
MILO = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10002"
WAYS = [f"/users/{NORA}", "/external/users/8000000000010001"]


def link(number="12345", retailer="54321"):
    return {"loyalty_card": {"retailer_id": retailer, "card_number": number}}


def linked(core, who=NORA):
    return fine(core.get(f"/users/{who}/loyalty_links"))["loyalty_cards"]


def test_the_number_of_a_seeded_guest_is_a_card(core):
    card = fine(core.get("/loyalty_cards/8000000000010001"))["loyalty_card"]

    assert card["user"] == {"id": NORA, "external_id": "8000000000010001", "available_points": 1250}
    assert (card["card_type"], card["number"]) == ("digital_card", "8000000000010001")
    assert card["last_scanned_at"].endswith("Z")


@pytest.mark.parametrize("way", WAYS)
def test_a_card_made_on_demand_can_be_scanned_and_looked_up(core, counter, way):
    made = fine(core.post(f"{way}/loyalty_cards"))["loyalty_card"]
    assert made["user"] == {"id": NORA}
    assert "last_scanned_at" not in made

    scanned = fine(core.get(f"/loyalty_cards/{made['number']}"))["loyalty_card"]

    assert (scanned["id"], scanned["user"]["id"]) == (made["id"], NORA)
    (found,) = counter.call("lookup", {"external_customer_id": made["number"]}).json()["payload"]
    assert found["user_reference_id"] == NORA


def test_a_member_has_a_limited_number_of_digital_cards(core):
    for _ in range(4):
        fine(core.post(f"/users/{NORA}/loyalty_cards"))

    assert code_of(core.post(f"/users/{NORA}/loyalty_cards")) == "max_cards_exceeded_for_player"
    fine(core.post(f"/users/{MILO}/loyalty_cards"))


def test_an_unknown_card_is_an_error_of_a_call_that_worked(core):
    answer = core.get("/loyalty_cards/0815")

    assert (answer.status_code, code_of(answer)) == (200, "unknown_loyalty_card")


@pytest.mark.parametrize("way", WAYS)
def test_a_retailer_s_card_is_linked_listed_scanned_and_unlinked(core, way):
    card_id = fine(core.post(f"{way}/loyalty_links", json=link()))["loyalty_card"]["id"]

    (card,) = fine(core.get(f"{way}/loyalty_links"))["loyalty_cards"]
    assert (card["id"], card["card_number"], card["retailer"]["id"]) == (card_id, "12345", "54321")
    assert fine(core.get("/loyalty_cards/12345"))["loyalty_card"]["user"]["id"] == NORA

    assert fine(core.delete(f"{way}/loyalty_links/{card_id}")) == {"status": "ok"}
    assert linked(core) == []
    assert code_of(core.delete(f"{way}/loyalty_links/{card_id}")) == "card_not_found"


def test_the_same_link_again_is_the_same_link(core):
    first = fine(core.post(f"/users/{NORA}/loyalty_links", json=link()))

    assert fine(core.post(f"/users/{NORA}/loyalty_links", json=link())) == first
    assert len(linked(core)) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (link(number="12"), "card_not_found"),
        (link(number=12345), "card_not_found"),
        (link(retailer="1"), "not_found"),
        (link(retailer=""), "missing_data"),
        ({}, "missing_data"),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(core, body, code):
    assert code_of(core.post(f"/users/{NORA}/loyalty_links", json=body)) == code
    assert linked(core) == []


def test_a_card_is_linked_to_one_member_and_a_member_to_ten_cards(core):
    for number in range(10):
        fine(core.post(f"/users/{NORA}/loyalty_links", json=link(f"1234{number}")))

    assert code_of(core.post(f"/users/{NORA}/loyalty_links", json=link("99999"))) == "card_limit_reached"
    assert code_of(core.post(f"/users/{MILO}/loyalty_links", json=link("12340"))) == "validation"


def test_retailers_are_found_by_zip_and_tell_what_is_linked(core):
    fine(core.post(f"/users/{NORA}/loyalty_links", json=link()))

    everywhere = fine(core.get(f"/users/{NORA}/loyalty_retailers"))["retailers"]
    assert [(one["id"], one["linked"]) for one in everywhere] == [(54321, True), (54322, False)]
    near = fine(core.get("/loyalty_retailers/anonymous_index?zip=90210"))["retailers"]
    assert [(one["id"], one["linked"]) for one in near] == [(54322, False)]
    assert code_of(core.get(f"/users/{NORA}/loyalty_retailers?zip=K1A0B1")) == "retailer_code_invalid"


def test_somebody_who_is_not_a_member_needs_a_token(core, platform):
    url = f"{platform.url}/api/v1/apps/sandbox-app-key/loyalty_retailers"

    assert len(fine(core.get(f"{url}?auth_token=t"))["retailers"]) == 2
    assert code_of(core.get(url)) == "invalid_auth_token"


def bought(counter, name="A1", **changes):
    items = [{"line_id": "1", "item_id": "1001", "quantity": 2, "unit_price": 4.5}]
    payments = [{"payment_id": "P1", "user_id": NORA, "user_id_type": "SessionM_ID", "amount": 9}]
    return counter.call("send_transaction", sale(name, items=items, payments=payments, **changes))


def test_what_a_member_bought_is_listed(core, counter):
    bought(counter)

    (line,) = fine(core.get(f"/users/{NORA}/loyalty_transactions"))["loyalty_transactions"]

    assert (line["name"], line["price"], line["quantity"]) == ("1001", 4.5, 2)
    assert fine(core.get(f"/users/{MILO}/loyalty_transactions"))["loyalty_transactions"] == []


@pytest.mark.parametrize(
    "kind", [("Email", "nora@example.com"), ("Phone", "5550100001"), ("External_ID", "8000000000010001")]
)
def test_a_payment_may_name_the_member_in_other_ways(core, counter, kind):
    payment = {"payment_id": "P1", "user_id_type": kind[0], "user_id": kind[1]}
    counter.call("send_transaction", sale("A1", items=[{"item_id": "1001"}], payments=[payment]))

    assert len(fine(core.get(f"/users/{NORA}/loyalty_transactions"))["loyalty_transactions"]) == 1


def test_an_open_or_voided_sale_is_no_purchase(core, counter):
    bought(counter, is_closed=False)
    bought(counter, "A2")
    bought(counter, "A2", is_voided=True)

    assert fine(core.get(f"/users/{NORA}/loyalty_transactions"))["loyalty_transactions"] == []


def test_purchases_come_newest_first_a_page_at_a_time(core, counter):
    for name in ("A1", "A2", "A3"):
        bought(counter, name, modified_time=f"time of {name}")

    def times(query):
        found = fine(core.get(f"/users/{NORA}/loyalty_transactions?{query}"))["loyalty_transactions"]
        return [line["transaction_datetime"] for line in found]

    assert times("") == ["time of A3", "time of A2", "time of A1"]
    assert times("limit=2&page=2") == ["time of A1"]
