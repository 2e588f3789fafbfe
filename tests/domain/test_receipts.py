"""Receipt codes: one per transaction or per payment, stable, and nothing else in the text changes (G7, G8)."""

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.receipts import WHOLE, Code, Coded, add_codes, codes_ahead
from tests.domain.test_transaction import read
from tests.support.sales import payment, sale


def coded(fields: dict[str, Any] | str, kept: dict[str, str] | None = None) -> Coded:
    numbers = itertools.count(1)
    known = {name: Code(name, code, minted=True) for name, code in (kept or {}).items()}
    return add_codes(read(fields), known, lambda: f"code-{next(numbers)}")


def shown(result: Coded) -> dict[str, str]:
    return {code.payment: code.code for code in result.codes}


def test_one_payment_gets_one_code_for_the_transaction_G8() -> None:
    result = coded(sale())
    assert shown(result) == {WHOLE: "code-1"}
    assert json.loads(result.text) == sale() | {"guest_receipt_code": "code-1"}


def test_no_payment_yet_gets_one_code_for_the_transaction_G8() -> None:
    assert shown(coded(sale(payments=[]))) == {WHOLE: "code-1"}


def test_several_payments_get_one_code_each_G8() -> None:
    payments = [payment("P1"), payment("P2"), payment("P3")]
    result = coded(sale(payments=payments))
    assert shown(result) == {"P1": "code-1", "P2": "code-2", "P3": "code-3"}
    expected = [one | {"receipt_code": f"code-{number}"} for number, one in enumerate(payments, 1)]
    assert json.loads(result.text) == sale(payments=expected)


def test_a_payment_with_a_known_user_gets_none_G8() -> None:
    known = payment("P1", user_id="u", user_id_type="Email")
    assert shown(coded(sale(payments=[known]))) == {}
    assert shown(coded(sale(payments=[known, payment("P2")]))) == {"P2": "code-1"}


def test_a_user_known_by_an_offer_means_no_codes_at_all_G8() -> None:
    discounts = [{"reference_id": "o", "user_id": "u", "amount": 0}]
    assert shown(coded(sale(discounts=discounts))) == {}
    assert shown(coded(sale(discounts=discounts, payments=[payment("P1"), payment("P2")]))) == {}


def test_a_code_of_the_pos_is_kept_as_it_is_G8() -> None:
    text = json.dumps(sale(guest_receipt_code="mine"))
    result = coded(text)
    assert result.text == text
    assert [(code.code, code.minted) for code in result.codes] == [("mine", False)]
    only = coded(sale(payments=[payment("P1", receipt_code="mine")]))
    assert shown(only) == {"P1": "mine"}


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_code_is_filled_in_its_own_place_G8(empty: str | None) -> None:
    fields = {"guest_receipt_code": empty} | sale()
    result = coded(fields)
    assert json.loads(result.text) == fields | {"guest_receipt_code": "code-1"}
    assert next(iter(json.loads(result.text))) == "guest_receipt_code"


def test_an_empty_code_in_the_other_spelling_is_filled_too_G8() -> None:
    whole = coded({"GuestReceiptCode": None} | sale())
    assert json.loads(whole.text) == {"GuestReceiptCode": "code-1"} | sale()
    payments = [payment("P1", ReceiptCode=""), payment("P2")]
    each = json.loads(coded({"Payments": payments} | {k: v for k, v in sale().items() if k != "payments"}).text)
    assert [one.get("ReceiptCode") or one.get("receipt_code") for one in each["Payments"]] == ["code-1", "code-2"]
    assert "receipt_code" not in each["Payments"][0]


def test_codes_given_before_are_given_again_G8() -> None:
    result = coded(sale(payments=[payment("P1"), payment("P2")]), {"P1": "old"})
    assert shown(result) == {"P1": "old", "P2": "code-1"}
    assert [code.code for code in result.new] == ["code-1"]


def test_the_code_on_the_guest_check_stays_when_several_pay_G8() -> None:
    result = coded(sale(payments=[payment("P1"), payment("P2")]), {WHOLE: "guest"})
    assert shown(result) == {WHOLE: "guest", "P1": "code-1", "P2": "code-2"}
    sent = json.loads(result.text)
    assert sent["guest_receipt_code"] == "guest"
    assert [one["receipt_code"] for one in sent["payments"]] == ["code-1", "code-2"]
    known = {"user_id": "u", "user_id_type": "Email"}
    one_known = coded(sale(payments=[payment("P1", **known), payment("P2")]), {WHOLE: "guest"})
    assert shown(one_known) == {WHOLE: "guest", "P2": "code-1"}


def test_a_code_printed_for_a_payment_is_that_of_the_sale_when_it_is_the_only_one_G8() -> None:
    result = coded(sale(), {"P1": "printed", "P2": "other"})
    assert shown(result) == {"P1": "printed"}
    assert json.loads(result.text) == sale() | {"guest_receipt_code": "printed"}
    assert shown(coded(sale(), {"P2": "other"})) == {WHOLE: "code-1"}


def test_a_code_of_the_check_that_the_pos_gave_to_a_payment_stands_in_the_sale_once_G8() -> None:
    split = sale(payments=[payment("P1", receipt_code="check"), payment("P2")])
    result = coded(split, {WHOLE: "check"})
    assert shown(result) == {"P1": "check", "P2": "code-1"}
    assert result.text.count("check") == 1


def retired(fields: dict[str, Any], *payments: str) -> list[str]:
    """Give the payments whose codes of before a sale retires."""
    return [code.payment for code in coded(fields, {name: f"old {name}" for name in payments}).retired]


def test_who_is_known_by_now_needs_no_code_any_more_G8() -> None:
    known = {"user_id": "u", "user_id_type": "Email"}
    offer = [{"reference_id": "o", "user_id": "u", "amount": 0}]
    assert retired(sale(payments=[payment("P1", **known)]), WHOLE, "P2") == [WHOLE]
    assert retired(sale(payments=[payment("P1", **known), payment("P2")]), WHOLE, "P1", "P2") == ["P1"]
    assert retired(sale(payments=[payment("P1", **known), payment("P2", **known)]), WHOLE) == [WHOLE]
    assert retired(sale(discounts=offer), WHOLE, "P7") == [WHOLE, "P7"]
    assert retired(sale(), WHOLE, "P7") == []


def test_a_code_that_the_pos_sends_along_retires_too_and_stays_in_the_text_G7_G8() -> None:
    text = sale(guest_receipt_code=f"old {WHOLE}", payments=[payment("P1", user_id="u", user_id_type="Email")])
    result = coded(text, {WHOLE: f"old {WHOLE}"})
    assert (result.codes, retired(text, WHOLE), json.loads(result.text)) == ((), [WHOLE], text)


def ahead(*payments: str, **kept: str) -> dict[str, str]:
    numbers = itertools.count(1)
    known = {name: Code(name, code, minted=True) for name, code in kept.items()}
    return {code.payment: code.code for code in codes_ahead(payments, known, lambda: f"code-{next(numbers)}")}


def test_codes_ahead_are_those_that_the_sale_will_have_G8() -> None:
    assert ahead() == ahead("P1") == {WHOLE: "code-1"}
    assert ahead("P1", "P2") == {"P1": "code-1", "P2": "code-2"}
    assert ahead("P1", "P2", "P3", P1="old") == {"P1": "old", "P2": "code-1", "P3": "code-2"}
    assert ahead("P1", "P2", **{WHOLE: "guest"}) == {WHOLE: "guest", "P1": "code-1", "P2": "code-2"}
    assert ahead("P1", P1="old") == {"P1": "old"}
    for payments in ([], ["P1"], ["P1", "P2"], ["P1", "P1", "", ""]):
        kept = {name: Code(name, code, minted=True) for name, code in ahead(*payments).items()}
        sold = add_codes(read(sale(payments=[payment(name) for name in payments])), kept, None)
        assert sold.codes == tuple(kept.values())


def test_a_voided_sale_gets_no_new_code_but_keeps_its_old_one_G8() -> None:
    assert shown(coded(sale(is_voided=True))) == {}
    assert shown(coded(sale(is_voided=True), {WHOLE: "old"})) == {WHOLE: "old"}


def test_without_a_mint_only_the_codes_of_the_pos_count() -> None:
    assert add_codes(read(sale()), {}, None).codes == ()


def test_payments_without_or_with_the_same_id_are_told_apart() -> None:
    result = coded(sale(payments=[payment("P1"), payment("P1"), payment("P1#1"), payment(""), payment("")]))
    assert len(set(shown(result))) == len(set(shown(result).values())) == 5


def test_the_same_code_in_two_places_of_one_sale_is_kept_once() -> None:
    both = sale(guest_receipt_code="tx", payments=[payment("P1", receipt_code="tx")])
    assert [code.code for code in coded(both).new] == ["tx"]


ADDED = re.compile(r',"(?:guest_)?receipt_code":"code-\d+"')
FILLED = re.compile(r'(?<=receipt_code": )(?:null|""|"code-\d+")')

PAYMENTS = st.lists(
    st.builds(
        lambda number, code, user: (
            payment(f"P{number}")
            | ({"receipt_code": code} if code != "absent" else {})
            | ({"user_id": "u", "user_id_type": "Email"} if user else {})
        ),
        st.integers(1, 9),
        st.sampled_from(["absent", None, "", "own"]),
        st.booleans(),
    ),
    max_size=4,
)


@given(PAYMENTS, st.sampled_from(["absent", None, "", "guest"]), st.sampled_from([None, 1, "\t"]))
def test_taking_the_codes_out_again_gives_the_text_as_sent_G7(
    payments: list[dict[str, Any]], guest: str | None, indent: Any
) -> None:
    fields = sale(payments=payments, odd={"digits": 1.10, "é": "\u00e9"})
    if guest != "absent":
        fields["guest_receipt_code"] = guest
    text = json.dumps(fields, indent=indent)
    bare = ADDED.sub("", coded(text).text)
    assert FILLED.sub("~", bare) == FILLED.sub("~", text)
