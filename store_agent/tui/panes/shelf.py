"""What the screens of catalog and employees have in common: which version, a search, versions, unknown ones."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static, TabbedContent, TabPane

from store_agent.tui.facts import shelf_words
from store_agent.tui.panes.tabbed import TabbedPane
from store_agent.tui.widgets.table import Table
from store_agent.tui.words import moment, plain

Json = dict[str, Any]

PUSHED = {
    "off": "Uploads are switched off in the configuration (catalog.upload).",
    "none": "There is nothing to upload yet.",
    "unchanged": "The platform has this already.",
    "queued": "It is uploaded as soon as the line allows.",
    "too_large": "It is larger than the platform takes (catalog.upload_bytes_max).",
    "no_room": "The disk has no room for the upload.",
}
"""What came of asking for an upload."""


class ShelfPane(TabbedPane):
    """A search with its findings, versions with what they changed, and what sales named that is not known."""

    KIND: ClassVar[str]
    ONE: ClassVar[str]
    MANY: ClassVar[str]
    COLUMNS: ClassVar[tuple[tuple[str, int], ...]]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/"),
        Binding("u", "push", "Upload again"),
        Binding("t", "next_tab", "Versions, unknown"),
        Binding("escape", "leave", "To the list", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static("…", id=f"{self.KIND}-note", classes="note", markup=False)
        with TabbedContent():
            with TabPane("Search", id=f"{self.KIND}-search"):
                yield Input(placeholder=f"Search {self.MANY}: words in any order", max_length=256)
                yield Table(*self.COLUMNS, id=f"{self.KIND}-found")
            with TabPane("Versions", id=f"{self.KIND}-versions"):
                columns = (("VERSION", 8), ("AS OF", 22), ("NEW", 6), ("GONE", 6), ("CHANGED", 8), ("FROM", 0))
                yield Table(*columns, id=f"{self.KIND}-history")
                yield Table(("CHANGE", 10), (self.ONE.upper(), 0), id=f"{self.KIND}-changes")
            with TabPane("Not known", id=f"{self.KIND}-unknown"):
                yield Static("", id=f"{self.KIND}-nothing", classes="note", markup=False)
                yield Table(("SALES", 7), ("LAST SEEN", 22), (self.ONE.upper(), 0), id=f"{self.KIND}-strangers")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer changes to the manager only."""
        return self.manager.may_change if action == "push" else True

    async def load(self) -> None:
        """Ask for everything that is seen."""
        now = self.manager.wall()
        shelf = await self.calls.shelf(self.KIND)
        words = shelf_words(shelf, self.ONE, self.MANY, now)
        self.query_one(f"#{self.KIND}-note", Static).update(Content(f"{self.KIND.capitalize()}: {words}"))
        await self._show_versions(now)
        await self._show_unknown(now)

    def action_search(self) -> None:
        """Go to the search."""
        self.query_one(TabbedContent).active = f"{self.KIND}-search"
        self.query_one(Input).focus()

    def action_push(self) -> None:
        """Have it uploaded again."""
        self.ask(self._push, "push")

    @on(Input.Changed)
    def search(self, event: Input.Changed) -> None:
        """Search while somebody types; an answer to an earlier letter is not waited for."""
        self._typed = event.value.strip()
        self.ask(self._search, f"search-{self.KIND}", exclusive=True)

    @on(Table.RowHighlighted)
    def changed(self, event: Table.RowHighlighted) -> None:
        """Show what the chosen version changed."""
        if event.data_table.id == f"{self.KIND}-history":
            self.ask(self._show_changes, f"changes-{self.KIND}", exclusive=True)

    def rows(self, found: Json) -> list[tuple[str, tuple[Any, ...]]]:
        """Give the rows of what was found."""
        raise NotImplementedError

    async def _push(self) -> None:
        self.tell(PUSHED[await self.calls.push(self.KIND)])
        self.reload()

    async def _search(self) -> None:
        rows = self.rows(await self.calls.search(self.KIND, self._typed)) if self._typed else []
        self.query_one(f"#{self.KIND}-found", Table).fill(rows)

    async def _show_versions(self, now: float) -> None:
        rows = [
            (
                str(one["version"]),
                (
                    one["version"],
                    moment(one["as_of"], now),
                    f"{one['added']:,}",
                    f"{one['removed']:,}",
                    f"{one['altered']:,}",
                    one["source"],
                ),
            )
            for one in await self.calls.versions(self.KIND)
        ]
        self.query_one(f"#{self.KIND}-history", Table).fill(rows)

    async def _show_changes(self) -> None:
        version = self.query_one(f"#{self.KIND}-history", Table).chosen
        if version is None:
            return
        changes = await self.calls.changes(self.KIND, int(version))
        rows = [(str(place), _change(one)) for place, one in enumerate(changes)]
        self.query_one(f"#{self.KIND}-changes", Table).fill(rows)

    async def _show_unknown(self, now: float) -> None:
        strangers = (await self.calls.unknown())["items" if self.KIND == "catalog" else "employees"]
        rows = [
            (str(place), (f"{one['sales']:,}", moment(one["last_seen_ms"] / 1000, now), plain(one["words"])))
            for place, one in enumerate(strangers)
        ]
        note = "" if rows else f"✓ Since the agent started, sales named no {self.ONE} that is not known here."
        self.query_one(f"#{self.KIND}-nothing", Static).update(Content(note))
        self.query_one(f"#{self.KIND}-strangers", Table).fill(rows)


def _change(change: Json) -> tuple[str, str]:
    """Say what was changed, from what to what; what came or went by its name."""
    before, after = change["before"] or {}, change["after"] or {}
    if before and after:
        said = "; ".join(f"{field}: {before.get(field)} → {after.get(field)}" for field in change["fields"])
    else:
        said = str((after or before).get("name") or "")
    return str(change["kind"]), f"{change['entry']} {change['key']}  {said}"
