"""What the platform answers becomes one outcome, decided by the body as well as by the status."""

import json
from typing import Any

import pytest

from store_agent.cloud.sessionm.answers import SAID_MAX, read_outcome
from store_agent.cloud.sessionm.refusals import read_refusal
from store_agent.cloud.sessionm.wire import assemble
from store_agent.cloud.transport import Answer, NoAnswer
from store_agent.domain.batch import Member
from store_agent.domain.card_numbers import find_numbers
from store_agent.domain.container import Identity
from store_agent.domain.outcome import (
    Delivered,
    Halted,
    Loss,
    Outcome,
    Pending,
    PlatformFailure,
    Refused,
    Throttled,
    TooLarge,
    Transport,
)

NOW = 1_800_000_000.0
HTML = b"<!DOCTYPE html><html><body>Please log in to the hotel network</body></html>"


def body(status: str, code: str = "", message: str = "") -> bytes:
    errors = {"code": code, "message": message} if code else None
    return json.dumps({"status": status, "payload": None, "errors": errors}).encode()


def outcome(status: int, content: bytes = b"", **headers: str) -> Outcome:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_outcome(Answer(status, named, content), NOW)


@pytest.mark.parametrize("word", ["OK", "ok", "success", "Success"])
def test_success_is_said_in_several_words(word: str) -> None:
    assert isinstance(outcome(200, body(word)), Delivered)


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, HTML, Transport),
        (200, b"", Transport),
        (200, b"[]", Transport),
        (200, b'{"status": 5}', Transport),
        (200, b"[" * 100_000, Transport),
        (204, b"", Transport),
        (302, HTML, Transport),
        (502, b"", Transport),
        (503, HTML, Transport),
        (504, b"", Transport),
        (408, b"", Transport),
        (511, HTML, Transport),
        (403, HTML, Transport),
        (400, HTML, Transport),
        (401, b"", Halted),
        (403, b"", Halted),
        (403, body("Error", "forbidden"), Halted),
        (404, b"", Halted),
        (404, body("Error", "x"), Halted),
        (405, body("Error", "x"), Halted),
        (410, b"", Halted),
        (415, body("Error", "x"), Halted),
        (301, body("Error", "x"), Transport),
        (418, body("Error", "x"), Transport),
        (451, body("OK"), Transport),
        (413, b"", TooLarge),
        (413, body("Error", "x"), TooLarge),
        (500, b"", PlatformFailure),
        (500, HTML, PlatformFailure),
        (501, body("Error", "x"), PlatformFailure),
        (200, body("Error", "bad"), Refused),
        (400, body("Error", "bad"), Refused),
        (409, body("Error", "bad"), Refused),
        (422, body("Error", "bad"), Refused),
        (200, body("Error", "pending processing"), Pending),
        (409, body("Error", "Pending_Processing"), Pending),
        (500, body("Error", "PENDING-PROCESSING"), Pending),
        (429, b"", Throttled),
    ],
)
def test_each_answer_has_one_meaning(status: int, content: bytes, kind: type[Outcome]) -> None:
    assert type(outcome(status, content)) is kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Fri, 15 Jan 2027 08:01:40 GMT", 100.0),
        ("Fri, 15 Jan 2016 08:01:40 GMT", 0.0),
        ("soon", None),
        ("\u00b2", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    for status in (429, 503):
        found = outcome(status, retry_after=header)
        assert isinstance(found, Throttled)
        assert found.seconds == seconds


def test_the_platform_s_own_words_are_kept_and_clipped() -> None:
    found = outcome(400, body("Error", "unknown_employee", "Unknown employee 1000"))
    assert isinstance(found, Refused)
    assert found.words == "The platform does not know employee 1000."
    assert "unknown_employee" in found.said
    assert len(outcome(400, body("Error", "x", "y" * 10_000)).said) == SAID_MAX


def test_words_that_no_column_can_hold_are_made_harmless() -> None:
    content = b'{"status": "Error", "errors": {"code": "x", "message": "half \\ud83d' + b"y" * 100_000 + b'"}}'
    found = outcome(400, content)
    assert isinstance(found, Refused)
    assert found.words.encode()
    assert len(found.words) <= SAID_MAX


def test_a_refused_certificate_needs_a_person_a_broken_line_does_not() -> None:
    refused = read_outcome(NoAnswer("expired", cure="Renew it."), NOW)
    assert isinstance(refused, Halted)
    assert refused.cure
    assert isinstance(read_outcome(NoAnswer("no connection"), NOW), Transport)


@pytest.mark.parametrize("loss", list(Loss))
def test_where_a_call_got_lost_is_passed_on(loss: Loss) -> None:
    found = read_outcome(NoAnswer("w", loss), NOW)
    assert isinstance(found, Transport)
    assert found.loss is loss


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Unknown employee 1000", "The platform does not know employee 1000."),
        ("Employee '1000' was not found", "The platform does not know employee 1000."),
        ("item_id A-77 does not exist.", "The platform does not know item A-77."),
        ("No such user: 55-x", "The platform does not know customer 55-x."),
        ("Invalid quantity -1", "The platform refuses it: Invalid quantity -1"),
        ("The store was not found", "The platform refuses it: The store was not found"),
        ("Duplicate transaction", "The platform says that it has this sale already: Duplicate transaction"),
        (
            "items.0.line_id is required",
            "The platform misses items.0.line_id in this sale: items.0.line_id is required",
        ),
    ],
)
def test_a_refusal_is_told_in_plain_words(message: str, words: str) -> None:
    assert read_refusal({"errors": {"code": "x", "message": message}}).words == words


@pytest.mark.parametrize(
    ("errors", "fields"),
    [
        ({"code": "x", "fields": [{"path": "items.0.line_id", "message": "m"}]}, ("items.0.line_id",)),
        ({"message": "m", "fields": {"subtotal": ["bad"], "tax_total": ["bad"]}}, ("subtotal", "tax_total")),
        ([{"field": "a", "message": "m"}, {"field": "a"}, {"property": "b"}], ("a", "b")),
        ({"message": "m", "details": ["channel"]}, ("channel",)),
        ("just text", ()),
        (None, ()),
        ({"fields": [7, None, {"path": 5}]}, ()),
    ],
)
def test_the_fields_that_a_refusal_names_are_kept_in_whatever_form(errors: Any, fields: tuple[str, ...]) -> None:
    assert read_refusal({"errors": errors}).fields == fields


def request(*members: Member, culture: str | None = "en-US") -> tuple[str, bytes]:
    made = assemble(members, Identity('store "1"', "c"), culture, lambda: "id-1")
    assert made.request_id == "id-1"
    return made.endpoint, made.body


ODD = b'{ "transaction_id":"a\\u00e9",  "n":1.10, "big":123456789012345678901234567890.10 , "e":1E5 }'


def decoded(content: bytes) -> Any:
    return json.loads(content)


def test_one_sale_is_sent_alone_and_its_bytes_are_untouched_G7() -> None:
    endpoint, content = request(Member("", ODD))
    assert endpoint == "send_transaction"
    assert ODD in content
    assert {name: value for name, value in decoded(content).items() if name != "request_payload"} == {
        "store_id": 'store "1"',
        "client_id": "c",
        "request_id": "id-1",
        "culture": "en-US",
    }


def test_several_sales_share_a_request_and_their_bytes_are_untouched_G7() -> None:
    endpoint, content = request(Member("", ODD), Member("", b'{"transaction_id":"b"}'))
    assert endpoint == "send_batch_transaction"
    assert ODD in content
    assert [one["transaction_id"] for one in decoded(content)["request_payload"]["transactions"]] == ["aé", "b"]


def test_encoding_a_payload_anew_would_be_noticed_G7() -> None:
    """The control: the standard library alone changes digits, escapes and spaces."""
    assert json.dumps(json.loads(ODD)).encode() != ODD
    assert b"1.10" not in json.dumps(json.loads(ODD)).encode()


def test_a_culture_inside_another_field_is_not_the_request_s() -> None:
    _, content = request(Member('"meta": {"culture":"x"}', ODD))
    assert decoded(content)["culture"] == "en-US"


def test_container_fields_of_the_pos_come_before_our_own_culture_G7() -> None:
    _, content = request(Member('"culture": "de-DE", "user_id": "u"', ODD))
    assert decoded(content)["culture"] == "de-DE"
    assert decoded(content)["user_id"] == "u"
    assert content.count(b"culture") == 1
    assert "culture" not in decoded(request(Member("", ODD), culture=None)[1])


@pytest.mark.parametrize(
    "form", ["4111111111111111", "4111 1111-1111 1111", "\\u00341111111111 11111", "\uff14111111111111111"]
)
@pytest.mark.parametrize("status", [200, 400, 401, 429, 500, 503])
def test_a_card_number_that_the_platform_says_is_not_kept_G16(form: str, status: int) -> None:
    content = f'{{"status": "Error", "errors": {{"code": "x", "message": "Invalid user {form}"}}}}'.encode()
    found = outcome(status, content)
    told = f"{getattr(found, 'words', '')} {found.said}"
    assert "*" in found.said
    assert not find_numbers(told)
    assert not find_numbers(str(json.loads(found.said)))


def test_a_card_number_at_the_end_of_what_is_kept_is_masked_before_the_cut_G16() -> None:
    content = b"x" * (SAID_MAX - 15) + b" 4111111111111111"
    assert "1111111" not in outcome(500, content).said
