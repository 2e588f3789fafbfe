"""A line that is down for days: every sale arrives, in order, and age ends none."""

from collections.abc import Iterator

import pytest

from tests.simulation.draw import chance_of
from tests.simulation.faults import Fault, Window
from tests.simulation.folder import Folder, open_folder
from tests.simulation.plan import Call, Pace, Plan, Scenario, TillPlan
from tests.simulation.sales import Book
from tests.simulation.world import run_plan

DAYS = 3.7
SECONDS = DAYS * 86_400
SALES = 40_000
CALL = 20
LANES = 8


@pytest.fixture
def folder() -> Iterator[Folder]:
    with open_folder() as opened:
        yield opened


def planned() -> Plan:
    """Eight lanes that sell through the whole outage; nothing keeps a sale from sharing a request with the next."""
    book = Book(chance_of(0, "outage"), 0, plain=True)
    down = Window(Fault.REFUSED, 60.0, SECONDS, 1.0)
    lanes = tuple(TillPlan(f"lane-{lane}", sold(book, SALES // CALL // LANES)) for lane in range(LANES))
    return Plan(0, Scenario.OUTAGE, lanes, (down,), pace=Pace(work=0.3), calm_at=SECONDS, person=False)


def sold(book: Book, calls: int) -> tuple[Call, ...]:
    """Spread the calls of a lane over the outage."""
    pause = SECONDS / (calls + 1)
    return tuple(Call(pause, tuple(book.revise(book.open()) for _ in range(CALL))) for _ in range(calls))


def overtaken_by(first_tries: list[tuple[int, ...]]) -> int:
    """Return by how many younger sales, at most, a sale was overtaken on its way out."""
    newest, most = 0, 0
    for sequences in first_tries:
        most = max(most, newest - sequences[0])
        newest = max(newest, *sequences)
    return most


def test_a_long_outage_ends_with_every_sale_delivered_in_order_G2_G4(folder: Folder) -> None:
    plan = planned()
    result = run_plan(plan, folder.fresh(), keeps_trace=False)
    assert result.violations == []
    assert result.counts["virtual seconds"] >= SECONDS
    assert result.counts["sales"] == result.counts["ended: delivered"] == SALES
    assert overtaken_by(result.first_tries) == 0
