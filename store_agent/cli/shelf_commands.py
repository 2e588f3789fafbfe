"""The commands that catalog and employees have alike: import, show, search, push."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the commands are about: `name` in paths and commands, `what` in words, and how entries are listed."""

    name: str
    endpoint: str
    what: str
    entries: str
    headings: tuple[str, ...]
    row: Callable[[dict[str, Any]], Sequence[Any]]


def shelf_app(wanted: Wanted) -> typer.Typer:
    """Make the commands."""
    summary = f"The {wanted.what}: bring it in, look at it, send it to the platform."
    app = typer.Typer(help=summary, no_args_is_help=True)
    for add in (_add_import, _add_show, _add_search, _add_push):
        add(app, wanted)
    return app


def _add_import(app: typer.Typer, wanted: Wanted) -> None:
    @app.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="A file in any form that is known, JSON or CSV.")],
        config: ConfigPath = DEFAULT_CONFIG,
        *,
        as_json: AsJson = False,
    ) -> None:
        """Take a file in place of what there is; one that is not right in all its parts changes nothing."""
        from store_agent.cli import shelf, show
        from store_agent.config.load import load

        found = shelf.import_file(load(config), wanted.endpoint, file)
        if as_json:
            show.print_json(found)
        else:
            shelf.say_imported(found)


def _add_show(app: typer.Typer, wanted: Wanted) -> None:
    @app.command("show")
    def show_(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
        """Say which version is in use."""
        from store_agent.cli import local, shelf, show
        from store_agent.config.load import load

        found: dict[str, Any] = local.call(load(config), "GET", f"/v1/{wanted.name}")
        if as_json:
            show.print_json(found)
        else:
            shelf.say_state(found, wanted.what, f"store-agent {wanted.name} import FILE")


def _add_search(app: typer.Typer, wanted: Wanted) -> None:
    @app.command("search")
    def search(
        words: Annotated[list[str], typer.Argument(help="Words in any order; each may be the beginning of one.")],
        config: ConfigPath = DEFAULT_CONFIG,
        *,
        as_json: AsJson = False,
    ) -> None:
        """Search by words, ids or codes."""
        from store_agent.cli import local, show
        from store_agent.config.load import load

        query = urlencode({"q": " ".join(words)})
        found: dict[str, Any] = local.call(load(config), "GET", f"/v1/{wanted.name}/search?{query}")
        if as_json:
            show.print_json(found)
        else:
            show.print_table(wanted.headings, [wanted.row(entry) for entry in found[wanted.entries]])


def _add_push(app: typer.Typer, wanted: Wanted) -> None:
    @app.command("push")
    def push(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
        """Send it to the platform again, whether it has changed or not."""
        from store_agent.cli import local, shelf, show
        from store_agent.config.load import load

        found: dict[str, Any] = local.call(load(config), "POST", f"/v1/{wanted.name}/push")
        if as_json:
            show.print_json(found)
        else:
            shelf.say_upload(found["upload"])
