"""What a sale costs is the same however many wait (DESIGN, section 5).

Pages are not counted here: receipt codes have no order, so that those of 32 sales lie on more pages of a larger index.
"""

import pytest

from store_agent.storage import intake, outbox
from tests.costs.conftest import BacklogOf
from tests.costs.works import READING, WORKS, cost

FEW, MANY = 50, 2_000
WITHIN = 0.05

KINDS = ("opcodes", "statements", "steps of SQLite")
TAKING, FREEZING = "taking a sale", "freezing a batch of ten"


def growth(backlog_of: BacklogOf, work: str, kind: str) -> float:
    """Give how many times as much some work costs when many wait."""
    few, many = (cost(backlog_of(waiting), work, kind) for waiting in (FEW, MANY))
    return many / few


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("work", [work for work in WORKS if work != READING])
def test_costs_the_same_with_many_waiting_sales_as_with_few_G11(backlog_of: BacklogOf, work: str, kind: str) -> None:
    times = growth(backlog_of, work, kind)
    assert times == pytest.approx(1, abs=WITHIN), f"{work} takes {times:.2f} times the {kind} with {MANY} waiting sales"


@pytest.mark.parametrize("kind", KINDS)
def test_freezing_more_where_more_waits_would_be_noticed_G11(
    backlog_of: BacklogOf, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: who takes more than one batch has more to do where more wait, here 20 batches instead of 5."""
    monkeypatch.setitem(WORKS, FREEZING, lambda backlog: backlog.freeze(batches=20))
    assert growth(backlog_of, FREEZING, kind) > 3


@pytest.mark.parametrize(
    ("work", "place", "ordered"),
    [
        (TAKING, (intake._SQL, "look_around"), "max(sequence)"),
        (FREEZING, (outbox._SQL, "waiting_candidates"), "ORDER BY sequence"),
    ],
    ids=(TAKING, FREEZING),
)
def test_a_statement_that_looks_at_all_rows_would_be_noticed_G11(
    backlog_of: BacklogOf, work: str, place: tuple[dict[str, str], str], ordered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the order of the table it finds the same rows, and only SQLite's own steps tell."""
    queries, name = place
    assert ordered in queries[name]
    monkeypatch.setitem(queries, name, queries[name].replace(ordered, ordered.replace("sequence", "+sequence")))
    assert growth(backlog_of, work, "opcodes") == pytest.approx(1, abs=WITHIN)
    assert growth(backlog_of, work, "steps of SQLite") > 5
