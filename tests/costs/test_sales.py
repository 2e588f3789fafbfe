"""What each sale costs on its way: read at the door, taken into the database, frozen and settled."""

import pytest

from tests.costs.baskets import Letters
from tests.costs.budgets import MEASURED, beyond, hold
from tests.costs.conftest import BacklogOf
from tests.costs.works import COUNTS, WORKS, cost

WAITING = 500

FIGURES = [(work, count) for work, counts in MEASURED.items() if work in WORKS for count in counts if count in COUNTS]


@pytest.mark.parametrize(("work", "count"), FIGURES)
def test_costs_no_more_than_its_budget(backlog_of: BacklogOf, work: str, count: str) -> None:
    hold(work, count, cost(backlog_of(WAITING), work, count))


@pytest.mark.parametrize(("work", "count"), FIGURES)
def test_a_doubled_cost_would_be_noticed(backlog_of: BacklogOf, work: str, count: str) -> None:
    """The control: the same work done twice is beyond the budget."""
    beyond(work, count, cost(backlog_of(WAITING), work, count, times=2))


@pytest.mark.parametrize("count", ["statements", "pages"])
def test_sales_that_no_longer_share_a_commit_would_be_noticed(backlog_of: BacklogOf, count: str) -> None:
    """The control for sales that come together: one by one they cost more."""
    backlog = backlog_of(WAITING)
    alone = 32 * cost(backlog, "taking a sale", count)
    beyond("taking 32 sales together", count, alone)


def test_what_costs_too_much_is_named() -> None:
    with pytest.raises(AssertionError, match=r"taking a sale: 1,000 pages, and the budget is .* reason in the commit"):
        hold("taking a sale", "pages", 1_000)


def test_every_figure_of_the_table_is_measured() -> None:
    looks = {f"looking for card data, {letters.value}" for letters in Letters}
    assert set(MEASURED) == set(WORKS) | looks | {"keeping a sale of 3 KB"}
