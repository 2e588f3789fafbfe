"""Reading any number of rows page by page, and lengths of time as people type them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import typer

from store_agent.cli import pages
from store_agent.cli.durations import parse_duration


class Rows:
    """A queue of so many rows of which every `each`-th matches; a page looks at 10 rows, as the API looks at 10,000."""

    SCAN = 10

    def __init__(self, rows: int, each: int) -> None:
        self.rows, self.each, self.calls = rows, each, 0

    def call(self, method: str, path: str) -> dict[str, Any]:
        self.calls += 1
        asked = {name: int(values[0]) for name, values in parse_qs(urlsplit(path).query).items() if name != "text"}
        looked_at = range(asked["after"] + 1, min(asked["after"] + self.SCAN, self.rows) + 1)
        found = [number for number in looked_at if number % self.each == 0][: asked["limit"]]
        last = found[-1] if len(found) == asked["limit"] else looked_at.stop - 1
        ended = last >= self.rows
        following = None if ended else last
        return {"revisions": [{"sequence": number} for number in found], "next_after": following, "next_before": None}


def sequences(rows: Rows, after: int, limit: int | None) -> tuple[list[int], int | None]:
    found, following = [], None
    for page in pages.outbox_pages(rows, {"text": "rare"}, ("after", after), limit):  # type: ignore[arg-type]
        found += [row["sequence"] for row in page["revisions"]]
        following = page["next_after"]
    return found, following


def test_the_list_goes_on_until_it_has_as_many_as_asked_for() -> None:
    assert sequences(Rows(1_000, each=100), 0, 3) == ([100, 200, 300], 300)
    assert sequences(Rows(1_000, each=100), 300, 50) == ([400, 500, 600, 700, 800, 900, 1_000], None)


def test_the_list_without_a_limit_goes_to_the_end() -> None:
    assert sequences(Rows(25_000, each=5_000), 0, None) == ([5_000, 10_000, 15_000, 20_000, 25_000], None)
    assert sequences(Rows(0, each=1), 0, None) == ([], None)


def test_no_more_pages_are_asked_for_than_needed() -> None:
    rows = Rows(1_000, each=1)
    assert sequences(rows, 0, 10) == (list(range(1, 11)), 10)
    assert rows.calls == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15min", 900), ("2h", 7_200), ("3d", 259_200), ("1.5 h", 5_400), (" 2H ", 7_200)],
)
def test_lengths_of_time_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "h", "-5s", "5m", "5 weeks", "1e3s", "9999999999d", "5s5s"])
def test_what_is_no_length_of_time_is_told_with_examples(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="write for example 90s, 15min, 2h or 3d"):
        parse_duration(text)
