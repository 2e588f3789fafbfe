"""The commands that the documents name are those that there are, with their options."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from store_agent.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "config.example.toml", *sorted((ROOT / "docs").glob("*.md"))]
QUOTED = re.compile(r"`(?:sudo )?(store-agent [^`]+)`")
FENCED = re.compile(r"^(?:\$ )?(?:sudo )?(store-agent (?:[^#\n|\\]|\\\n)+)", re.MULTILINE)


def commands(text: str) -> set[str]:
    """Return the command lines that a page names; those in blocks may go on over lines, or into words about them."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    named = QUOTED.findall(text) + [line for block in blocks for line in FENCED.findall(block)]
    return {re.split(r"\s{3,}|, ", re.sub(r"\\?\n\s*", " ", line))[0] for line in named}


def unknown(line: str) -> str:
    """Return what the command line has no word for, empty if it has one for all."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(line.replace("'", ""))[1:]
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        if words[0] not in command.commands:
            return words[0]
        command = command.commands[words.pop(0)]
    options = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    given = {word.split("=")[0].rstrip(".") for word in words if re.match(r"--?[a-z]", word)}
    return " ".join(given - options - {"--help"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_of_a_page_is_one_that_there_is(page: Path) -> None:
    assert {line: unknown(line) for line in commands(page.read_text()) if unknown(line)} == {}


def test_a_wrong_command_and_a_wrong_option_are_found() -> None:
    page = "Say `store-agent recover` and `store-agent status --loudly`.\n```\nstore-agent outbox eat 7   # all\n```\n"
    assert sorted(map(unknown, commands(page))) == ["--loudly", "eat", "recover"]
