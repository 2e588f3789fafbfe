"""The part of a long list that is at hand: the rows around what is seen, fetched page by page in either direction.

The queue may hold a million sales. They are told apart by their sequence and never by their place in the list, so that
looking at any part of it costs the same. Rows come and go while somebody looks; what is asked again begins at the row
that is on top, and the cursor stays on its sale.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Row = dict[str, Any]

KEPT_MAX = 600
"""Rows kept at hand: some ten screens in each direction."""

PAGE = 150
"""Rows asked for at a time: a few screens."""

SCREEN_MAX = 150
"""Rows of a screen that count: three screens and a page are kept, so that nothing is fetched and dropped again."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A page to ask for: rows above the sequence `after`, or below `before`, nearest first.

    `anew`: drop the rest. `until`: go on to this sale, for the cursor is to stay on it.
    """

    after: int | None = None
    before: int | None = None
    anew: bool = False
    until: int | None = None

    @property
    def rising(self) -> bool:
        """Tell whether sequences rise."""
        return self.before is None

    @property
    def goes(self) -> bool:
        """Tell whether it goes to another part of the list."""
        return self.anew and self.until is None

    @property
    def edge(self) -> int:
        """Return the sequence that the page begins beyond."""
        return (self.after if self.before is None else self.before) or 0

    def enough(self, rows: Sequence[Row]) -> bool:
        """Tell whether these rows, of which there may follow more, are a page."""
        if not rows or self.until is None:
            return bool(rows)
        return len(rows) >= KEPT_MAX or _reaches(self, rows, self.until)


@dataclass(frozen=True, slots=True)
class SalePage:
    """What an Ask gave, in the order it was asked for; `end` tells that no more follow."""

    rows: list[Row] = field(default_factory=list)
    end: bool = True


@dataclass(slots=True)
class Window:
    """Rows in the order in which they are shown; `top` is the first that is seen, `cursor` the chosen one."""

    newest_first: bool = False
    rows: list[Row] = field(default_factory=list)
    top: int = 0
    cursor: int = 0
    first_known: bool = False
    last_known: bool = False

    @property
    def chosen(self) -> Row | None:
        """Return the row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def from_start(self) -> Ask:
        """Ask for the beginning of the list."""
        return self._down_from(None)

    def from_end(self) -> Ask:
        """Ask for the end of the list."""
        return self._up_from(None)

    def from_sequence(self, sequence: int) -> Ask:
        """Ask for the list from a sequence on."""
        return self._down_from(sequence + 1 if self.newest_first else sequence - 1)

    def again(self) -> Ask:
        """Ask for what is seen once more."""
        chosen = self.chosen
        if chosen is None:
            return self.from_start()
        at_start = self.first_known and self.top == 0
        ask = self.from_start() if at_start else self.from_sequence(self.rows[self.top]["sequence"])
        return replace(ask, until=chosen["sequence"])

    def wants(self, height: int) -> Ask | None:
        """Give what to ask for so that the next screen in either direction is at hand; None if it is."""
        if not self.rows:
            return self.from_end() if self.last_known and not self.first_known else None
        screen = min(height, SCREEN_MAX)
        if not self.last_known and len(self.rows) - self.top < 2 * screen:
            return self._page(self.rows[-1]["sequence"], down=True, anew=False)
        if not self.first_known and self.top < screen:
            return self._page(self.rows[0]["sequence"], down=False, anew=False)
        return None

    def take(self, asked: Ask, page: SalePage) -> None:
        """Take a page that was asked for, unless it no longer fits what is at hand by now."""
        down = asked.rising is not self.newest_first
        if asked.until is not None:
            self._renew(asked, page)
        elif asked.anew:
            self._begin(asked, page.rows, down=down, end=page.end)
        elif not self.rows or asked.edge != self.rows[-1 if down else 0]["sequence"]:
            return
        elif down:
            self._append(page.rows, end=page.end)
        else:
            self._prepend(page.rows, end=page.end)

    def move(self, by: int, height: int) -> None:
        """Move the cursor, and what is seen with it."""
        self.cursor = max(0, min(len(self.rows) - 1, self.cursor + by)) if self.rows else 0
        self._show_cursor(height)

    def scroll(self, by: int, height: int) -> None:
        """Move what is seen, and the cursor only where it would leave it."""
        self.top = max(0, min(len(self.rows) - height, self.top + by))
        self.cursor = max(self.top, min(self.top + height - 1, self.cursor, max(0, len(self.rows) - 1)))

    def choose(self, index: int) -> None:
        """Put the cursor on a row that is seen."""
        if self.top <= index < len(self.rows):
            self.cursor = index

    def _show_cursor(self, height: int) -> None:
        if self.last_known:
            self.top = max(0, min(self.top, len(self.rows) - height))  # no blank lines while there are more above
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + height:
            self.top = self.cursor - height + 1

    def _down_from(self, sequence: int | None) -> Ask:
        return self._page(sequence, down=True, anew=True)

    def _up_from(self, sequence: int | None) -> Ask:
        return self._page(sequence, down=False, anew=True)

    def _page(self, sequence: int | None, *, down: bool, anew: bool) -> Ask:
        if down is self.newest_first:
            return Ask(before=_TOP if sequence is None else sequence, anew=anew)
        return Ask(after=0 if sequence is None else sequence, anew=anew)

    def _begin(self, asked: Ask, found: list[Row], *, down: bool, end: bool) -> None:
        whole = asked.edge == (0 if asked.rising else _TOP)
        self.first_known, self.last_known = (whole, end) if down else (end, whole)
        self.rows, self.top = (found if down else found[::-1]), 0
        self.cursor = 0 if down else max(0, len(found) - 1)

    def _renew(self, asked: Ask, page: SalePage) -> None:
        """Take what was seen once more; nothing if something else is seen by now."""
        chosen = self.chosen
        if chosen is None or asked.edge != self.again().edge:
            return
        if not (page.end or _reaches(asked, page.rows, chosen["sequence"])):
            self.first_known, self.top = False, self.cursor  # too many came between; it begins at the cursor next time
            return
        self._begin(asked, page.rows, down=True, end=page.end)
        self.cursor = _nearest(page.rows, chosen["sequence"])

    def _append(self, found: list[Row], *, end: bool) -> None:
        self.rows += found
        self.last_known = end
        extra = len(self.rows) - KEPT_MAX
        drop = min(extra, self.top) if extra > 0 else 0
        if drop:
            del self.rows[:drop]
            self.top -= drop
            self.cursor -= drop
            self.first_known = False

    def _prepend(self, found: list[Row], *, end: bool) -> None:
        self.rows[:0] = found[::-1]
        self.first_known = end
        self.top += len(found)
        self.cursor += len(found)
        if len(self.rows) > KEPT_MAX:
            del self.rows[KEPT_MAX:]
            self.last_known = False


_TOP = 2**63 - 1
"""Above every sequence."""


def _reaches(asked: Ask, rows: Sequence[Row], sequence: int) -> bool:
    """Tell whether rows go as far as a sequence."""
    if not rows:
        return False
    last = rows[-1]["sequence"]
    return bool(last >= sequence if asked.rising else last <= sequence)


def _nearest(rows: Sequence[Row], sequence: int) -> int:
    """Return where a sale is now, or the one that took its place."""
    return min(range(len(rows)), key=lambda index: abs(rows[index]["sequence"] - sequence), default=0)
