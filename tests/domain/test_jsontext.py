"""Values come with the place where they stand, and only acceptable JSON is read."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.jsontext import DEPTH_MAX, ObjectText, read_elements, read_root, read_text
from store_agent.errors import BadInput

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(
    st.dictionaries(st.text(), JSON, max_size=6), st.sampled_from([None, 1, "\t"]), st.sampled_from(["", " ", "\r\n"])
)
def test_every_span_is_the_text_of_its_value(members: dict[str, Any], indent: Any, around: str) -> None:
    text = around + json.dumps(members, indent=indent) + around
    spans = read_root(text)
    assert list(spans) == list(members)
    for name, span in spans.items():
        assert json.loads(text[span.start : span.end]) == members[name]


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=4), st.sampled_from([None, 1]))
def test_elements_of_a_list_are_found_in_order(elements: list[dict[str, Any]], indent: Any) -> None:
    text = "  " + json.dumps(elements, indent=indent) + "  "
    found = [element.own_text for element in read_elements(text, 2)]
    assert [json.loads(own) for own in found] == elements


@given(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from([None, 1]))
def test_the_last_end_is_where_another_member_can_be_put(members: dict[str, Any], indent: Any) -> None:
    text = json.dumps(members, indent=indent)
    place = ObjectText(text, 0, len(text), members).last_end()
    put = text[:place] + ("," if members else "") + '"~new~":1' + text[place:]
    assert json.loads(put) == members | {"~new~": 1}


def test_digits_survive_as_decimals() -> None:
    root = read_root('{"a": 1.10, "b": 123456789012345678901234567890.123456789, "c": 1e3}')
    assert [str(span.value) for span in root.values()] == ["1.10", "123456789012345678901234567890.123456789", "1E+3"]
    assert isinstance(root["a"].value, Decimal)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "must be a JSON object"),
        (b"[]", "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b"{", "a key in quotes is missing"),
        (b'{"a":1,}', "a key in quotes is missing"),
        (b'{"a" 1}', "a colon is missing"),
        (b'{"a":1 "b":2}', "a comma or } is missing"),
        (b'{"a":tru}', "not JSON"),
        (b'{"a":1} x', "text after the end"),
        (b'{"a":1}{"a":1}', "text after the end"),
        (b"\xff", "not UTF-8 (byte 1)"),
        (b'{"a":"\x01"}', "not JSON"),
        (b'{"a":NaN}', "NaN is not a JSON number"),
        (b'{"a":-Infinity}', "-Infinity is not a JSON number"),
        (b'{"a":1,"a":2}', "'a' stands twice"),
        (b'{"a":{"b":1,"b":2}}', "'b' stands twice"),
        (b'{"a":' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"a":1e99999999999999999999}', "too many digits"),
        (b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", f"deeper than {DEPTH_MAX} levels"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, f"deeper than {DEPTH_MAX} levels"),
    ],
)
def test_what_is_not_acceptable_json_is_refused_with_the_reason(body: bytes, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_root(read_text(body))
    assert refused.value.code == "invalid_json"
    assert words in refused.value.message


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_root(read_text(b'\xef\xbb\xbf{"a": 1}'))["a"].value == 1


def test_a_key_that_stands_twice_among_many_is_found_in_one_pass() -> None:
    """Quadratic work would take minutes here."""
    members = ",".join(f'"k{number}":1' for number in range(300_000))
    with pytest.raises(BadInput, match="'k1' stands twice"):
        read_root('{"a":{' + members + ',"k1":2}}')


def test_brackets_inside_strings_do_not_count_as_nesting() -> None:
    text = json.dumps({"a": "[{" * 200 + '\\"', "b": ["x"] * 100})
    assert read_root(read_text(text.encode())).keys() == {"a", "b"}


def test_many_flat_objects_are_not_deep() -> None:
    text = json.dumps({"items": [{"line_id": str(line)} for line in range(500)]})
    assert len(read_root(read_text(text.encode()))["items"].value) == 500


SPACES = st.text(" \t\r\n", max_size=3)


@st.composite
def objects(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """Draw the text of an object with spaces anywhere, and its members as name and text."""
    named = draw(st.dictionaries(st.text(max_size=6), JSON, min_size=1, max_size=5))
    members = [(name, json.dumps(value, indent=draw(st.sampled_from([None, 1])))) for name, value in named.items()]
    parts = [
        f"{draw(SPACES)}{json.dumps(name)}{draw(SPACES)}:{draw(SPACES)}{text}{draw(SPACES)}" for name, text in members
    ]
    return "{" + ",".join(parts) + "}", members


@given(objects(), st.data(), st.sampled_from(["", '{"a": 1} ', "\n"]))
def test_a_member_is_taken_out_and_every_other_one_stays_to_the_letter_G7(
    drawn: tuple[str, list[tuple[str, str]]], data: st.DataObject, around: str
) -> None:
    own, members = drawn
    name = data.draw(st.sampled_from([name for name, _ in members]))
    whole = ObjectText(around + own + around, len(around), len(around) + len(own), json.loads(own))
    left = whole.without(name)
    assert [(one, left[span.start : span.end]) for one, span in read_root(left).items()] == [
        member for member in members if member[0] != name
    ]
    gone = (json.dumps(name), next(text for one, text in members if one == name))
    assert any(_only(cut, *gone) for cut in cuts(own, left))


def test_an_object_written_anew_without_a_member_would_be_noticed_G7() -> None:
    """The control: reading and writing loses digits and spaces."""
    own = '{"a": 1.10 , "b":2 , "c":3}'
    assert cuts(own, ObjectText(own, 0, len(own), json.loads(own)).without("b")) != []
    assert cuts(own, json.dumps({"a": 1.10, "c": 3})) == []


def cuts(own: str, left: str) -> list[str]:
    """Give every piece that was cut out of a text if this is what is left of it."""
    size = len(own) - len(left)
    return [own[start : start + size] for start in range(len(own)) if own[:start] + own[start + size :] == left]


def _only(cut: str, name: str, value: str) -> bool:
    """Tell whether a piece of text is one member with its spaces, and at most one comma."""
    rest = "".join(cut.split(name, 1)).partition(":")
    ends = (rest[0], *rest[2].rsplit(value, 1))
    return len(ends) == 3 and rest[1] == ":" and "".join(ends).replace(",", "", 1).strip(" \t\r\n") == ""
