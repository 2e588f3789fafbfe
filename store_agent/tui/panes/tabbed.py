"""What screens of several parts have in common: the next part by a key, and the focus on the list that is seen."""

from textual.widgets import TabbedContent, TabPane

from store_agent.tui.panes.pane import Pane
from store_agent.tui.widgets.table import Table


class TabbedPane(Pane):
    """A screen of parts, each with a list."""

    def focus_first(self) -> None:
        """Begin with the list that is seen."""
        part = self.query_one(TabbedContent).active_pane
        if part is not None:
            part.query(Table).first().focus()

    def action_leave(self) -> None:
        """Go from a field to the list, where keys are orders."""
        self.focus_first()

    def action_next_tab(self) -> None:
        """Show the next part, and have its list take the keys."""
        tabs = self.query_one(TabbedContent)
        names = [str(pane.id) for pane in tabs.query(TabPane)]
        self.screen.set_focus(None)  # else it goes to the next field of the part that is left, which comes back then
        tabs.active = names[(names.index(tabs.active) + 1) % len(names)]
        self.call_after_refresh(self.focus_first)
