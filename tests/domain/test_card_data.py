"""Card data in requests: what is refused, what is masked, what is left alone, and that no other byte changes."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.card_data import CardRules, find_card_data, mask_warnings, masked, screen
from store_agent.domain.card_names import IDENTIFICATION, NOTHING, exempt, says_card, says_security_code
from store_agent.domain.container import Identity, read_container
from store_agent.domain.transaction import read_sale
from store_agent.errors import BadInput, FieldError
from tests.support.cards import NUMBERS, SEPARATORS, TRACK_1, TRACK_2, VISA, apart, card_numbers, escaped, in_script
from tests.support.sales import payment, sale

RULES = CardRules(exempt(IDENTIFICATION))
WIDE = in_script(VISA, "\uff10")


def request(**fields: Any) -> bytes:
    return json.dumps({"request_payload": sale("T-1", **fields)}).encode()


def refused(body: bytes, rules: CardRules = RULES) -> tuple[FieldError, ...]:
    with pytest.raises(BadInput) as problem:
        screen(body, rules)
    assert problem.value.code == "card_data"
    told = f"{problem.value.message}{problem.value.fields}"
    assert not any(number in told for number in NUMBERS.values())
    return problem.value.fields


@pytest.mark.parametrize(
    "name",
    [
        "pan", "PAN", "Pan", "panNumber", "pan_no", "card_number", "cardNumber", "CardNo", "card-number", "card.number",
        "CARD_NUM", "creditCard", "credit_card_number", "debitcard", "cc", "ccNumber", "cc_num", "cardAccountNumber",
        "primary_account_number", "payment_card", "track2", "maskedPan", "clear_pan",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [VISA, int(VISA), apart(VISA, (4, 4, 4), " "), [VISA], {"value": VISA}])
def test_a_number_under_a_name_that_says_card_is_refused_by_its_path_G16(name: str, value: Any) -> None:
    (error,) = refused(request(payments=[payment("P1"), payment("P2", **{name: value})]))
    assert error.path.startswith(f"request_payload.payments.1.{name}")
    assert error.message == "holds the number of a payment card"


@pytest.mark.parametrize(
    "name",
    [
        "cvv", "CVV", "cvv2", "CVV_2", "cvc", "cvc2", "Cvc-Code", "cvn", "csc", "cid", "CID", "iCVV", "c_v_v",
        "cardCvv",
        "card_security_code", "cardSecurityCode", "CARD-SECURITY-CODE", "security_code", "card_verification_value",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["123", "0123", " 123 ", 123, 45, ["123"], {"value": "123"}, "\uff11\uff12\uff13"])
def test_a_security_code_is_refused_by_its_path_G16(name: str, value: Any) -> None:
    (error,) = refused(request(payments=[payment("P1", **{name: value})]))
    assert error.path.startswith(f"request_payload.payments.0.{name}")
    assert error.message == "holds the security code of a payment card"


@pytest.mark.parametrize("value", [None, "", "M", "***", "not given", True, "12345", 7, "2026-03-01"])
def test_what_is_no_code_under_such_a_name_is_left_alone(value: Any) -> None:
    body = request(payments=[payment("P1", cvv=value)])
    assert screen(body, RULES).body == body


@pytest.mark.parametrize("track", [TRACK_1, TRACK_2, TRACK_1[1:-1], TRACK_2[1:-1], f"read: {TRACK_2}"])
@pytest.mark.parametrize("name", ["note", "user_id", "receipt_code", "anything"])
def test_a_track_is_refused_wherever_it_stands_G16(track: str, name: str) -> None:
    (error,) = refused(request(payments=[payment("P1", **{name: track})]))
    assert (error.path, error.message) == (
        f"request_payload.payments.0.{name}",
        "holds the data of a card's magnetic stripe",
    )


def test_a_track_as_a_name_is_refused_and_not_repeated_G16() -> None:
    (error,) = refused(request(**{TRACK_2: 1}))
    assert VISA not in error.path


@pytest.mark.parametrize("name", ["note", "comment", "auth_ref", "gift_card_number", "loyaltyCardNo", "account_number"])
@pytest.mark.parametrize("scheme", NUMBERS)
def test_a_number_elsewhere_is_masked_and_told_by_its_path_G16(name: str, scheme: str) -> None:
    number = NUMBERS[scheme]
    body = request(payments=[payment("P1", **{name: f"No {number}."})])
    screened = screen(body, RULES)
    instead = number[:6] + "*" * (len(number) - 10) + number[-4:]
    assert screened.body == body.replace(number.encode(), instead.encode())
    assert screened.masked == (f"request_payload.payments.0.{name}",)


@pytest.mark.parametrize(
    ("written", "stays"),
    [
        (f'"{VISA}"', '"411111******1111"'),
        (f'"\\u0034{VISA[1:]}"', '"\\u003411111******1111"'),
        (f'"{escaped(VISA)}"', f'"{escaped("411111")}******{escaped("1111")}"'),
        ('"4111\\u00201111\\t1111\\n1111"', '"4111\\u002011**\\t****\\n1111"'),
        (f'"{WIDE}"', '"\uff14\uff11\uff11\uff11\uff11\uff11******\uff11\uff11\uff11\uff11"'),
        (f'"\\uff14\\uff11{VISA[2:]}"', '"\\uff14\\uff111111******1111"'),
        (f'"\\ud835\\udfd2{VISA[1:]}"', '"\\ud835\\udfd211111******1111"'),
        (f'"caf\u00e9 {VISA}"', '"caf\u00e9 411111******1111"'),
        (VISA, "4111110000001111"),
        (f"-{VISA}", "-4111110000001111"),
        (f"{VISA}.00", "4111110000001111.00"),
        ("4.111111111111111E15", "4.111110000001111E15"),
        ("4.111111111111111e+15", "4.111110000001111e+15"),
        ("0.4111111111111111e16", "0.4111110000001111e16"),
        (f'{{"{VISA}": 1}}', '{"411111******1111": 1}'),
        (f'[[], {{"a": ["{VISA}"]}}]', '[[], {"a": ["411111******1111"]}]'),
    ],
)
def test_a_number_is_masked_in_its_own_bytes_however_it_is_written_G16_G7(written: str, stays: str) -> None:
    around = '{"request_payload": {"transaction_id" :"T-1",\r\n\t"b":  %s , "c": "\\u00e9\\/"}, "d": 1.50}'
    screened = screen((around % written).encode(), RULES)
    assert screened.body.decode() == around % stays
    assert len(screened.masked) == 1
    assert screened.masked[0].startswith("request_payload.b")


@given(number=card_numbers())
def test_a_masked_number_is_a_number_of_no_card(number: str) -> None:
    body = f'{{"x": {number}}}'.encode()
    screened = screen(body, RULES)
    value = str(json.loads(screened.body)["x"])
    assert (value[:6], value[-4:], len(value)) == (number[:6], number[-4:], len(number))
    assert screen(screened.body, RULES).masked == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"transaction_id": VISA},
        {"from_transaction_id": VISA, "pos_employee_id": VISA, "guest_receipt_code": VISA},
        {"items": [{"item_id": VISA, "line_id": VISA, "modifies_line_id": VISA}]},
        {"payments": [payment(VISA, user_id=VISA, additional_user_id=VISA, receipt_code=VISA)]},
        {
            "discounts": [
                {"reference_id": VISA, "pos_discount_id": VISA, "user_id": VISA, "discounted_line_ids": [VISA]}
            ]
        },
        {"Payments": [{"PaymentId": VISA, "UserId": int(VISA)}]},
    ],
)
def test_identifiers_are_not_mistaken_for_cards_G16(fields: dict[str, Any]) -> None:
    one = sale("T-1") | fields
    for payload in (one, {"transactions": [one, one]}, {"transaction": one, "user_id": VISA}):
        body = json.dumps({"request_payload": payload, "request_id": VISA, "user_id": VISA}).encode()
        assert screen(body, RULES).body == body
    with pytest.raises(BadInput):
        screen(body, CardRules(NOTHING, strict=True))


@pytest.mark.parametrize(
    "body",
    [
        {"loyalty_card": {"retailer_id": "1", "card_number": VISA}},
        {"user": {"external_id": VISA}},
        {"user_id": VISA, "offer_id": VISA},
        {"request_payload": {"user_id": VISA}},
        {"request_payload": {"external_customer_id": VISA}},
        {"request_payload": {"user_offer_id": VISA, "employee_id": VISA}},
    ],
)
def test_identifiers_of_other_calls_are_not_mistaken_for_cards_G16(body: dict[str, Any]) -> None:
    assert screen(json.dumps(body).encode(), RULES).masked == ()


@pytest.mark.parametrize("path", ["items.*.serial", "request_payload.items.*.serial", "**.serial", "**.items.*.serial"])
def test_more_fields_can_be_exempt(path: str) -> None:
    rules = CardRules(exempt([path]))
    one = sale("T-1", items=[{"serial": VISA}, {"serial": VISA, "note": VISA}])
    for payload, at in ((one, "request_payload."), ({"transactions": [one]}, "request_payload.transactions.0.")):
        assert screen(json.dumps({"request_payload": payload}).encode(), rules).masked == (f"{at}items.1.note",)


def test_strict_refuses_what_would_be_masked() -> None:
    (error,) = refused(request(note=VISA), CardRules(exempt(IDENTIFICATION), strict=True))
    assert (error.path, error.message) == (
        "request_payload.note",
        "holds what looks like the number of a payment card",
    )


def test_every_field_at_fault_is_named_up_to_a_bound() -> None:
    assert len(refused(request(payments=[payment(f"P{number}", pan=VISA) for number in range(50)]))) == 20


def test_each_sale_is_warned_of_its_own_fields_and_of_those_beside() -> None:
    sales = [sale("T-1", note=VISA), sale("T-2"), sale("T-3", items=[{"note": VISA}])]
    body = json.dumps({"culture": VISA, "request_payload": {"transactions": sales}}).encode()
    paths = screen(body, RULES).masked
    told = [[one.path for one in mask_warnings(paths, f"request_payload.transactions.{at}.")] for at in range(3)]
    assert told == [
        ["culture", "request_payload.transactions.0.note"],
        ["culture"],
        ["culture", "request_payload.transactions.2.items.0.note"],
    ]


def test_the_names_of_a_sale_say_neither_card_nor_code() -> None:
    names = [path.rpartition(".")[2] for path in IDENTIFICATION if not path.endswith(("card_number", "*"))]
    assert [name for name in names if says_card((name,)) or says_security_code((name,))] == []


@pytest.mark.parametrize("name", ["company", "panel", "span", "japan", "companyName", "loyalty_card", "giftCardId"])
def test_other_names_do_not_say_card(name: str) -> None:
    assert not says_card((name,))


@pytest.mark.parametrize("name", ["acid", "incident", "client_id", "decide", "cvv_result", "security", "cidr"])
def test_other_names_do_not_say_security_code(name: str) -> None:
    assert not says_security_code((name,))


_NAMES = [
    "cvv", "CVC 2", "c_v_v", "cid", "card-security-code", "pan", "card_number", "ccnum", "primary account number",
    "track2", "swipe", "card", "number", "note", "items", VISA,
]  # fmt: skip
_VALUES = [TRACK_1, TRACK_2, "123", 123, "4222222222222", 4222222222222, f"{VISA}D2512101"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False).map(float)
    | st.text() | card_numbers() | card_numbers().map(int) | st.sampled_from(_VALUES),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text() | st.sampled_from(_NAMES), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(number=card_numbers(), separator=st.sampled_from(SEPARATORS), data=st.data())
def test_the_quick_look_misses_nothing_that_the_careful_one_finds_G16(
    number: str, separator: str, data: st.DataObject
) -> None:
    written = apart(number, data.draw(st.lists(st.integers(1, 8), max_size=6)), separator)
    for text in (written, in_script(written.replace(separator, ""), "\u0660"), f"\u00e9 {written}"):
        for ascii_only in (True, False):
            body = json.dumps({"x": {"note": text}}, ensure_ascii=ascii_only).encode()
            assert screen(body, RULES).masked == ("x.note",)
    assert screen(f'{{"x": "{escaped(written)}"}}'.encode(), RULES).masked == ("x",)


@given(value=_JSON, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_what_passes_holds_no_card_data_and_the_rest_as_it_was(
    *, value: Any, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps({"x": value}, ensure_ascii=ascii_only, indent=indent)
    try:
        body = text.encode()
    except UnicodeEncodeError:
        return
    there = list(find_card_data(text, NOTHING))
    clean = masked(body, NOTHING)
    assert list(find_card_data(clean.decode(), NOTHING)) == []
    assert json.loads(clean, parse_float=Decimal) is not None
    assert (clean == body) == (not there)


@given(st.text('{}[]",:\\u0031 4-e.', max_size=200))
def test_what_is_no_json_is_looked_at_all_the_same(text: str) -> None:
    masked(text.encode(), NOTHING)


@pytest.mark.parametrize("body", [b"\xff\xfe4\x001\x00", b'"\xff' + VISA.encode(), b"", b"\xef\xbb\xbf{}"])
def test_what_is_not_utf_8_is_left_to_whoever_reads_it(body: bytes) -> None:
    assert screen(body, RULES).body == body


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000 + f"{VISA}," * 5_000, '{"a":' * 20_000 + f'"{VISA}",' * 5_000, '"' * 100_000, '"\\' * 50_000,
        '{"' + "card" * 20_000 + "000000000000", f'"{"1 " * 40_000}^"', f'"{escaped("4") * 10_000}"',
        "]" * 100_000 + VISA, '"cvv":' * 10_000, "1e" * 50_000 + "0" * 14 + "0e0",
    ],
)  # fmt: skip
def test_no_body_takes_long_to_screen(text: str) -> None:
    begin = time.process_time()
    masked(text.encode(), NOTHING)
    assert time.process_time() - begin < 5.0


BYTES = 240_000
"""A little less than a sale may have."""

TIMES_MAX = 40
"""What reading all that is wrong may cost, to reading a usual body of that size; a loaded machine doubles it."""


def wide(one: str) -> str:
    """Fill a text."""
    return json.dumps({"note": one * (BYTES // len(one))})


def listed(one: str, before: str, behind: str) -> str:
    """Fill a list that stands between two texts."""
    return f"{before}[{','.join([one] * (BYTES // (len(one) + 1)))}]{behind}"


LONG_NAME = "x" * (BYTES // 2)
HOSTILE = {
    "digits apart": wide("4 "),
    "other digits apart": wide(" ".join("".join(f"{number:06}" for number in range(0, 1_000_000, 50)))),
    "numbers in groups": wide("4111 1111 1111 1111 "),
    "tracks": wide("4111111111111111d2512101"),
    "numbers in a list": listed(f'"{VISA}"', '{"a":', "}"),
    "numbers deep inside": listed(f'"{VISA}"', '{"aaaaaaaaaaaa":' * 60, "}" * 60),
    "numbers below a long name": listed(f'{{"a":"{VISA}"}}', f'{{"{LONG_NAME}":', "}"),
    "codes below a long name": listed('{"a":"12"}', f'{{"cvv {LONG_NAME}":', "}"),
}


def seconds(call: Callable[[], Any]) -> float:
    """Measure the processor time of a call, the shorter of two."""
    took = []
    for _ in range(2):
        begin = time.process_time()
        with suppress(BadInput):
            call()
        took.append(time.process_time() - begin)
    return min(took)


@pytest.fixture(scope="module")
def usual() -> float:
    """Give the seconds of reading a usual body."""
    lines = [{"line_id": str(number), "item_id": f"400638{number:07}", "unit_price": 1.5} for number in range(3_700)]
    body = request(items=lines)
    assert abs(len(body) - BYTES) < BYTES / 10

    def read() -> None:
        screen(body, RULES)
        read_sale(read_container(body, Identity("store", "client")).payload, "", user_known=False)

    return seconds(read)


@pytest.mark.parametrize("what", HOSTILE)
def test_a_body_that_is_made_to_take_long_costs_no_more_than_some_usual_ones(usual: float, what: str) -> None:
    body = HOSTILE[what].encode()
    assert seconds(lambda: screen(body, RULES)) < TIMES_MAX * usual


def test_of_very_many_fields_some_are_warned_of_and_all_are_masked() -> None:
    screened = screen(request(notes=[VISA] * 3_000), RULES)
    assert VISA.encode() not in screened.body
    assert len(screened.masked) == 1_000
