"""A QR code on the screen, or why there is none."""

from textual.content import Content

from store_agent.errors import BadInput
from store_agent.tui.words import plain


def code_drawn(content: str) -> Content:
    """Draw what a phone shall read, in white on black so that it scans."""
    from store_agent.printing.qr import terminal_lines  # noqa: PLC0415 - it costs time that the first picture does not have

    try:
        return Content.styled("\n".join(terminal_lines(content)), "white on black")
    except BadInput as problem:
        return Content(f"! {plain(problem)}")
