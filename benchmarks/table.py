"""Plain tables: the first column to the left, figures to the right."""

from collections.abc import Mapping, Sequence


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    """Print a table, and under it what a reader has to know."""
    widths = [max(len(line[column]) for line in (header, *rows)) for column in range(len(header))]
    print(f"\n{title}\n")
    for line in (header, ["-" * width for width in widths], *rows):
        first, *others = [cell.ljust(width) if not at else cell.rjust(width) for at, (cell, width) in _at(line, widths)]
        print("  ".join(["", first, *others]).rstrip())
    if note:
        print(f"\n  {note}")


def show_words(title: str, lines: Mapping[str, Sequence[str]]) -> None:
    """Print what is said of each of some things."""
    print(f"\n{title}\n")
    width = max(map(len, lines))
    for name, sentences in lines.items():
        for number, sentence in enumerate(sentences):
            print(f"  {'' if number else name:<{width}}  {sentence}")


def _at(line: Sequence[str], widths: Sequence[int]):
    return enumerate(zip(line, widths, strict=True))


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"


def microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs"


def seconds(value: float) -> str:
    return f"{value:.3f} s"


def rate(value: float) -> str:
    return f"{value:,.0f} /s"


def ratio(value: float) -> str:
    return f"{value:.3f}"


def mebibytes(value: float) -> str:
    return f"{value / 2**20:.1f} MiB"
