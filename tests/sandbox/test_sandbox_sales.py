"""The invented sales: right in their sums, the same for the same seed, exact in their digits."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from store_agent.sandbox.guests import GUESTS
from store_agent.sandbox.sales import SaleMaker, sale_bytes, sale_text

NOON = datetime(2026, 3, 14, 12, 0, 0, 123456, UTC)


@pytest.fixture(scope="module")
def sales():
    maker = SaleMaker(seed=1, lane="L1")
    return [maker.make(NOON) for _ in range(500)]


def test_ids_count_up_in_the_lane(sales):
    assert sales[0]["transaction_id"] == "L1-000001"
    assert sales[16]["transaction_id"] == "L1-000017"
    assert len({sale["transaction_id"] for sale in sales}) == 500


def test_the_same_seed_and_lane_give_the_same_sales_and_others_give_others(sales):
    again, other_seed, other_lane = SaleMaker(1, "L1"), SaleMaker(2, "L1"), SaleMaker(1, "L2")

    assert [again.make(NOON) for _ in range(500)] == sales
    assert [other_seed.make(NOON) for _ in range(500)] != sales
    assert other_lane.make(NOON)["items"] != sales[0]["items"]


def test_every_sum_is_right(sales):
    for sale in sales:
        lines = sum(item["subtotal"] for item in sale["items"])
        discounts = sum((discount["amount"] for discount in sale["discounts"]), Decimal(0))
        assert sale["subtotal"] == lines - discounts
        assert sum(payment["amount"] for payment in sale["payments"]) == sale["subtotal"] + sale["tax_total"]
        assert all(item["subtotal"] == item["unit_price"] * item["quantity"] for item in sale["items"])


def test_sales_are_closed_and_carry_the_documented_fields(sales):
    documented = {"pos_employee_id", "transaction_id", "subtotal", "tax_total", "open_time", "modified_time", "channel"}
    for sale in sales:
        assert documented <= set(sale)
        assert (sale["is_closed"], sale["is_voided"]) == (True, False)
        assert 1 <= len(sale["items"]) <= 6
        assert len({item["line_id"] for item in sale["items"]}) == len(sale["items"])


def test_some_sales_have_a_guest_two_payments_or_a_discount_and_most_have_not(sales):
    guests = [sale for sale in sales if "user_id" in sale["payments"][0]]
    split = [sale for sale in sales if len(sale["payments"]) == 2]
    discounted = [sale for sale in sales if sale["discounts"]]

    for some in (guests, split, discounted):
        assert 0 < len(some) < len(sales) / 2
    assert {sale["payments"][0]["user_id"] for sale in guests} <= {guest.user_id for guest in GUESTS}
    assert {sale["payments"][0]["user_id_type"] for sale in guests} == {"SessionM_ID"}


def test_times_are_utc_with_milliseconds_whatever_the_zone(sales):
    local = NOON.astimezone(timezone(timedelta(hours=-5)))

    sale = SaleMaker(1, "L1").make(local)

    assert sale == sales[0]
    assert sale["modified_time"] == "2026-03-14T12:00:00.123Z"
    assert sale["open_time"] < sale["modified_time"]


def test_amounts_are_written_as_numbers_with_two_digits(sales):
    for sale in sales:
        text = sale_text(sale)
        assert json.loads(text, parse_float=Decimal) == sale
        assert all(re.fullmatch(r"\d+\.\d\d", str(amount)) for amount in _amounts(sale))
        assert f'"subtotal": {sale["subtotal"]}, "tax_total"' in text


def _amounts(sale):
    yield from (sale["subtotal"], sale["tax_total"])
    yield from (payment["amount"] for payment in sale["payments"])
    yield from (item[name] for item in sale["items"] for name in ("unit_price", "subtotal", "tax_included"))


def test_the_container_holds_the_sale_under_its_own_or_a_given_request_id(sales):
    assert json.loads(sale_bytes(sales[0]))["request_id"] == "L1-000001"
    container = sale_bytes(sales[0], request_id="1").decode()
    assert container == f'{{"request_id": "1", "request_payload": {sale_text(sales[0])}}}'


@pytest.mark.parametrize("size", [3000, 20_000])
def test_a_sale_can_be_padded_to_a_size(sales, size):
    text = sale_text(sales[0], pad_to=size)

    assert len(text.encode()) == size
    assert json.loads(text)["transaction_id"] == "L1-000001"
    assert "custom_data" not in sales[0]


def test_a_sale_that_is_larger_than_its_padding_stays_as_it_is(sales):
    assert sale_text(sales[0], pad_to=10) == sale_text(sales[0])


def test_a_made_sale_is_accepted_by_the_sandbox(till, sales):
    answer = till.send_text(
        "send_transaction",
        b'{"store_id": "s", "client_id": "c", ' + sale_bytes(sales[0], pad_to=3000).removeprefix(b"{"),
    )

    assert answer.status_code == 200
    assert "L1-000001" in till.account()["transactions"]
