"""The table of the screens: what changes is written over what stood there, and the cursor stays on its row."""

from textual import on
from textual.app import App, ComposeResult

from store_agent.tui.widgets.table import Table

Rows = list[tuple[str, tuple[str, ...]]]


class Shown(App[None]):
    """A table, and the keys that it told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield Table(("NAME", 8), ("WORDS", 0))

    @on(Table.RowHighlighted)
    def highlighted(self, event: Table.RowHighlighted) -> None:
        table = event.data_table
        assert isinstance(table, Table)
        self.told.append(table.chosen)

    @property
    def table(self) -> Table:
        return self.query_one(Table)

    @property
    def names(self) -> list[str]:
        return [self.table.get_row_at(place)[0].plain for place in range(self.table.row_count)]


def _rows(*names: str) -> Rows:
    return [(name, (name, f"words of {name}")) for name in names]


async def test_rows_are_shown_in_their_order_whether_more_or_fewer_than_before() -> None:
    app = Shown()
    async with app.run_test():
        for names in (["a", "b"], ["c", "a", "b"], ["d"], [], ["e", "f"]):
            app.table.fill(_rows(*names))
            assert app.names == names


async def test_the_cursor_stays_on_its_row_when_newer_ones_come_above_it() -> None:
    app = Shown()
    async with app.run_test() as pilot:
        app.table.fill(_rows("b", "a"))
        app.table.move_cursor(row=1)
        app.table.fill(_rows("c", "b", "a"))
        await pilot.pause()
        assert app.table.chosen == "a"
        assert app.table.cursor_row == 2


async def test_it_is_told_that_another_row_took_the_place_of_the_chosen_one() -> None:
    app = Shown()
    async with app.run_test() as pilot:
        app.table.fill(_rows("a"))
        await pilot.pause()
        app.table.fill(_rows("b"))
        await pilot.pause()
        assert app.told[-1] == "b"


async def test_codes_and_marks_from_outside_are_shown_as_letters() -> None:
    app = Shown()
    async with app.run_test():
        app.table.fill([("a", ("[bold]\x1b[2Jx", "y"))])
        assert app.names[0].startswith("[bold]")
        assert "\x1b" not in app.names[0]
