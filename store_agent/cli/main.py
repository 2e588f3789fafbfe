"""The command line: collects the commands and turns errors into one readable line and an exit code of sysexits.h."""

import os
import resource
import sys
from typing import Annotated, NoReturn

import typer

from store_agent import __version__
from store_agent.agent.journal import is_journal, prefixed
from store_agent.cli import (
    attention,
    audit,
    backup,
    catalog,
    check_config,
    day,
    demo,
    doctor,
    employees,
    export,
    health,
    incidents,
    init,
    key,
    log,
    outbox,
    printer,
    receipt,
    reload,
    repair,
    restore,
    run,
    sandbox,
    status,
    terminal,
    tui,
)
from store_agent.errors import AgentError

app = typer.Typer(
    name="store-agent",
    help="Keeps a store selling while the line is down, and delivers every sale once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("run")(run.run)
app.command("tui")(tui.tui)
app.command("sandbox")(sandbox.sandbox)
app.command("status")(status.status)
app.command("health")(health.health)
outbox.app.command("attention")(attention.attention)
outbox.app.command("export")(export.export)
repair.add_commands(outbox.app)
app.add_typer(outbox.app, name="outbox")
app.add_typer(receipt.app, name="receipt")
app.add_typer(printer.app, name="printer")
app.add_typer(day.app, name="day")
app.add_typer(incidents.app, name="incidents")
app.add_typer(audit.app, name="audit")
app.add_typer(terminal.app, name="terminal")
app.add_typer(catalog.app, name="catalog")
app.add_typer(employees.app, name="employees")
app.add_typer(key.app, name="key")
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.command("log")(log.log)
app.command("reload")(reload.reload)
app.command("doctor")(doctor.doctor)
app.command("check-config")(check_config.check_config)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - the signature is typer's
    if wanted:
        typer.echo(f"store-agent {__version__}")
        raise typer.Exit


_Version = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
]


@app.callback()
def _root(*, version: _Version = False) -> None:
    pass


def main() -> None:
    """Run the command line. Whatever it makes is for its user alone; a core could hold the key, so there is none."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        app()
    except AgentError as error:
        _fail(error)
    except BaseExceptionGroup as group:
        errors = group.subgroup(AgentError)
        if errors is None:
            raise
        _fail(_first(errors))


def _first(group: BaseExceptionGroup[AgentError]) -> AgentError:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _fail(error: AgentError) -> NoReturn:
    text = f"store-agent: {error}"
    sys.stderr.write(f"{prefixed('error', text) if is_journal(sys.stderr) else text}\n")
    sys.exit(error.exit_code)
