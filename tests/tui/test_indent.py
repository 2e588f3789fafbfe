"""JSON is laid out without changing what it says: not a digit, not a letter, not the order."""

import json

from hypothesis import given
from hypothesis import strategies as st

from store_agent.tui.indent import indented

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_every_digit_and_every_escape_stays() -> None:
    text = '{"a":10.70,"b":[1e2,{}, []],"c":"\\u0041\\"{,}","d":{"e":-0.0}}'
    assert indented(text).splitlines() == [
        "{",
        '  "a": 10.70,',
        '  "b": [',
        "    1e2,",
        "    {},",
        "    []",
        "  ],",
        '  "c": "\\u0041\\"{,}",',
        '  "d": {',
        '    "e": -0.0',
        "  }",
        "}",
    ]


@given(_VALUES, st.booleans())
def test_it_is_laid_out_as_python_does_where_python_changes_nothing(value: object, ascii_only: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert indented(text) == json.dumps(value, ensure_ascii=ascii_only, indent=2)


def test_what_is_no_json_comes_back_as_it_is() -> None:
    assert indented('{"a": 1') == '{"a": 1'
    assert indented("[" * 100_000) == "[" * 100_000
