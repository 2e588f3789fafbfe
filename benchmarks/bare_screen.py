"""The least that draws something with the library of the manager's screen: a baseline of `screen`."""

from textual.app import App
from textual.widgets import Static


class BareScreen(App[None]):
    """Shows one word."""

    def compose(self):
        yield Static("Overview")


if __name__ == "__main__":
    BareScreen().run()
