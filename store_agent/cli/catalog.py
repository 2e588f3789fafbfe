"""`store-agent catalog import|show|search|push|diff|unknown`: what the store sells."""

from typing import Annotated, Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.shelf_commands import Wanted, shelf_app


def _row(item: dict[str, Any]) -> tuple[Any, ...]:
    return item["item_id"], item["name"], item["sku"], ", ".join(item["barcodes"])


app = shelf_app(
    Wanted("catalog", "upload_catalog", "catalog", "items", ("ITEM", "NAME", "SKU", "BARCODES"), _row),
)


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
