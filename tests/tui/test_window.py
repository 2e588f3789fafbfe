"""The part of a long list that is at hand, against a plain list: whatever comes, goes and is answered late."""

from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from store_agent.tui.window import KEPT_MAX, PAGE, Ask, SalePage, Window
from tests.tui.long_queue import LongQueue

ROUNDS_MAX = 300
"""Pages after which fetching ahead must have come to rest: a page may hold a single sale."""


class Looking:
    """Somebody looks at a queue. What is asked for is answered at once, unless a test holds answers up."""

    def __init__(self, queue: LongQueue, height: int = 20, *, newest_first: bool = False) -> None:
        self.queue = queue
        self.height = height
        self.window = Window(newest_first)

    def take(self, asked: Ask, page: SalePage | None = None) -> None:
        """Take an answer as the list does, by default the one that is given now."""
        self.window.take(asked, page or self.queue.page(asked))
        self.window.move(0, self.height)

    def fill(self) -> None:
        for _ in range(ROUNDS_MAX):
            ask = self.window.wants(self.height)
            if ask is None:
                return
            self.take(ask)
        raise AssertionError("Pages are fetched and dropped again without end.")

    def go(self, asked: Ask) -> None:
        self.take(asked)
        self.fill()

    def refresh(self) -> None:
        self.go(self.window.again())

    @property
    def chosen(self) -> int | None:
        row = self.window.chosen
        return None if row is None else row["sequence"]

    @property
    def held(self) -> list[int]:
        return [row["sequence"] for row in self.window.rows]

    @property
    def seen(self) -> list[int]:
        return self.held[self.window.top : self.window.top + self.height]

    def walk(self, by: int) -> list[int]:
        """Move in steps from the beginning, or backwards from the end, as far as it goes; gives all seen."""
        self.go(self.window.from_start() if by > 0 else self.window.from_end())
        found = dict.fromkeys(self.seen)
        before = None
        while self.chosen != before:
            before = self.chosen
            self.window.move(by, self.height)
            self.fill()
            found |= dict.fromkeys(self.seen)
        return sorted(found, reverse=self.window.newest_first)


def check(looking: Looking) -> None:
    """Hold what is at hand to what it promises."""
    window, held = looking.window, looking.held
    assert held == sorted(set(held), reverse=window.newest_first), "A sale is twice in the list, or out of order."
    assert len(held) <= KEPT_MAX + PAGE
    assert 0 <= window.top <= window.cursor <= max(0, len(held) - 1)
    assert window.cursor < window.top + looking.height, "The cursor is not seen."
    if window.last_known and window.top:
        assert len(looking.seen) == looking.height, "There are blank lines below, and sales above."


heights = st.integers(1, 60) | st.integers(100, 250)
places = st.integers(0, 10**6)


class Windows(RuleBasedStateMachine):
    """Moves, jumps and looks again while sales come and go, with answers that come late and in any order."""

    @initialize(newest_first=st.booleans(), number=st.integers(0, 2_000), step=st.sampled_from([1, 45]), height=heights)
    def begin(self, *, newest_first: bool, number: int, step: int, height: int) -> None:
        self.newest = number
        queue = LongQueue(range(1, number + 1, step), scan=300 if step > 1 else 10_000)
        self.looking = Looking(queue, height, newest_first=newest_first)
        self.flying: list[tuple[Ask, SalePage]] = []
        self.looking.go(self.looking.window.from_start())

    @property
    def queue(self) -> LongQueue:
        return self.looking.queue

    def place(self, where: int) -> int:
        return 1 + where % max(1, self.newest)

    @rule(number=st.integers(1, 30) | st.integers(600, 700), skipped=st.sampled_from([0, 0, 100]))
    def come(self, number: int, skipped: int) -> None:
        first = self.newest + skipped + 1
        self.newest = first + number - 1
        self.queue.add(range(first, self.newest + 1))

    @rule(where=places, number=st.integers(1, 800))
    def come_back(self, where: int, number: int) -> None:
        first = self.place(where)
        self.queue.add(range(first, min(first + number, self.newest + 1)))

    @rule(where=places, number=st.integers(1, 1_500), step=st.sampled_from([1, 1, 2, 45]))
    def vanish(self, where: int, number: int, step: int) -> None:
        first = self.place(where)
        self.queue.remove(range(first, first + number, step))

    @rule(around=st.integers(1, 100))
    def vanish_where_it_is_looked(self, around: int) -> None:
        self.queue.remove(self.looking.seen[:around])

    @rule(by=st.integers(-70, 70))
    def move(self, by: int) -> None:
        self.looking.window.move(by, self.looking.height)

    @rule(by=st.sampled_from([-3, 3, -40, 40]))
    def scroll(self, by: int) -> None:
        self.looking.window.scroll(by, self.looking.height)

    @rule(line=st.integers(-1, 60))
    def click(self, line: int) -> None:
        if line < self.looking.height:
            self.looking.window.choose(self.looking.window.top + line)

    @rule(height=heights)
    def resize(self, height: int) -> None:
        self.looking.height = height
        self.looking.window.move(0, height)

    @rule(what=st.sampled_from(["start", "end", "end", "sequence", "again", "more", "more"]), where=places)
    def ask(self, what: str, where: int) -> None:
        window = self.looking.window
        asks = {
            "start": window.from_start(),
            "end": window.from_end(),
            "sequence": window.from_sequence(self.place(where)),
            "again": window.again(),
            "more": window.wants(self.looking.height),
        }
        asked = asks[what]
        if asked is not None:
            self.flying.append((asked, self.queue.page(asked)))

    @precondition(lambda self: self.flying)
    @rule(which=places)
    def be_answered(self, which: int) -> None:
        self.looking.take(*self.flying.pop(which % len(self.flying)))

    @rule()
    def fill(self) -> None:
        self.looking.fill()

    @rule()
    def look_again(self) -> None:
        chosen = self.looking.chosen
        for _ in range(2):  # where more came between than is kept, the second one shows it
            self.looking.refresh()
            if chosen in self.queue.all:
                assert self.looking.chosen == chosen, "The cursor left its sale."
        assert set(self.looking.held) <= set(self.queue.all), "What is gone is still shown."
        assert self.looking.held or not self.queue.all, "Nothing is shown, and there is something."

    @invariant()
    def keeps_its_promises(self) -> None:
        check(self.looking)

    def teardown(self) -> None:
        everything = self.queue.shown(newest_first=self.looking.window.newest_first)
        self.looking.height = max(20, self.looking.height)
        step = self.looking.height - 1
        assert self.looking.walk(step) == everything, "Not all is reached by going down."
        assert self.looking.walk(-step) == everything, "Not all is reached by going up."


TestWindows = Windows.TestCase
TestWindows.settings = settings(max_examples=100, stateful_step_count=25)


def test_the_first_sale_is_chosen_after_a_jump_to_the_start() -> None:
    looking = Looking(LongQueue(range(1, 2_001)))
    looking.go(looking.window.from_sequence(1_500))
    assert looking.chosen == 1_500
    looking.go(looking.window.from_start())
    assert (looking.chosen, looking.seen) == (1, list(range(1, 21)))
    looking.go(looking.window.from_end())
    assert (looking.chosen, looking.seen) == (2_000, list(range(1_981, 2_001)))


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_cursor_stays_on_its_sale_where_a_page_holds_few(*, newest_first: bool) -> None:
    looking = Looking(LongQueue(range(1, 20_000, 1_000), scan=50), newest_first=newest_first)
    looking.go(looking.window.from_start())
    looking.window.move(7, looking.height)
    chosen = looking.chosen
    looking.take(looking.window.again())
    assert looking.chosen == chosen


@pytest.mark.parametrize("number", [1, 100, 10_000])
def test_the_cursor_stays_on_its_sale_however_many_come_above_it(number: int) -> None:
    looking = Looking(LongQueue(range(1, 101)), newest_first=True)
    looking.go(looking.window.from_start())
    looking.window.move(5, looking.height)
    looking.queue.add(range(101, 101 + number))
    looking.queue.remove([94, 96])
    for _ in range(2):
        looking.refresh()
        assert looking.chosen == 95
        assert len(looking.held) <= KEPT_MAX + PAGE
    assert not {94, 96} & set(looking.held)


def test_a_page_that_was_asked_for_before_the_list_changed_is_not_put_below_it() -> None:
    looking = Looking(LongQueue(range(1, 2_001)))
    looking.take(looking.window.from_start())
    looking.window.move(130, looking.height)
    below = looking.window.wants(looking.height)
    assert below is not None
    late = looking.queue.page(below)
    looking.window.scroll(10, looking.height)
    looking.take(looking.window.again())
    looking.take(below, late)
    assert looking.held == sorted(set(looking.held))


@pytest.mark.parametrize("jump", [100, 1_500])
def test_a_refresh_that_comes_late_does_not_undo_a_jump(jump: int) -> None:
    looking = Looking(LongQueue(range(1, 2_001)))
    looking.go(looking.window.from_sequence(700))
    again = looking.window.again()
    late = looking.queue.page(again)
    looking.go(looking.window.from_sequence(jump))
    looking.take(again, late)
    assert looking.chosen == jump


def test_when_all_that_is_seen_goes_away_what_is_above_is_shown() -> None:
    looking = Looking(LongQueue(range(1, 501)))
    looking.go(looking.window.from_end())
    looking.queue.remove(range(400, 501))
    looking.refresh()
    assert looking.chosen == 399
    assert looking.seen == list(range(380, 400))


def test_when_everything_goes_away_it_comes_to_rest() -> None:
    looking = Looking(LongQueue(range(1, 501)))
    looking.go(looking.window.from_end())
    looking.queue.remove(range(1, 501))
    looking.refresh()
    assert (looking.chosen, looking.window.wants(looking.height)) == (None, None)


def test_going_near_the_end_leaves_no_blank_lines() -> None:
    looking = Looking(LongQueue(range(1, 501)))
    looking.go(looking.window.from_sequence(499))
    assert (looking.chosen, looking.seen) == (499, list(range(481, 501)))


@pytest.mark.parametrize("height", [20, 151, 250])
def test_fetching_ahead_comes_to_rest_at_any_height(height: int) -> None:
    looking = Looking(LongQueue(range(1, 3_001)), height)
    looking.go(looking.window.from_sequence(1_500))
    assert looking.chosen == 1_500


@pytest.mark.parametrize("newest_first", [False, True])
def test_there_and_back_again_ends_where_it_began(*, newest_first: bool) -> None:
    looking = Looking(LongQueue(range(1, 2_001)), newest_first=newest_first)
    looking.walk(19)
    for by in (-19, 19):
        for _ in range(2_000 // 19 + 1):
            looking.window.move(by, looking.height)
            looking.fill()
        assert looking.chosen == looking.queue.shown(newest_first=newest_first)[0 if by < 0 else -1]


def test_a_click_above_the_rows_chooses_nothing() -> None:
    looking = Looking(LongQueue(range(1, 501)))
    looking.go(looking.window.from_sequence(200))
    looking.window.choose(looking.window.top - 1)
    assert looking.chosen == 200


def test_a_million_sales_cost_as_much_as_a_thousand() -> None:
    looking = Looking(LongQueue(range(1, 1_000_001)))
    looking.go(looking.window.from_sequence(500_000))
    assert looking.chosen == 500_000
    assert len(looking.held) <= 2 * PAGE


class Forgetful(Window):
    """Forgets to move the cursor along when rows above it are dropped."""

    def _append(self, found: list[Any], *, end: bool) -> None:
        cursor = self.cursor
        super()._append(found, end=end)
        self.cursor = cursor


class Doubling(Window):
    """Takes the last row of a page twice."""

    def _append(self, found: list[Any], *, end: bool) -> None:
        super()._append(found + found[-1:], end=end)


@pytest.mark.parametrize("broken", [Forgetful, Doubling])
def test_a_list_that_is_kept_wrongly_would_be_noticed(broken: type[Window], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.tui.test_window.Window", broken)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Windows, settings=settings(max_examples=60, phases=[Phase.generate], database=None))
