"""The receipt desk: find a receipt by what a guest knows of it, see where its sale is, print it again; the printers."""

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, TabbedContent, TabPane

from store_agent.errors import AgentError
from store_agent.tui import printers
from store_agent.tui.desk import MORE, NOTHING_FOUND, found_row, found_words, questions
from store_agent.tui.dialogs.give_up import GiveUpDialog
from store_agent.tui.dialogs.reprint import ReprintDialog, Wanted
from store_agent.tui.panes.tabbed import TabbedPane
from store_agent.tui.widgets.table import Table
from store_agent.tui.widgets.words import Words
from store_agent.tui.words import plain

Json = dict[str, Any]

_NOTHING: Json = {"receipts": [], "complete": True}

_BEGIN = (
    "The code of a receipt tells where its sale is: a guest with a receipt in hand gets an answer at once. Without the "
    "code: the number of the sale, the last digits of either, or amount and time."
)


class ReceiptsPane(TabbedPane):
    """A field with what is found, and the printers with what waits for them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/"),
        Binding("ctrl+p", "reprint", "Print again"),
        Binding("p", "test", "Test page"),
        Binding("x", "give_up", "Give up"),
        Binding("t", "next_tab", "Receipts, printers"),
        Binding("down", "leave", show=False),
        Binding("escape", "leave", "Leave the field"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, Json] = {}
        self._printers: dict[str, Json] = {}
        self._jobs: dict[str, Json] = {}

    def compose(self) -> ComposeResult:
        """Lay out."""
        with TabbedContent():
            with TabPane("Receipts", id="receipts-find"):
                yield Input(placeholder="Scan a receipt's code, or type it, then Enter", max_length=500, id="scanned")
                columns = (("TAKEN", 16), ("AMOUNT", 11), ("LANE", 10), ("STATE", 17), ("SALE", 0))
                yield Words("", id="receipts-note", classes="note")
                yield Table(*columns, id="receipts-found")
                with VerticalScroll(id="receipt", can_focus=True):
                    yield Words("", id="receipt-found", classes="note")
            with TabPane("Printers", id="receipts-printers"):
                yield Words("…", id="printers-note", classes="note")
                about = (("PRINTER", 16), ("WAITING", 8), ("LAST PRINTED", 22), ("HOW IT IS", 0))
                yield Table(*about, id="printers-table")
                yield Words("", id="printer-words", classes="note")
                yield Table(("JOB", 5), ("PRINTER", 12), ("SINCE", 12), ("TRIES", 5), ("WHAT", 0), id="prints-table")

    def on_mount(self) -> None:
        """Begin without a list: most who ask have the code, and find one receipt."""
        self._show_found(_NOTHING, _BEGIN)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer what can be done here: to what was found, or to printers."""
        finding = self.query_one(TabbedContent).active == "receipts-find"
        if action in ("search", "leave"):
            return finding
        if action == "reprint":
            return finding and self._receipt is not None and self._receipt["claimable"]
        if action == "test":
            return not finding and self.manager.may_change and bool(self._printers)
        return not finding and bool(self._jobs) if action == "give_up" else True

    async def load(self) -> None:
        """Ask how the printers are, and what waits for them."""
        now = self.manager.wall()
        self._printers = {one["name"]: one for one in await self.calls.printers()}
        self._jobs = {str(one["job"]): one for one in await self.calls.prints()}
        rows = [(name, printers.printer_row(one, now)) for name, one in self._printers.items()]
        self._table("printers-table").fill(rows)
        self._table("prints-table").fill([(name, printers.job_row(one, now)) for name, one in self._jobs.items()])
        self.query_one("#printers-note", Words).update(Content(printers.note(list(self._printers.values()))))
        self._show_printer()
        self.refresh_bindings()

    def focus_first(self) -> None:
        """Begin at the field, so that a scanner can type; at the printers with their list."""
        if self.query_one(TabbedContent).active == "receipts-find":
            self.query_one(Input).focus()
        else:
            super().focus_first()

    def action_leave(self) -> None:
        """Leave the field, so that keys are orders."""
        found = self._table("receipts-found")
        (found if found.display else self.query_one("#receipt")).focus()

    def action_search(self) -> None:
        """Begin anew."""
        field = self.query_one(Input)
        field.clear()
        field.focus()

    def action_reprint(self) -> None:
        """Ask where and why the receipt is printed again."""
        receipt = self._receipt
        if receipt is None:
            return
        chosen = printers.printer_for(list(self._printers.values()), receipt["terminal"])
        if chosen is None:
            self.tell(printers.NONE)
            return

        def done(wanted: Wanted | None) -> None:
            if wanted is not None:
                self.perform(partial(self.calls.reprint, receipt["code"], wanted.printer, wanted.reason))

        dialog = ReprintDialog(receipt["transaction_id"], list(self._printers), chosen, self.calls.person)
        self.manager.push_screen(dialog, done)

    def action_test(self) -> None:
        """Print a test page."""
        name = self._table("printers-table").chosen
        if name is not None:
            self.perform(partial(self.calls.print_test_page, name))

    def action_give_up(self) -> None:
        """Ask whether the chosen job is not to be printed any more."""
        job = self._jobs.get(self._table("prints-table").chosen or "")
        if job is None:
            return

        def done(wanted: bool | None) -> None:  # noqa: FBT001 - Textual calls it
            if wanted:
                self.perform(partial(self.calls.give_up_print, job["job"]))

        self.manager.push_screen(GiveUpDialog(job["about"], job["printer"]), done)

    @on(Input.Submitted)
    def find(self, event: Input.Submitted) -> None:
        """Look for a receipt."""
        if event.value.strip():
            self.ask(partial(self._find, event.value.strip()), "find", exclusive=True)

    @on(Table.RowHighlighted)
    def chosen(self, event: Table.RowHighlighted) -> None:
        """Show the chosen receipt or printer."""
        if event.data_table.id == "receipts-found":
            self._show_receipt()
        elif event.data_table.id == "printers-table":
            self._show_printer()

    @on(TabbedContent.TabActivated)
    def look_around(self) -> None:
        """Offer what can be done here."""
        self.refresh_bindings()

    @property
    def _receipt(self) -> Json | None:
        return self._found.get(self._table("receipts-found").chosen or "")

    def _table(self, name: str) -> Table:
        return self.query_one(f"#{name}", Table)

    async def _find(self, typed: str) -> None:
        now = self.manager.wall()
        found = _NOTHING
        try:
            for question in questions(typed, now):
                found = await self.calls.find_receipts(question)
                if found["receipts"]:
                    break
        except AgentError as problem:
            self._show_found(_NOTHING, f"! {plain(problem)}")
            return
        self.query_one(Input).clear()
        self._show_found(found, NOTHING_FOUND)

    def _show_found(self, found: Json, otherwise: str) -> None:
        """List what was found, if that is not just one; say `otherwise` where there is nothing."""
        self._found = {receipt["code"]: receipt for receipt in found["receipts"]}
        now, table = self.manager.wall(), self._table("receipts-found")
        table.fill([])  # else the cursor stays at what was found before
        table.fill([(code, found_row(receipt, now)) for code, receipt in self._found.items()])
        note = self.query_one("#receipts-note", Words)
        note.update(Content("" if found["complete"] else MORE))
        note.display = not found["complete"]
        table.display = len(self._found) > 1
        if self._found:
            self._show_receipt()
        else:
            self.query_one("#receipt-found", Words).update(Content(otherwise))
            self.refresh_bindings()

    def _show_receipt(self) -> None:
        receipt = self._receipt
        if receipt is not None:
            self.query_one("#receipt-found", Words).update(found_words(receipt))
            self.refresh_bindings()

    def _show_printer(self) -> None:
        printer = self._printers.get(self._table("printers-table").chosen or "")
        words = "" if printer is None else printers.printer_words(printer)
        self.query_one("#printer-words", Words).update(Content(words))
