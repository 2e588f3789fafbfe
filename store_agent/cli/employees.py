"""`store-agent employees import|show|search|push`: who works here."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

app = typer.Typer(help="The list of employees: bring it in, look at it, send it to the platform.", no_args_is_help=True)


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

    found = shelf.import_file(load(config), "upload_employees", file)
    if as_json:
        show.print_json(found)
    else:
        shelf.say_imported(found)


@app.command("show")
def show_(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Say which version is in use."""
    from store_agent.cli import local, shelf, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", "/v1/employees")
    if as_json:
        show.print_json(found)
    else:
        shelf.say_state(found, "list of employees", "store-agent employees import FILE")


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
    found: dict[str, Any] = local.call(load(config), "GET", f"/v1/employees/search?{query}")
    if as_json:
        show.print_json(found)
        return
    rows = [
        (one["employee_id"], f"{one['first_name']} {one['last_name']}", one["start_date"], one["end_date"])
        for one in found["employees"]
    ]
    show.print_table(("EMPLOYEE", "NAME", "FROM", "UNTIL"), rows)


@app.command("push")
def push(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Send it to the platform again, whether it has changed or not."""
    from store_agent.cli import local, shelf, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "POST", "/v1/employees/push")
    if as_json:
        show.print_json(found)
    else:
        shelf.say_upload(found["upload"])
