"""What is on a screen, letter by letter with its colours: as a text that can be compared and read, and as an SVG.

The text has the letters as they are, then the styles that occur, then, line by line, how many letters have which of
them. So a difference shows what has changed, and a picture takes a tenth of its SVG.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.pilot import Pilot

SVG = """\
<svg class="{unique_id}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; white-space: pre;
}}
{styles}
</style>
<defs>{lines}<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath></defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own form without the fonts that it would fetch from another host."""

THEME = TerminalTheme((18, 18, 18), (224, 224, 224), [(0, 0, 0)] * 8, [(0, 0, 0)] * 8)


@dataclass(frozen=True, slots=True)
class Picture:
    """Segments line by line."""

    rows: tuple[tuple[Segment, ...], ...]

    @property
    def lines(self) -> list[str]:
        """Give the letters."""
        return ["".join(segment.text for segment in row) for row in self.rows]

    @property
    def text(self) -> str:
        """Give the form that is kept."""
        letters: dict[str, str] = {}
        names = _names()
        runs = []
        for row in self.rows:
            for style, _ in _runs(row):
                letters.setdefault(style, "") or letters.update({style: next(names)})
            runs.append(" ".join(f"{letters[style]}{length}" for style, length in _runs(row)))
        styles = [f"{letter} {style}" for style, letter in letters.items()]
        written = [line.rstrip() for line in self.lines]
        return "\n".join([*written, "", "STYLES", *styles, "", "RUNS", *_folded(runs)]) + "\n"

    def svg(self, title: str) -> str:
        """Give it as an image that needs nothing from elsewhere."""
        width = sum(segment.cell_length for segment in self.rows[0])
        console = Console(width=width, file=io.StringIO(), record=True, force_terminal=True, color_system="truecolor")
        for row in self.rows:
            console.print(Segments([*row, Segment.line()]), end="")
        return console.export_svg(title=title, theme=THEME, code_format=SVG, unique_id="screen")


def take(pilot: Pilot[Any]) -> Picture:
    """Take a picture of the screen, with what is behind a question."""
    app = pilot.app
    update: Any = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    return Picture(tuple(tuple(segment for strip in row for segment in strip) for row in update.strips))


def _runs(row: tuple[Segment, ...]) -> list[tuple[str, int]]:
    told = [(_style(segment.style), cell_len(segment.text)) for segment in row if segment.text]
    return [(style, sum(size for _, size in group)) for style, group in groupby(told, key=lambda one: one[0])]


def _style(style: Style | None) -> str:
    """Name a style without what is only for the mouse."""
    if style is None:
        return "none"
    return str(Style.from_color(style.color, style.bgcolor) + _attributes(style))


def _attributes(style: Style) -> Style:
    return Style(
        bold=style.bold,
        dim=style.dim,
        italic=style.italic,
        underline=style.underline,
        reverse=style.reverse,
        strike=style.strike,
    )


def _folded(runs: list[str]) -> list[str]:
    """Write lines that are alike as one."""
    found = []
    for run, alike in groupby(runs):
        times = len(list(alike))
        found.append(run if times == 1 else f"{times} x {run}")
    return found


def _names() -> Iterator[str]:
    """Give a, b, ... z, A, ... and then two letters each."""
    alphabet = "abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWYZ"
    for place in count():
        yield alphabet[place % len(alphabet)] * (1 + place // len(alphabet))
