"""The receipt desk: type or scan a code, and see where its sale is."""

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from store_agent.errors import AgentError
from store_agent.tui.panes.pane import Pane
from store_agent.tui.widgets.code import code_drawn
from store_agent.tui.words import STATE_SIGNS, STATE_WORDS, money, plain, stamp

Json = dict[str, Any]


class ReceiptsPane(Pane):
    """A field, and what is found."""

    FOLLOWS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/"),
        Binding("escape", "leave", "Leave the field", key_display="esc"),
    ]

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Input(placeholder="Scan a receipt's code, or type it, then Enter", max_length=500, id="scanned")
        with VerticalScroll(can_focus=True):
            yield Static(
                "The code of a receipt tells where its sale is: a guest with a receipt in hand gets an answer at once.",
                id="receipt-found",
                classes="note",
                markup=False,
            )

    def action_search(self) -> None:
        """Begin anew."""
        field = self.query_one(Input)
        field.clear()
        field.focus()

    def action_leave(self) -> None:
        """Leave the field, so that keys are orders."""
        self.query_one(VerticalScroll).focus()

    @on(Input.Submitted)
    def find(self, event: Input.Submitted) -> None:
        """Look a code up."""
        if event.value.strip():
            self.ask(partial(self._find, event.value.strip()), "find", exclusive=True)

    async def _find(self, scanned: str) -> None:
        self._show(_found(await self.calls.receipt(scanned)))
        self.query_one(Input).clear()

    def problem(self, problem: AgentError) -> None:
        """Tell it where the answer would be."""
        self._show(Content(f"! {plain(problem)}"))

    def _show(self, words: Content) -> None:
        self.query_one("#receipt-found", Static).update(words)


def _found(found: Json) -> Content:
    sale = found["sale"]
    parts: list[str | Content | tuple[str, str]] = [(f"{plain(found['words'])}\n\n", "bold")]
    facts = [("Sale", plain(found["transaction_id"]))]
    if sale is not None:
        facts += [
            ("State", f"{STATE_SIGNS[sale['state']]} {STATE_WORDS[sale['state']]}"),
            ("Amount", money(sale["amount"])),
            ("Lane", plain(sale["terminal"])),
            ("Taken", stamp(sale["accepted_at"])),
            ("Number", f"{sale['sequence']:,}"),
        ]
    facts.append(("Code", plain(found["code"])))
    if found["payment_id"] is not None:
        facts.append(("Payment", plain(found["payment_id"])))
    parts += [part for name, value in facts for part in ((f"{name:<10}", "bold"), f"{value}\n")]
    if found["url"]:
        parts += ["\n", code_drawn(found["url"])]
    return Content.assemble(*parts)
