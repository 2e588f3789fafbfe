"""The look for card data, which every request pays: regular expressions, that no count of instructions sees.

So this is the one ratio of time, to `json.loads` of the same request in the same moments. The least of many rounds is
what it takes undisturbed, on a busy machine as well.
"""

import json
import time

import pytest

from store_agent.domain import card_data
from tests.costs.backlog import RULES
from tests.costs.baskets import Letters, request
from tests.costs.budgets import beyond, hold
from tests.costs.counting import Work

ROUNDS = 60
CALLS = 5
KIND = "times json.loads"


def times_reading(body: bytes) -> float:
    """Give how many times as long as `json.loads` the look takes."""

    def look() -> None:
        for _ in range(CALLS):
            card_data.screen(body, RULES)

    def load() -> None:
        for _ in range(CALLS):
            json.loads(body)

    rounds = [(_nanoseconds(look), _nanoseconds(load)) for _ in range(ROUNDS)]
    return min(looked for looked, _ in rounds) / min(loaded for _, loaded in rounds)


def _nanoseconds(work: Work) -> int:
    begin = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - begin


@pytest.mark.parametrize("letters", Letters)
def test_looking_takes_no_longer_than_its_budget(letters: Letters) -> None:
    hold(f"looking for card data, {letters.value}", KIND, times_reading(request("T-1", letters)))


@pytest.mark.parametrize("letters", Letters)
def test_looking_at_every_text_would_be_noticed(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the quick look, each text and number is looked at."""
    monkeypatch.setattr(card_data, "_is_suspect", bool)
    beyond(f"looking for card data, {letters.value}", KIND, times_reading(request("T-1", letters)))
