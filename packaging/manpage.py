"""The manual page store-agent(1), made of the commands themselves (man-pages(7), groff_man(7)).

`make deb` writes it into the package. Each command with its arguments and options is said in the words of its --help;
what stands around that, files, environment and exit codes, is said here.
"""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import typer

from store_agent import __version__
from store_agent.cli.main import app

FILES = {
    "/etc/store-agent/config.toml": "The configuration; every key is explained there. The package never replaces it.",
    "/etc/store-agent/cloud_secret": "The secret of the platform, where init keeps it for the agent's user alone.",
    "/var/lib/store-agent": "What was sold and is still to be sent, and the rest of the agent's data, on a local disk.",
    "/var/lib/store-agent/storage.key": "The key that this is encrypted with. Without it what waits and all backups "
    "are lost: keep a copy in a safe place.",
    "/run/store-agent/managers.sock": "Where members of the group store-managers come in without a token.",
    "/etc/credstore.encrypted/store-agent.NAME": "Credentials that systemd decrypts for the agent alone, made with "
    "systemd-creds encrypt --name=NAME: cloud_key, cloud_secret, storage_key and others.",
    "/usr/share/doc/store-agent": "What the agent does when things go wrong, and how it is built.",
}
ENVIRONMENT = {
    "STORE_AGENT_SECTION__KEY": "Overrides a key of the configuration: STORE_AGENT_CLOUD__SECRET is secret in [cloud].",
    "CREDENTIALS_DIRECTORY": "Where systemd puts credentials (systemd.exec(5)).",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "Where traces go, if anywhere; other variables of OpenTelemetry say how.",
    "NO_COLOR": "The manager's screen is drawn in grey if it is set.",
}
EXIT_CODES = {
    "0": "It worked.",
    "64, 2": "The command line cannot be understood. (health has codes of its own, told there.)",
    "65": "What was given, or asked for, cannot be right.",
    "69": "The agent, a printer or a port is not there; from doctor: sales are not safe.",
    "70": "A fault of the program.",
    "73": "A file or directory cannot be made or written.",
    "74": "The disk or the database did not do what it must.",
    "75": "It did not work now and may work later: another agent runs, or the agent is busy.",
    "78": "The configuration must be corrected; systemd does not start the agent again before that.",
}
"""As in sysexits.h; 2 is that of the library that reads the command line."""

SEE_ALSO = "store-agent-operator(7), systemctl(1), journalctl(1), systemd-creds(1)"


def page() -> str:
    """Return the whole page."""
    root = typer.main.get_command(app)
    return "\n".join(line for line in _page(root) if line) + "\n"


def _page(root: Any) -> Iterator[str]:
    yield f'.TH STORE-AGENT 1 "{_date()}" "store-agent {__version__}" "store-agent"'
    yield from (".SH NAME", r"store\-agent \- keeps a store selling while its line to the loyalty platform is down")
    yield from (".SH SYNOPSIS", r".B store\-agent", r".I COMMAND", "[...]")
    yield from (".SH DESCRIPTION", _text(root.help))
    yield r"Commands other than run speak to the agent that runs on this machine, as its manager: use them as root with"
    yield r".BR runuser (1)"
    yield r"or sudo as the user store\-agent, or as a member of the group store\-managers."
    yield ".SH COMMANDS"
    yield from _commands(root, _context(root, "store-agent"))
    for title, entries in (("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT), ("EXIT STATUS", EXIT_CODES)):
        yield f".SH {title}"
        yield from _entries(entries)
    yield from (".SH SEE ALSO", _text(SEE_ALSO))


def _commands(group: Any, context: Any) -> Iterator[str]:
    for name, command in group.commands.items():
        within = _context(command, name, context)
        if hasattr(command, "commands"):
            yield from _commands(command, within)
        elif not command.hidden:
            yield from _command(command, within)


def _command(command: Any, context: Any) -> Iterator[str]:
    arguments = " ".join(command.collect_usage_pieces(context))
    yield from (".SS " + _text(context.command_path.removeprefix("store-agent ")), _paragraphs(command.help))
    yield from (".PP", rf".B {_text(context.command_path)}", _text(arguments))
    records = (option.get_help_record(context) for option in command.params)
    yield from _entries(dict(filter(None, records)))


def _entries(entries: dict[str, str]) -> Iterator[str]:
    for term, words in entries.items():
        yield from (".TP", rf"\fB{_text(term)}\fR", _text(words))


def _context(command: Any, name: str, parent: Any = None) -> Any:
    return command.context_class(command, info_name=name, parent=parent)


def _paragraphs(text: str) -> str:
    return "\n.PP\n".join(_text(paragraph) for paragraph in text.split("\n\n"))


def _text(text: str) -> str:
    r"""Return text as roff takes it: - as itself, no line that begins like a request, and no \ of its own."""
    words = " ".join(text.replace("\\", r"\e").replace("-", r"\-").split())
    return rf"\&{words}" if words.startswith((".", "'")) else words


def _date() -> str:
    """Give the day of the source, so that the same source makes the same page (reproducible-builds.org)."""
    moment = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    return moment.date().isoformat()


if __name__ == "__main__":
    sys.stdout.write(page())
