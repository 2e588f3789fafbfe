"""What a manager types and what the agent is asked, which takes it."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.api.filters import PageQuery
from store_agent.domain.lifecycle import Listed
from store_agent.tui.filters import LISTS, Filters


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        (Filters(), {}),
        (Filters(state="open"), {"state": "open"}),
        (Filters(terminal="lane-1", text="T-47"), {"terminal": "lane-1", "text": "T-47"}),
        (Filters(older_than="90s"), {"older_than_seconds": 90.0}),
        (Filters(older_than=" 15 MIN "), {"older_than_seconds": 900.0}),
        (Filters(younger_than="1.5h"), {"younger_than_seconds": 5_400.0}),
        (Filters(younger_than="3d"), {"younger_than_seconds": 259_200.0}),
        (Filters(younger_than="0s"), {"younger_than_seconds": 0.0}),
        (Filters(amount_min="10", amount_max=" 1,000.50 "), {"amount_min": "10", "amount_max": "1000.50"}),
        (Filters(cause="Item 7 is unknown."), {"cause": "Item 7 is unknown."}),
    ],
)
def test_what_is_typed_is_what_the_agent_is_asked(typed: Filters, query: dict[str, Any]) -> None:
    assert typed.as_query() == query
    PageQuery.model_validate(query)


@pytest.mark.parametrize("age", ["5", "h", "-5min", "5 weeks", "1h30", "nan s", "1e3s"])
def test_what_is_no_length_of_time_is_named_with_an_example(age: str) -> None:
    for typed in (Filters(older_than=age), Filters(younger_than=age)):
        with pytest.raises(ValueError, match=f"“{age}” is no length of time; write it like 90s, 15min, 2h or 3d."):
            typed.as_query()


@pytest.mark.parametrize("amount", ["ten", "10 EUR", "NaN", "Infinity", "1_0", "1e999999", "--1", "999999999"])
def test_what_is_no_amount_is_named_with_an_example(amount: str) -> None:
    for typed in (Filters(amount_min=amount), Filters(amount_max=amount)):
        with pytest.raises(ValueError, match=f"“{amount}” is no amount; write it like 10 or 10.50."):
            typed.as_query()


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_typed_is_a_query_or_refused(age: str, amount: str) -> None:
    for typed in (Filters(older_than=age), Filters(amount_min=amount)):
        with suppress(ValueError):
            assert all(value not in ("", None) for value in typed.as_query().values())


def test_the_words_say_all_that_is_looked_for() -> None:
    typed = Filters("open", "lane-1", "15min", "2h", "10", "1,000", "T\x1b4", "Item 7.")
    assert typed.words == (
        "lane lane-1, older than 15min, younger than 2h, from 10.00, up to 1,000.00, with “T�4”, refused for: Item 7."
    )
    assert Filters("open").words == ""


def test_every_list_of_the_agent_can_be_shown() -> None:
    assert set(LISTS) == {"", *Listed}
    assert Filters("parked").plain_state
    assert not Filters("parked", text="T").plain_state
