"""The two written forms of a fault."""

import pytest

from store_agent.errors import ConfigurationError
from store_agent.sandbox.fault import ARGUMENTS, Fault, fault_from_json, parse_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("down", Fault("down")),
        ("down:", Fault("down")),
        ("slow:ms=500", Fault("slow", ms=500)),
        ("hang:count=1", Fault("hang", count=1)),
        ("drop_before:probability=0.25", Fault("drop_before", probability=0.25)),
        ("drop_after:count=2,probability=.5", Fault("drop_after", count=2, probability=0.5)),
        ("status:code=429,retry_after=2,count=3", Fault("status", code=429, retry_after="2", count=3)),
        (
            "status:code=503,retry_after=Wed, 21 Oct 2026 07:28:00 GMT,count=1",
            Fault("status", code=503, retry_after="Wed, 21 Oct 2026 07:28:00 GMT", count=1),
        ),
        ("status:code=502,body=Bad gateway, sorry", Fault("status", code=502, body="Bad gateway, sorry")),
        ("captive", Fault("captive")),
        ("pending:times=2,http_status=409", Fault("pending", times=2, http_status=409)),
        ("refuse:ids=A1+A2", Fault("refuse", ids=("A1", "A2"))),
        (
            "refuse:ids=A1,message=Unknown item 7, or so,field=items.0.item_id,http_status=200",
            Fault("refuse", ids=("A1",), message="Unknown item 7, or so", field="items.0.item_id", http_status=200),
        ),
        ("poison:ids=A1", Fault("poison", ids=("A1",))),
        (" drip : ms = 20 , count = 1", Fault("drip", ms=20, count=1)),
    ],
)
def test_the_command_line_form_is_read(text, fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Known faults: down, slow"),
        ("flood", "There is no fault 'flood'"),
        ("slow", "needs ms, for example slow:ms=500"),
        ("status:retry_after=2", "needs code"),
        ("refuse", "needs ids"),
        ("poison:count=1", "needs ids"),
        ("drip", "needs ms"),
        ("slow:ms=fast", "ms must be a number, not 'fast'"),
        ("slow:ms=-1", "ms must be milliseconds from 1 to 600000"),
        ("slow:ms=600001", "ms must be milliseconds"),
        ("slow:500", "not of the form name=value"),
        ("down:ms=5", "takes no ms; it takes count, probability"),
        ("down:colour=red", "there is no argument 'colour'"),
        ("down:count=-1", "count must be a whole number"),
        ("down:probability=2", "probability must be a number from 0 to 1"),
        ("status:code=200", "code must be an HTTP status from 300 to 599"),
        ("status:code=304", "code must be an HTTP status"),
        ("status:code=503,retry_after=soon", "retry_after must be seconds or an HTTP date"),
        ("refuse:ids=A1+", "ids must be transaction ids"),
        ("refuse:ids=A1,http_status=100", "http_status must be"),
        ("pending:times=0", "times must be a whole number from 1"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_in_words(text, words):
    with pytest.raises(ConfigurationError, match=words.replace("(", r"\(")):
        parse_fault(text)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("down", "A fault is an object"),
        ({}, "A fault is an object"),
        ({"kind": 7}, "A fault is an object"),
        ({"kind": "slow", "ms": "500"}, "ms must be"),
        ({"kind": "slow", "ms": True}, "ms must be"),
        ({"kind": "down", "count": True}, "count must be"),
        ({"kind": "down", "probability": "1"}, "probability must be"),
        ({"kind": "down", "probability": float("nan")}, "probability must be"),
        ({"kind": "down", "asked": {}}, "there is no argument 'asked'"),
        ({"kind": "refuse", "ids": [1]}, "ids must be"),
        ({"kind": "refuse", "ids": "A1"}, "ids must be"),
        ({"kind": "refuse", "ids": ["A1"], "message": 5}, "message must be text"),
        ({"kind": "status", "code": 503, "retry_after": 1.5}, "retry_after must be"),
        ({"kind": "status", "code": 503, "retry_after": "2\r\nx: y"}, "retry_after must be"),
    ],
)
def test_a_mistake_in_json_is_told_in_words(value, words):
    with pytest.raises(ConfigurationError, match=words):
        fault_from_json(value)


def test_json_may_give_retry_after_as_a_number():
    assert fault_from_json({"kind": "status", "code": 503, "retry_after": 2}).retry_after == "2"


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_every_kind_can_be_written_as_json_and_read_again(kind):
    needed = {"slow": "ms=5", "drip": "ms=5", "status": "code=503", "refuse": "ids=A1", "poison": "ids=A1"}
    fault = parse_fault(f"{kind}:{needed.get(kind, 'count=3')},probability=0.5")

    assert fault_from_json(fault.as_json()) == fault
