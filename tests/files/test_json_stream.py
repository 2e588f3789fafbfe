"""JSON in pieces is the same as JSON whole."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.errors import BadInput
from store_agent.files.json_stream import JsonStream
from tests.support.pieces import pieces_of

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
LAYOUTS = st.sampled_from([{"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"indent": "\t"}])


PIECES = st.integers(1, 40) | st.just(65_536)


def stream(text: str) -> JsonStream:
    return JsonStream(io.StringIO(text))


def walked(source: JsonStream) -> Any:
    """Read everything with the walkers alone."""
    mark = source.peek()
    if mark == "{":
        return {name: walked(source) for name in source.members()}
    if mark == "[":
        return [walked(source) for _ in source.elements()]
    return source.value()


@given(JSON, LAYOUTS, PIECES)
def test_a_value_is_what_the_standard_library_reads(value: Any, layout: dict[str, Any], piece: int) -> None:
    text = f" {json.dumps(value, **layout)}\n"
    with pieces_of(piece):
        for read in (JsonStream.value, walked):
            source = stream(text)
            assert read(source) == value
            source.end()


@given(JSON, LAYOUTS, PIECES)
def test_what_is_skipped_is_passed_to_its_end(value: Any, layout: dict[str, Any], piece: int) -> None:
    source = stream(json.dumps([value, 1], **layout))
    with pieces_of(piece):
        for number in source.elements():
            if number == 0:
                source.skip()
            else:
                assert source.value() == 1
        source.end()


@given(st.dictionaries(st.text(), JSON, min_size=1), PIECES, st.data())
def test_a_text_that_was_cut_off_is_noticed(value: Any, piece: int, data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pieces_of(piece):
        for read in (JsonStream.value, walked, JsonStream.skip):
            with pytest.raises(BadInput):
                read(stream(cut))


@pytest.mark.parametrize("piece", [1, 2, 7, 65_536])
@pytest.mark.parametrize(
    "text", ["[tru", "[\ntru", "[1, 2,\n\n  3,\ttru", "[" + "1," * 90 + "\n1, tru", '["\n"]', "[1\n 2]"]
)
def test_the_place_of_a_mistake_is_told(text: str, piece: int) -> None:
    with pytest.raises(json.JSONDecodeError) as told:
        json.loads(text)
    with pieces_of(piece), pytest.raises(BadInput) as caught:
        walked(stream(text))
    assert f"(line {told.value.lineno}, column {told.value.colno})" in caught.value.message


@pytest.mark.parametrize("piece", [1, 65_536])
@pytest.mark.parametrize(
    "text",
    ["[1 2]", "[1,]", "{1: 2}", '{"a" 1}', '{"a": 1,}', '{"a": 1 "b": 2}', "[", "{", '{"a"', '{"a":', "]", "}", ","],
)
def test_the_walkers_take_nothing_that_is_not_json(text: str, piece: int) -> None:
    with pieces_of(piece), pytest.raises(BadInput, match="not acceptable JSON"):
        walked(stream(text))


def test_a_mistake_is_told_without_reading_the_rest() -> None:
    text = io.StringIO('[{"a" 1}, ' + "1," * 10_000)
    source = JsonStream(text)
    with pieces_of(64), pytest.raises(BadInput, match="Expecting ':' delimiter"):
        next(source.elements()) or source.value()
    assert text.tell() <= 128


def test_reading_in_pieces_is_what_makes_numbers_dangerous() -> None:
    """The control: a decoder that trusts the end of a piece reads 1 of 1.5, as the standard library's does."""
    assert json.JSONDecoder().raw_decode("1.") == (1, 1)
    with pieces_of(2):
        assert stream("1.5").value() == 1.5


def test_many_lists_beside_each_other_are_not_deep() -> None:
    value: list[Any] = [[{"a": []}]] * 200
    source = stream(json.dumps(value))
    assert walked(source) == value
    source.end()
