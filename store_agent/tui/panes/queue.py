"""The queue: every sale that is kept, of any number; details beside the list, and what can be done about them."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from store_agent.tui.deeds import DEEDS, Deed, Target
from store_agent.tui.dialogs.deed import Asked, DeedDialog
from store_agent.tui.dialogs.drain import DrainDialog
from store_agent.tui.dialogs.export import ExportDialog, Wanted
from store_agent.tui.dialogs.filter import FilterDialog
from store_agent.tui.dialogs.go_to import GoToDialog
from store_agent.tui.export import write_sales
from store_agent.tui.filters import LISTS, OPEN, Filters
from store_agent.tui.panes.pane import Pane
from store_agent.tui.receipt import item_ids
from store_agent.tui.widgets.sale_detail import SaleDetail
from store_agent.tui.widgets.sale_list import SaleList
from store_agent.tui.widgets.words import Words
from store_agent.tui.window import Ask, SalePage
from store_agent.tui.words import count, money

Json = dict[str, Any]

NAMES_MAX = 20
"""Items of a sale whose names are looked up."""

NAMES_KEPT_MAX = 1_000
"""Names of items kept at hand: those of the sales that were looked at last."""

DETAIL_SECONDS = 0.08
"""The cursor rests so long before details are asked for: who leafs through the list looks at none."""


class QueuePane(Pane):
    """The list, and one sale."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("right_square_bracket", "state(1)", "State", key_display="]"),
        Binding("left_square_bracket", "state(-1)", "State before", show=False),
        Binding("o", "turn", "Order", show=False),
        Binding("g", "go_to", "Go to", show=False),
        Binding("t", "tab", "Details", show=False),
        Binding("n", "drain", "Send now"),
        Binding("r", "do('retry')", "Retry"),
        Binding("h", "do('hold')", "Hold"),
        Binding("l", "do('release')", "Release"),
        Binding("d", "do('discard')", "Discard"),
        Binding("e", "export", "Export"),
        Binding("escape", "back", "Back", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.filters = Filters()
        self._newest_first = True
        self._begun = False
        self._names: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical(id="queue-list"):
            yield Words("", id="queue-filter")
            yield SaleList(self._page, self.manager.wall, self.manager.tell_problem)
        yield SaleDetail()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer changes to the manager only, and what fits the chosen sale; for marked ones anything may fit."""
        if action not in ("do", "drain", "export"):
            return True
        if not self.manager.may_change or action != "do":
            return self.manager.may_change
        chosen = self._list.window.chosen
        return bool(self._list.marked) or (chosen is not None and chosen["state"] == DEEDS[str(parameters[0])].state)

    async def load(self) -> None:
        """Ask for what is seen."""
        if self._begun:
            await self._list.again()
        else:
            self._begun = True
            await self._list.start(newest_first=self._newest_first)
        await self._show_extent()
        await self._show_detail()

    def look_for(self, filters: Filters) -> None:
        """Show other sales."""
        self.filters = filters
        self._newest_first = filters.state in ("", "delivered", "superseded", "discarded")
        self._begun = False
        self.reload()

    def on_sale_list_moved(self) -> None:
        """Show the details of the sale under the cursor, once it rests there."""
        self.ask(self._detail_soon, "detail", exclusive=True)
        self.refresh_bindings()

    def on_sale_list_opened(self) -> None:
        """Show the details where there is no room beside the list."""
        self.add_class("-detail")
        self.query_one(SaleDetail).query_one("Tabs").focus()
        self.ask(self._show_detail, "detail", exclusive=True)

    def on_resize(self) -> None:
        """Show the details if there is room for them now."""
        self.ask(self._detail_soon, "detail", exclusive=True)

    def shown(self) -> None:
        """Look the names of items up anew: there may be another catalog."""
        self._names.clear()
        super().shown()

    def action_back(self) -> None:
        """Show the list again."""
        self.remove_class("-detail")
        self._list.focus()

    def action_tab(self) -> None:
        """Show the next part of the details."""
        self.query_one(SaleDetail).next_tab()

    def action_state(self, by: int) -> None:
        """List the next state."""
        states = list(LISTS)
        place = (states.index(self.filters.state) + by) % len(states)
        self.look_for(replace(self.filters, state=states[place]))

    def action_turn(self) -> None:
        """Turn the order around."""
        self._newest_first = not self._newest_first
        self._begun = False
        self.reload()

    def action_filter(self) -> None:
        """Ask what to look for."""
        self.manager.push_screen(FilterDialog(self.filters), self._filtered)

    def action_go_to(self) -> None:
        """Ask for a sequence and go there."""
        self.manager.push_screen(GoToDialog(), self._gone_to)

    def action_drain(self) -> None:
        """Ask whether to send now."""
        self.manager.push_screen(DrainDialog(self.calls.person), self._drained)

    def action_do(self, action: str) -> None:
        """Ask about something to be done to sales."""
        deed = DEEDS[action]
        dialog = DeedDialog(deed, self._targets(deed), self.calls.person)

        def done(asked: Asked | None) -> None:
            if asked is not None:
                self.perform(partial(self._do, deed, asked))

        self.manager.push_screen(dialog, done)

    def action_export(self) -> None:
        """Ask where to write sales."""
        chosen = self._list.window.chosen
        sequences = sorted(self._list.marked) or ([] if chosen is None else [chosen["sequence"]])
        if sequences:
            self.manager.push_screen(ExportDialog(sequences, self.calls.person), self._exported)

    @property
    def _list(self) -> SaleList:
        return self.query_one(SaleList)

    def _targets(self, deed: Deed) -> list[Target]:
        """Give the sales that can be meant: those marked or the one under the cursor, and all that match."""
        chosen = self._list.window.chosen
        named = tuple(sorted(self._list.marked)) or (() if chosen is None else (chosen["sequence"],))
        matching = {name: value for name, value in self.filters.as_query().items() if name != "state"}
        everything = [Target(matching=matching)] if self.filters.state in ("", OPEN, deed.state) else []
        return [*([Target(named)] if named else []), *everything]

    async def _page(self, asked: Ask) -> SalePage:
        return await self.calls.page(asked, self.filters.as_query())

    async def _show_extent(self) -> None:
        extent = await self.calls.extent(self.filters.state or None)
        self._list.extent = None if extent["first"] is None else (extent["first"], extent["last"])
        self._list.refresh()
        state = LISTS[self.filters.state]
        number = f"{count(extent['sales'], 'sale', 'sales')}, {money(extent['amount'])}"
        order = "newest first" if self._newest_first else "oldest first"
        shown = f"{state}: {number}" if self.filters.plain_state else f"{state}, {self.filters.words}"
        marked = f"  ·  {len(self._list.marked):,} marked" if self._list.marked else ""
        self.query_one("#queue-filter", Words).update(Content(f"{shown}  ·  {order}{marked}"))

    async def _detail_soon(self) -> None:
        await asyncio.sleep(DETAIL_SECONDS)
        await self._show_detail()

    @property
    def _detail_seen(self) -> bool:
        return self.has_class("-detail") or self.screen.has_class("-wide")

    async def _show_detail(self) -> None:
        if self.manager.calls is None or not self._detail_seen:
            return
        chosen = self._list.window.chosen
        sale = None if chosen is None else await self.calls.sale(chosen["sequence"])
        if sale is not None:
            await self._look_names_up(item_ids(sale["payload"])[:NAMES_MAX])
        self.query_one(SaleDetail).show(sale, self._names)

    async def _look_names_up(self, ids: list[str]) -> None:
        if len(self._names) > NAMES_KEPT_MAX:
            self._names.clear()
        for item_id in ids:
            if item_id not in self._names:
                self._names[item_id] = await self.calls.item_name(item_id)

    async def _do(self, deed: Deed, asked: Asked) -> str:
        said = await self.calls.do(deed, asked.target, asked.reason)
        self._list.marked.clear()
        return said

    def _filtered(self, filters: Filters | None) -> None:
        if filters is not None:
            self.look_for(filters)

    def _gone_to(self, sequence: int | None) -> None:
        if sequence is not None:
            self.ask(partial(self._list.go_to, sequence), "deed")

    def _drained(self, wanted: bool | None) -> None:  # noqa: FBT001 - Textual calls it
        if wanted:
            self.perform(self._drain)

    async def _drain(self) -> str:
        return str((await self.calls.drain())["words"])

    def _exported(self, wanted: Wanted | None) -> None:
        if wanted is not None:
            self.perform(partial(self._export, wanted))

    async def _export(self, wanted: Wanted) -> str:
        sales = await self.calls.export(wanted.sequences, wanted.reason)
        return await write_sales(sales, wanted.path)
