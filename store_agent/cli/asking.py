"""Asking a person at the terminal for what only people know."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from store_agent.errors import BadInput, ConfigurationError

if TYPE_CHECKING:
    from store_agent.agent.setup.questions import Question

SECRET_BYTES_MAX = 4_096
"""Of a file with a secret; a larger one is another file."""


def ask(question: "Question", present: str = "") -> str:
    """Ask until the answer can be right; Enter alone gives what is there at present, if anything is."""
    from store_agent.agent.setup.questions import SECRET, wrong

    secret = question is SECRET
    words = question.words + (f", such as {question.form}" if question.form and not present else "")
    if secret and present:
        words = "Secret (is not shown; Enter keeps it)"
    return _until(lambda answer: wrong(question, answer), words, present, hidden=secret)


def ask_name(default: str) -> str:
    """Ask for the name of a terminal."""
    from store_agent.storage.terminals import check_name

    def wrong(name: str) -> str:
        try:
            check_name(name)
        except BadInput as error:
            return error.message
        return ""

    return _until(wrong, "Name of the first terminal", default)


def is_somebody_there() -> bool:
    """Tell whether questions can be asked: the input is a terminal, and not closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def read_secret(path: Path) -> str:
    """Read a secret from a file, or from standard input if it is "-". Raises ConfigurationError."""
    from store_agent.agent.setup.questions import SECRET

    if str(path) == "-" and is_somebody_there():
        return ask(SECRET)
    if str(path) == "-" and sys.stdin is None:
        raise ConfigurationError("--secret-file: standard input is closed. Nothing was changed.")
    try:
        given = sys.stdin.buffer.read(SECRET_BYTES_MAX + 1) if str(path) == "-" else _head(path)
        found = given.decode().strip() if len(given) <= SECRET_BYTES_MAX else ""
    except OSError as error:
        raise ConfigurationError(f"--secret-file: {path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        found = ""
    if not found.isprintable() or not found:
        raise ConfigurationError("--secret-file: what is there is no secret: one line of text is wanted.")
    return found


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SECRET_BYTES_MAX + 1)


def _until(wrong: Callable[[str], str], words: str, default: str, *, hidden: bool = False) -> str:
    while True:
        given = typer.prompt(words, default=default or None, hide_input=hidden, show_default=not hidden, err=True)
        answer = str(given).strip()
        problem = wrong(answer)
        if not problem:
            return answer
        typer.echo(problem, err=True)
