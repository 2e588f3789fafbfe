"""Histories that once broke a guarantee, each as small as it can be told."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.simulation.draw import chance_of
from tests.simulation.faults import Fault, Window
from tests.simulation.folder import Folder, open_folder
from tests.simulation.plan import Act, Call, End, Nature, Plan, PlannedEnd, Scenario, TillPlan
from tests.simulation.sales import Book, PlannedSale
from tests.simulation.verdict import Violation
from tests.simulation.world import run_plan

CALM = 100.0


@pytest.fixture
def folder() -> Iterator[Folder]:
    with open_folder() as opened:
        yield opened


def sales(count: int) -> list[PlannedSale]:
    book = Book(chance_of(0, "histories"), 0, plain=True)
    return [book.revise(book.open()) for _ in range(count)]


def lived(folder: Folder, calls: Sequence[tuple[float, Sequence[PlannedSale]]], **trouble: Any) -> list[Violation]:
    """Let one lane make calls, each some seconds after the last, and give what went wrong; nobody helps."""
    till = TillPlan("lane", tuple(Call(pause, tuple(sold)) for pause, sold in calls))
    plan = Plan(0, Scenario.STORM, (till,), calm_at=CALM, person=False, **trouble)
    return run_plan(plan, folder.fresh()).violations


def test_a_sale_whose_commit_was_in_doubt_goes_out_without_another_one_G2(folder: Folder) -> None:
    """It is stored, the till hears of a failure and asks again, and nothing more is ever sold."""
    forgets = Window(Fault.DISK_FORGETS, 10.0, 15.0, 1.0)
    assert lived(folder, [(12.0, sales(1))], windows=(forgets,)) == []


def test_a_retry_whose_commit_was_in_doubt_goes_out_without_another_one_G2(folder: Folder) -> None:
    """A manager lets a refused sale go again, hears of a failure, and leaves it at that."""
    forgets = Window(Fault.DISK_FORGETS, 10.0, 20.0, 1.0)
    nature = Nature(bad=frozenset({1}), mended_at=9.0)
    acts = tuple((15.0 + number / 10, Act.RETRY) for number in range(4))
    assert lived(folder, [(1.0, sales(1))], windows=(forgets,), acts=acts, nature=nature) == []


def test_a_new_sale_in_one_call_with_an_old_one_goes_out_G2(folder: Folder) -> None:
    """The call ends with a sale that was sold before; the line is not up yet, as the agent has just started."""
    old, new, *more = sales(8)
    restart = PlannedEnd(20.0, End.RESTART, 5.0)
    calls = [(1.0, [old]), (1.0, more), (30.0, [new, old])]
    assert lived(folder, calls, ends=(restart,)) == []


def test_a_request_that_failed_after_its_work_was_done_is_not_taken_apart_G2(folder: Folder) -> None:
    """The platform takes it and answers 500; then its front door answers 500 to everything for a while."""
    windows = (Window(Fault.FAILS_AFTER, 0.0, 1.35, 1.0), Window(Fault.DOOR_500, 1.3, 60.0, 1.0))
    assert lived(folder, [(1.0, sales(3))], windows=windows) == []
