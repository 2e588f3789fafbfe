"""The part of a long list that is at hand: the rows around what is seen, fetched page by page in either direction.

The queue may hold a million sales. They are told apart by their sequence and never by their place in the list, so that
looking at any part of it costs the same. Rows come and go while somebody looks; what is asked again begins at the row
that is on top, and the cursor stays on its sale.
"""

from dataclasses import dataclass, field, replace
from typing import Any

Row = dict[str, Any]

KEPT_MAX = 600
"""Rows kept at hand: some ten screens in each direction."""

PAGE = 150
"""Rows asked for at a time: a few screens."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A page to ask for: rows above the sequence `after`, or below `before`, nearest first.

    `anew`: drop the rest. `stays`: the cursor stays on its sale, instead of going to the beginning of what is found.
    """

    after: int | None = None
    before: int | None = None
    anew: bool = False
    stays: bool = False

    @property
    def rising(self) -> bool:
        """Tell whether sequences rise."""
        return self.before is None

    @property
    def goes(self) -> bool:
        """Tell whether it goes to another part of the list."""
        return self.anew and not self.stays


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
        if not self.rows or (self.first_known and self.top == 0):
            return replace(self.from_start(), stays=True)
        return replace(self.from_sequence(self.rows[min(self.top, len(self.rows) - 1)]["sequence"]), stays=True)

    def wants(self, height: int) -> Ask | None:
        """Give what to ask for so that the next screen in either direction is at hand; None if it is."""
        if not self.rows:
            return None
        if not self.last_known and len(self.rows) - self.top < 2 * height:
            return self._page(self.rows[-1]["sequence"], down=True, anew=False)
        if not self.first_known and self.top < height:
            return self._page(self.rows[0]["sequence"], down=False, anew=False)
        return None

    def take(self, asked: Ask, page: SalePage) -> None:
        """Take a page that was asked for."""
        down = asked.rising is not self.newest_first
        if asked.anew:
            self._take_anew(asked, page.rows, down=down, end=page.end)
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
        if 0 <= index < len(self.rows):
            self.cursor = index

    def _show_cursor(self, height: int) -> None:
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

    def _take_anew(self, asked: Ask, found: list[Row], *, down: bool, end: bool) -> None:
        chosen = self.chosen
        fresh = found if down else found[::-1]
        whole = asked.after == 0 if asked.rising else asked.before == _TOP
        self.first_known, self.last_known = (whole, end) if down else (end, whole)
        self.rows, self.top = fresh, 0
        if not down:
            self.cursor = max(0, len(fresh) - 1)
        else:
            self.cursor = _nearest(fresh, chosen) if chosen and asked.stays else 0

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


def _nearest(rows: list[Row], chosen: Row) -> int:
    """Return where a sale is now, or the one that took its place."""
    sequence = chosen["sequence"]
    return min(range(len(rows)), key=lambda index: abs(rows[index]["sequence"] - sequence), default=0)
