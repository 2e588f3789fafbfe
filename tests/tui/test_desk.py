"""What is typed into the field of the receipt desk is asked in the way in which it is most likely meant."""

import pytest

from store_agent.tui.desk import found_row, questions
from tests.tui.shop import clock

NOW = clock("14:32")

pytestmark = pytest.mark.usefixtures("in_chicago")


def kinds(typed: str) -> list[str]:
    return [next(iter(question)) for question in questions(typed, NOW)]


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("2121d92f-0000-4000-8000-000000000000", ["code", "transaction_id"]),
        ("https://rewards.example.com/r/abcd", ["code", "transaction_id"]),
        ("S-0314-0084", ["code", "transaction_id", "last"]),
        ("0084", ["code", "transaction_id", "last"]),
        ("084", ["code", "transaction_id"]),
        ("12.50", ["code", "transaction_id", "amount"]),
        ("12.50 14:02", ["amount"]),
        ("12 9:02", ["amount"]),
        ("-12,5 2026-03-01 14:02", ["amount"]),
        ("12.50 25:61", ["code", "transaction_id"]),
        ("12.50 2026-02-30 14:02", ["code", "transaction_id"]),
    ],
)
def test_the_likeliest_is_asked_first(typed: str, asked: list[str]) -> None:
    assert kinds(typed) == asked


def test_a_time_is_the_store_s_own_and_never_one_to_come() -> None:
    (morning,) = questions("12,50 8:02", NOW)  # it is 9:32 in Chicago
    (evening,) = questions("12.50 22:02", NOW)
    (named,) = questions("12.50 2026-01-05T22:02", NOW)
    assert morning == {"amount": "12.50", "around": "2026-03-14T08:02:00-05:00"}
    assert evening["around"] == "2026-03-13T22:02:00-05:00"
    assert named["around"] == "2026-01-05T22:02:00-06:00"


def test_an_amount_alone_is_looked_for_within_a_day() -> None:
    *_, amount = questions("12,50", NOW)
    assert amount == {"amount": "12.50", "around": "2026-03-14T09:32:00-05:00", "within_minutes": "1440"}


def test_a_code_without_a_sale_has_a_line_too() -> None:
    receipt = {
        "transaction_id": "T-1",
        "payment_id": "P1",
        "terminal": "lane-1",
        "sale": None,
        "used": False,
    }
    assert found_row(receipt, NOW) == ("-", "-", "lane-1", "not used yet", "T-1 (P1)")
