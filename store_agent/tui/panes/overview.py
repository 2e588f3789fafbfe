"""The overview: are sales safe, how many wait, since when, what is to be done; and how the machine stands."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import ProgressBar, Sparkline, Static

from store_agent.tui.facts import facts
from store_agent.tui.panes.pane import Pane
from store_agent.tui.verdict import Verdict, judge
from store_agent.tui.widgets.words import Words
from store_agent.tui.words import duration

Json = dict[str, Any]

_QUESTIONS = {
    "safe": "Are sales safe?",
    "waiting": "How many wait?",
    "since": "Since when?",
    "to-do": "What must I do?",
}


class OverviewPane(Pane):
    """What a manager sees first."""

    def __init__(self) -> None:
        super().__init__()
        self._shelves: dict[str, Json] = {}

    def compose(self) -> ComposeResult:
        """Lay out."""
        with VerticalScroll():
            for name, asked in _QUESTIONS.items():
                with Horizontal(classes="question"):
                    yield Static(asked, classes="asked")
                    yield Words("…", id=f"answer-{name}", classes="answer")
            with Vertical(id="sending"):
                with Horizontal(id="bar"):
                    yield Static("Sending", classes="asked")
                    yield ProgressBar(total=1.0, show_eta=False, id="progress")
                    yield Words("", id="pace")
                yield Sparkline([], id="sparkline")
            yield Words("", id="facts")

    async def load(self) -> None:
        """Ask for catalog and employees, whose age the status does not tell."""
        for kind in ("catalog", "employees"):
            self._shelves[kind] = await self.calls.shelf(kind)
        if self.manager.status is not None:
            self.see(self.manager.status)

    def see(self, status: Json) -> None:
        """Show a status."""
        now = self.manager.wall()
        self._answer(judge(status, now))
        self._show_sending(status)
        if status["outbox"] is not None:
            self.query_one("#facts", Words).update(_two_columns(facts(status, self._shelves, now)))

    def _answer(self, verdict: Verdict) -> None:
        to_do = "\n".join(f"{number}. {one}" for number, one in enumerate(verdict.to_do, 1))
        answers = {
            "safe": verdict.safe,
            "waiting": verdict.waiting,
            "since": verdict.since,
            "to-do": to_do or "Nothing. The agent does its work by itself.",
        }
        for name, words in answers.items():
            self.query_one(f"#answer-{name}", Words).update(Content(words))

    def _show_sending(self, status: Json) -> None:
        progress = self.manager.progress
        share = progress.share
        sending = share is not None and status["link"] is not None and status["link"]["state"] == "online"
        self.query_one("#sending").display = sending
        if share is None or not sending:
            return
        self.query_one("#progress", ProgressBar).update(progress=share)
        left = progress.seconds_left
        then = "nothing moves just now" if left is None else f"done in about {duration(left)}"
        self.query_one("#pace", Words).update(Content(f"  {progress.rate:,.0f} sales/s, {then}"))
        self.query_one("#sparkline", Sparkline).data = progress.rates


def _two_columns(rows: list[tuple[str, str]]) -> Content:
    return Content.assemble(*(part for name, value in rows for part in ((f"{name:<19}", "bold"), f"{value}\n")))
