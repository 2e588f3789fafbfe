"""A sale as the guest saw it: what is documented is shown, what is odd is left out, and nothing makes it fall over."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.tui.receipt import RULE, Line, item_ids, receipt_lines
from tests.support.sales import payment, sale

NAMES = {"1001": "Apple juice"}


def drawn(**changes: Any) -> list[tuple[str, str]]:
    lines = receipt_lines(json.dumps(sale(**changes)), NAMES)
    return [(line.text, line.amount) for line in lines if line is not RULE]


def item(line_id: Any, item_id: str, modifies: Any = None) -> dict[str, Any]:
    return {"line_id": line_id, "item_id": item_id, "quantity": 2, "subtotal": 1, "modifies_line_id": modifies}


def test_a_sale_is_drawn_as_a_receipt() -> None:
    assert receipt_lines(json.dumps(sale()), NAMES) == [
        Line("Sale T-1"),
        Line("Opened 2026-03-01T10:00:00.000Z"),
        Line("Changed 2026-03-01T10:05:00.000Z"),
        Line("Employee 1000"),
        Line("Channel STORE"),
        RULE,
        Line("1 x Apple juice (1001)", "10.00"),
        RULE,
        Line("Subtotal", "10.00"),
        Line("Tax", "0.70"),
        Line("Total", "10.70", strong=True),
        RULE,
        Line("Cash", "10.70"),
    ]


def test_modifiers_stand_below_what_they_modify_wherever_they_come() -> None:
    items = [item("3", "no ice", "1"), item("1", "juice"), item("2", "bun"), item("4", "crushed", "3")]
    found = [text for text, _ in drawn(items=items) if " x " in text]
    assert found == ["2 x juice", "  + 2 x no ice", "  + 2 x crushed", "2 x bun"]


@pytest.mark.parametrize(
    "items",
    [
        [item(None, "a"), item(None, "b")],
        [item("1", "a", "1"), item("2", "b")],
        [item("1", "a", "2"), item("2", "b", "1")],
        [item("1", "a"), item("1", "b"), item("3", "c", "1")],
        [item(1, "a"), item(2, "b", 1)],
        [item(True, "a"), item(["x"], "b", {"y": 1})],
        [item("1", "a", "nowhere"), item("", "b", "")],
        [item("1", "a"), item("1", "a")],
    ],
)
def test_each_item_is_drawn_once_whatever_the_lines_say(items: list[dict[str, Any]]) -> None:
    found = [text.split(" x ")[1] for text, _ in drawn(items=items) if " x " in text]
    assert sorted(found) == sorted(one["item_id"] for one in items)


def test_ten_thousand_items_that_modify_each_other_are_drawn_too() -> None:
    items = [item(str(number), "a", str(number - 1)) for number in range(10_000)]
    assert len([text for text, _ in drawn(items=items) if " x " in text]) == 10_000


def test_discounts_and_payments_say_what_they_are() -> None:
    discounts = [
        {"display_name": "Free juice", "reference_id": "R-1", "status": "OFFLINE", "amount": 1.5},
        {"reference_id": "R-2"},
        {},
    ]
    payments = [payment("P1", user_id="u"), {"payment_id": "P2", "amount": "3"}]
    found = drawn(discounts=discounts, payments=payments)
    for line in [("Free juice (OFFLINE)", "-1.50"), ("R-2", ""), ("discount", "")]:
        assert line in found
    for line in [("Cash (guest known)", "10.70"), ("P2", "3.00")]:
        assert line in found
    assert ("No payment yet.", "") in drawn(payments=[])


@pytest.mark.parametrize("voided", [True, "true", 1, "1"])
def test_a_voided_sale_says_so(voided: object) -> None:
    lines = receipt_lines(json.dumps(sale(is_voided=voided)), {})
    assert Line("VOIDED", strong=True) in lines


def test_an_open_sale_says_so_and_a_closed_one_does_not() -> None:
    said = ("NOT CLOSED YET", "")
    assert said in drawn(is_closed=False)
    assert said not in drawn()
    assert ("VOIDED", "") not in drawn()


@pytest.mark.parametrize("amount", ["1e999999", "-1e999999", 1e300, "9" * 60, "1e-999999", "NaN", True, [], {}, None])
def test_what_is_no_amount_is_left_out(amount: object) -> None:
    lines = receipt_lines(json.dumps(sale(subtotal=amount, tax_total=amount)), {})
    assert not {"Subtotal", "Tax", "Total"} & {line.text for line in lines}


def test_digits_are_kept_and_strings_are_numbers_too() -> None:
    found = drawn(subtotal="9.0500", tax_total=".35")
    assert [one for one in found if one[0][0] in "ST"][1:] == [("Subtotal", "9.05"), ("Tax", "0.35"), ("Total", "9.40")]


@pytest.mark.parametrize("payload", ["", "null", "[]", "7", '"text"', "{"])
def test_what_is_no_sale_says_so(payload: str) -> None:
    assert receipt_lines(payload, {}) == [Line("This is no sale; see its JSON.")]
    assert item_ids(payload) == []


def test_a_text_that_was_dropped_says_why() -> None:
    assert receipt_lines(None, {}) == [Line("The text of this sale was dropped to make room on a full disk.")]
    assert item_ids(None) == []


def test_items_are_named_once_each() -> None:
    items = [item("1", "b"), item("2", "a"), item("3", "b"), {"item_id": 7}, {}]
    assert item_ids(json.dumps(sale(items=items))) == ["b", "a"]


FIELDS = [
    *sale(),
    *sale()["items"][0],
    *payment("P"),
    "modifies_line_id",
    "display_name",
    "name",
    "reference_id",
    "status",
]
odd: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["1e999999", "1", "\x1b["]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=6),
    max_leaves=30,
)
lists_of_odd = st.lists(st.dictionaries(st.sampled_from(FIELDS), odd, max_size=5), max_size=5) | odd


@given(odd, lists_of_odd, lists_of_odd, lists_of_odd)
def test_no_json_makes_it_fall_over_or_brings_control_codes(
    anything: Any, items: Any, discounts: Any, payments: Any
) -> None:
    bent = sale(items=items, discounts=discounts, payments=payments)
    for field, value in zip(FIELDS, anything if isinstance(anything, list) else [anything], strict=False):
        bent[field] = value if field not in ("items", "discounts", "payments") else bent[field]
    for payload in (json.dumps(anything), json.dumps(bent)):
        for line in receipt_lines(payload, {}):
            assert line.text.isprintable()
            assert line.amount.isprintable()
            assert len(line.amount) < 100
        assert all(isinstance(one, str) for one in item_ids(payload))
