"""Sales are read as POS systems really send them; only what can never be right is refused."""

import hashlib
import json
from typing import Any

import pytest

from store_agent.domain.jsontext import ObjectText, read_root
from store_agent.domain.transaction import Sale, offline_while_live, read_sale, went_back
from store_agent.errors import BadInput
from tests.support.sales import payment, sale


def read(fields: dict[str, Any] | str) -> Sale:
    text = fields if isinstance(fields, str) else json.dumps(fields)
    values = {name: span.value for name, span in read_root(text).items()}
    return read_sale(ObjectText(text, 0, len(text), values), "request_payload.")


def codes_of(fields: dict[str, Any]) -> list[str]:
    return [warning.code for warning in read(fields).warnings]


def test_a_complete_sale_has_no_warnings() -> None:
    found = read(sale())
    assert found.warnings == ()
    assert (found.transaction_id, found.amount, found.closed, found.voided) == ("T-1", 107_000, True, False)
    assert found.modified_at == "2026-03-01T10:05:00.000Z"


def test_the_digest_is_that_of_the_text_as_sent() -> None:
    text = json.dumps(sale(), indent=3)
    assert read(text).digest == hashlib.sha256(text.encode()).digest()


def test_recorded_deviations_are_read_without_complaint() -> None:
    recorded = sale(
        guest_count="1",
        subtotal="10",
        TaxTotal=".70",
        open_time="2025-04-16 10:20:00.000",
        modified_time="2025-04-16 10:20:00.1234567Z",
        is_closed="True",
        payments=[],
        items=[
            {
                "line_id": "0",
                "item_id": "1",
                "quantity": "1",
                "unit_price": "10",
                "subtotal": "10",
                "modifies_line_id": "",
            }
        ],
    )
    del recorded["tax_total"], recorded["is_voided"]
    found = read(recorded)
    assert found.warnings == ()
    assert (found.amount, found.closed, found.voided) == (107_000, True, False)


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"transaction_id": None}, "transaction_id", "is missing"),
        ({"transaction_id": ""}, "transaction_id", "is missing"),
        ({"transaction_id": 5}, "transaction_id", "must be text"),
        ({"transaction_id": "x" * 65}, "transaction_id", "longer than 64"),
        ({"transaction_id": "a\x00b"}, "transaction_id", "control characters"),
        ({"transaction_id": "\ud800"}, "transaction_id", "control characters"),
        ({"pos_employee_id": "e" * 21}, "pos_employee_id", "longer than 20"),
        ({"pos_employee_id": {}}, "pos_employee_id", "must be text"),
        ({"subtotal": "ten"}, "subtotal", "must be a number"),
        ({"subtotal": True}, "subtotal", "must be a number"),
        ({"is_closed": "maybe"}, "is_closed", "true or false"),
        ({"is_closed": 2}, "is_closed", "true or false"),
        ({"items": {}}, "items", "a list of objects"),
        ({"items": [1]}, "items", "a list of objects"),
        ({"items": [{"line_id": 1}]}, "items.0.line_id", "must be text"),
        ({"items": [{"item_id": "i" * 46}]}, "items.0.item_id", "longer than 45"),
        ({"payments": "none"}, "payments", "a list of objects"),
        ({"payments": [payment("P1"), payment("p" * 65)]}, "payments.1.payment_id", "longer than 64"),
        ({"payments": [payment("P1", type="t" * 21)]}, "payments.0.type", "longer than 20"),
        ({"payments": [payment("P1", user_id="u")]}, "payments.0.user_id_type", "required when user_id"),
        (
            {"payments": [payment("P1", additional_user_id="u")]},
            "payments.0.additional_user_id_type",
            "required when additional_user_id",
        ),
        ({"discounts": [{"amount": []}]}, "discounts.0.amount", "must be a number"),
        ({"TaxTotal": "much"}, "TaxTotal", "must be a number"),
    ],
)
def test_what_can_never_be_right_is_refused_by_field_and_reason(changes: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(sale() | changes)
    (field,) = refused.value.fields
    assert field.path == f"request_payload.{path}"
    assert words in field.message
    assert field.path in refused.value.message


def test_all_fields_at_fault_are_named_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        read(sale(subtotal="x", tax_total="y", items=[{"quantity": "z"}]))
    assert [field.path.removeprefix("request_payload.") for field in refused.value.fields] == [
        "subtotal",
        "tax_total",
        "items.0.quantity",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subtotal": 11}, "subtotal_mismatch"),
        ({"modified_time": "soon"}, "unreadable_time"),
        ({"channel": None}, "missing_field"),
        ({"channel": ""}, "missing_field"),
        ({"subtotal": ""}, "missing_field"),
        ({"subtotal": 10**12, "items": []}, "amount_not_counted"),
        ({"payments": [payment("P1", user_id="u", user_id_type="Shoe size")]}, "unknown_user_id_type"),
    ],
)
def test_what_looks_odd_is_a_warning(changes: dict[str, Any], code: str) -> None:
    assert codes_of(sale() | changes) == [code]


def test_discounts_are_taken_off_the_lines_before_they_are_compared() -> None:
    assert codes_of(sale(subtotal=9.0, discounts=[{"reference_id": "d", "amount": "1.00"}])) == []


@pytest.mark.parametrize("kind", ["SessionM_ID", "SESSIONM_ID", "email", "Phone", "external_id"])
def test_words_of_enumerations_count_in_any_case(kind: str) -> None:
    assert codes_of(sale(payments=[payment("P1", user_id="u", user_id_type=kind)])) == []


def test_huge_exponents_neither_crash_nor_count() -> None:
    found = read(json.dumps(sale()).replace("10.0", "1e999999"))
    assert found.amount is None


def test_an_offline_discount_is_odd_only_while_the_line_is_up() -> None:
    found = read(sale(discounts=[{"reference_id": "o", "status": "offline", "amount": 0}]))
    assert [warning.code for warning in offline_while_live(found, "")] == ["offline_discount_online"]
    assert offline_while_live(read(sale()), "") == []


def test_a_modified_time_that_goes_back_is_odd() -> None:
    found = read(sale())
    assert [warning.code for warning in went_back(found, "2026-03-01T10:06:00.000Z", "")] == ["modified_time_back"]
    assert went_back(found, "2026-03-01T10:05:00.000Z", "") == []
    assert went_back(found, None, "") == []


def test_pascal_case_counts_inside_lists_too() -> None:
    assert read(sale(discounts=[{"reference_id": "o", "UserId": "u", "Status": "OFFLINE", "amount": 0}])).user_known
    found = read(sale(discounts=[{"reference_id": "o", "Status": "OFFLINE", "amount": 0}]))
    assert offline_while_live(found, "")
    assert offline_while_live(found, "", frozenset({"o"})) == []
    assert codes_of(sale(payments=[payment("P1", UserId="u", UserIdType="Email")])) == []
    with pytest.raises(BadInput, match="user_id_type"):
        read(sale(payments=[payment("P1", UserId="u")]))
    both = read(json.dumps(sale() | {"payments": None, "Payments": [payment("P1"), payment("P2")]}))
    assert [one.key for one in both.payments] == ["P1", "P2"]


@pytest.mark.parametrize(("sent", "meant"), [(1, True), (0, False), ("", False), ("TRUE", True)])
def test_booleans_are_read_in_many_spellings(sent: Any, meant: bool) -> None:  # noqa: FBT001 - an expectation
    assert read(sale(is_closed=sent)).closed is meant


def test_the_user_is_known_by_a_discount_or_by_the_request() -> None:
    assert not read(sale()).user_known
    assert read(sale(discounts=[{"reference_id": "o", "user_id": "u", "amount": 0}])).user_known
