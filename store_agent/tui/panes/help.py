"""Help: every key, and what each state means."""

from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from store_agent.tui.panes.pane import Pane
from store_agent.tui.words import STATE_MEANING, STATE_SIGNS, STATE_WORDS

_KEYS = {
    "Everywhere": {
        "1 to 9, 0": "go to a screen; 0 or ? is this help",
        "Tab": "to the next part of a screen",
        "Esc": "back, or out of a question without doing anything",
        "Ctrl+R": "load again at once; screens do that by themselves",
        "q": "leave; the agent goes on working",
    },
    "Queue (2)": {
        "↑ ↓ PgUp PgDn": "move; Home and End to the first and the last sale",
        "Enter": "details; t: the next part of them (sale, history, codes, JSON); Esc: back",
        "[ and ]": "other states; /: look for lane, time, amount, text",
        "o": "newest or oldest first; g: go to a number",
        "Space": "mark a sale; what is done is done to the marked ones",
        "n": "send now, whatever the line was",
        "r h l d": "retry refused, hold waiting, release held, discard refused sales",
        "e": "export the marked sales to a file",
    },
    "Attention (3)": {"r": "retry all of a cause once it is mended; d: discard them; v: view them in the queue"},
    "Day (4)": {"c": "close the day"},
    "Items and staff (5, 6)": {"/": "search; t: versions and what is not known; u: upload again"},
    "Receipts (7)": {
        "Enter": "look up a scanned or typed code, sale, last digits, or amount and time (12.50 14:02)",
        "Ctrl+P": "print the receipt again; Esc: leave the field",
        "t": "the printers; p: print a test page; x: give up what waits",
    },
    "Log (8)": {"/": "filter; t: what people did; k: confirm damage"},
    "Terminals (9)": {"a": "let one in; x: shut one out"},
}

NAME_WIDTH = 18
WORDS_WIDTH = 58
"""Columns beside the names, which fit a terminal of 80."""


class HelpPane(Pane):
    """A page to read."""

    FOLLOWS: ClassVar[bool] = False

    def compose(self) -> ComposeResult:
        """Lay out."""
        with VerticalScroll():
            yield Static(_page(), id="help-page", classes="note", markup=False)


def _page() -> Content:
    parts: list[str | tuple[str, str]] = [("What the states of a sale mean\n", "bold underline")]
    for state, words in STATE_WORDS.items():
        parts += _entry(f"{STATE_SIGNS[state]} {words}", STATE_MEANING[state])
    parts += [
        ("\nWhat the line's states mean\n", "bold underline"),
        *_entry("ONLINE", "The platform answers; sales go out at once."),
        *_entry("OFFLINE", "It does not answer. Sales wait safely; the agent tries again by itself."),
        *_entry("STOPPED", "Trying again does not help until somebody mends what the overview names."),
    ]
    for where, keys in _KEYS.items():
        parts.append((f"\n{where}\n", "bold underline"))
        for key, words in keys.items():
            parts += _entry(key, words)
    parts.append("\nNO_COLOR=1 in the environment draws without colours; every state has its word and sign.\n")
    return Content.assemble(*parts)


def _entry(name: str, words: str) -> list[str | tuple[str, str]]:
    """Give a name and, beside it, what it means."""
    lines = f"\n{'':<{NAME_WIDTH}}".join(wrap(words, WORDS_WIDTH))
    return [(f"{name:<{NAME_WIDTH}}", "bold"), f"{lines}\n"]
