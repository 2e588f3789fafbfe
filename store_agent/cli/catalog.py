"""`store-agent catalog import|show|search|unknown|push`: what the store sells."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

app = typer.Typer(help="The catalog: bring it in, look at it, send it to the platform.", no_args_is_help=True)


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

    found = shelf.import_file(load(config), "upload_catalog", file)
    if as_json:
        show.print_json(found)
    else:
        shelf.say_imported(found)


@app.command("show")
def show_(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Say which version is in use."""
    from store_agent.cli import local, shelf, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", "/v1/catalog")
    if as_json:
        show.print_json(found)
    else:
        shelf.say_state(found, "catalog", "store-agent catalog import FILE")


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
    found: dict[str, Any] = local.call(load(config), "GET", f"/v1/catalog/search?{query}")
    if as_json:
        show.print_json(found)
        return
    rows = [(item["item_id"], item["name"], item["sku"], ", ".join(item["barcodes"])) for item in found["items"]]
    show.print_table(("ITEM", "NAME", "SKU", "BARCODES"), rows)


@app.command("unknown")
def unknown(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """List items and employees that sales named and that are not known here, since the agent started."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", "/v1/unknown")
    if as_json:
        show.print_json(found)
        return
    for sentence in found["words"]:
        typer.echo(show.plain(sentence))
    if found["catalog_as_of"] is None:
        typer.echo("There is no catalog here yet. Bring one in with: store-agent catalog import FILE")
    elif not found["words"]:
        typer.echo("No sale since the agent started named anything that is not known.")


@app.command("diff")
def diff(
    version: Annotated[int | None, typer.Argument(min=1, help="The version; the one in use if none is given.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Changes to show.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List what a version changed of the one before."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    with local.LocalAgent(load(config)) as agent:
        now = agent.call("GET", "/v1/catalog")["version"]
        number = version or (now["version"] if now else 1)
        found: dict[str, Any] = agent.call("GET", f"/v1/catalog/versions/{number}/changes?limit={limit}")
    if as_json:
        show.print_json(found)
        return
    rows = [(one["kind"], one["entry"], one["key"], ", ".join(one["fields"])) for one in found["changes"]]
    show.print_table(("WHAT", "ENTRY", "ID", "FIELDS"), rows)


@app.command("push")
def push(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Send it to the platform again, whether it has changed or not."""
    from store_agent.cli import local, shelf, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "POST", "/v1/catalog/push")
    if as_json:
        show.print_json(found)
    else:
        shelf.say_upload(found["upload"])
