"""`store-agent init`: a configuration by questions or flags, tried; the first terminal; and what its POS needs."""

from pathlib import Path
from typing import Annotated

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, named
from store_agent.errors import TemporaryFailure

StoreId = Annotated[str | None, typer.Option(metavar="ID", help="store.store_id: who this store is to the platform.")]
ClientId = Annotated[str | None, typer.Option(metavar="ID", help="store.client_id: whose store it is.")]
BaseUrl = Annotated[str | None, typer.Option(metavar="URL", help="cloud.base_url: the platform's address.")]
Key = Annotated[str | None, typer.Option(metavar="KEY", help="cloud.key: the name of this store's credentials.")]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A file with the secret that goes with it; - for standard input. Else STORE_AGENT_CLOUD__SECRET.",
    ),
]
ReceiptsUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="receipts.base_url: what the code on a receipt opens.")
]
TerminalName = Annotated[
    str | None, typer.Option("--terminal", metavar="NAME", help="The first terminal; lane-1 if there is none yet.")
]
CaFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="cloud.ca_file: the authority of the platform's certificate.")
]
Directory = Annotated[Path | None, typer.Option(metavar="DIR", help="storage.directory: where sales are kept.")]
Port = Annotated[
    int | None, typer.Option(min=1, max=65_535, metavar="N", help="api.port: where POS plugins reach the agent.")
]
SystemdCreds = Annotated[
    bool, typer.Option("--systemd-creds", help="Encrypt the secret for the service, instead of keeping it in a file.")
]
Test = Annotated[bool, typer.Option("--test/--no-test", help="Try the credentials at the platform.")]


def init(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    store_id: StoreId = None,
    client_id: ClientId = None,
    base_url: BaseUrl = None,
    key: Key = None,
    secret_file: SecretFile = None,
    receipts_url: ReceiptsUrl = None,
    terminal: TerminalName = None,
    ca_file: CaFile = None,
    directory: Directory = None,
    port: Port = None,
    systemd_creds: SystemdCreds = False,
    test: Test = True,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Set up a store: fill in the configuration, try the credentials, add the first terminal, say what its POS needs.

    Asks for what is missing; where nobody can be asked, or with --json, flags must give it. What stands in the
    configuration stays unless a flag says otherwise. What the platform refuses is not written (exit code 78); where it
    cannot be reached, all is done and the exit code is 75. The service, if it is installed, is started. Run again, it
    changes nothing.
    """
    from store_agent.agent.setup import questions
    from store_agent.agent.setup.setup import Setup
    from store_agent.agent.setup.trial import Result
    from store_agent.cli.asking import is_somebody_there, read_secret
    from store_agent.cli.setup_report import Report
    from store_agent.cli.setup_steps import Steps
    from store_agent.config.filling import Change
    from store_agent.storage.terminals import check_name

    given = {
        questions.STORE_ID: store_id,
        questions.CLIENT_ID: client_id,
        questions.BASE_URL: base_url,
        questions.KEY: key,
        questions.SECRET: None if secret_file is None else read_secret(secret_file),
        questions.RECEIPTS_URL: receipts_url,
    }
    others = {("cloud", "ca_file"): ca_file, ("storage", "directory"): directory, ("api", "port"): port}
    changes = [Change(*at, _plain(value)) for at, value in others.items() if value is not None]
    report = Report(config, as_json=as_json)
    steps = Steps(Setup(config, changes, encrypted=systemd_creds), report, asks=is_somebody_there() and not as_json)
    who = named(by)
    if terminal is not None:
        check_name(terminal)
    settings = steps.configure(
        {question: answer for question, answer in given.items() if answer is not None}, test=test
    )
    steps.add_terminal(settings, terminal, who)
    report.left(config, settings)
    if report.found["test"]["result"] == Result.NOT_REACHABLE:
        raise typer.Exit(TemporaryFailure.exit_code)


def _plain(value: Path | int) -> str | int:
    """Give a path from the root on: the service runs elsewhere."""
    return str(value.absolute()) if isinstance(value, Path) else value
