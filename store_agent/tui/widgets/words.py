"""Text on a screen, which costs nothing while it stays the same."""

from textual.visual import VisualType
from textual.widgets import Static


class Words(Static):
    """Shows text and never markup. Only other text is drawn: whatever is, has the whole screen laid out anew."""

    def __init__(self, words: str = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - the name is Textual's
        super().__init__(words, id=id, classes=classes, markup=False)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show other text."""
        if content != self.content:
            super().update(content, layout=layout)
