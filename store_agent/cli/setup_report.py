"""What `store-agent init` tells: as it goes for a person, or in one document for a script."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from store_agent.agent.setup.trial import Verdict
    from store_agent.config.settings import Settings

DOCUMENTS = "/usr/share/doc/store-agent"
"""Where the package puts docs/."""


class Report:
    """`found` is the document; what is told to a person meanwhile is left out with `as_json`."""

    def __init__(self, config: Path, *, as_json: bool) -> None:
        self._as_json = as_json
        self.found: dict[str, Any] = {
            "configuration": str(config.absolute()),
            "written": False,
            "changed": [],
            "test": None,
            "plain_secret": None,
            "service": None,
            "terminal": None,
            "storage_key": None,
        }

    def say(self, words: str = "") -> None:
        """Tell a person."""
        if not self._as_json:
            typer.echo(words)

    def end(self) -> None:
        """Print the document, if that is wanted."""
        from store_agent.cli import show

        if self._as_json:
            show.print_json(self.found)

    def tried(self, verdict: "Verdict") -> None:
        """Tell what the platform said."""
        from store_agent.cli import show

        self.found["test"] = verdict._asdict()
        self.say(show.plain(verdict.words))
        if verdict.cure:
            self.say(f"What to do: {verdict.cure}")

    def wrote(self, changed: Sequence[str], *, written: bool) -> None:
        """Tell what was written."""
        self.found |= {"written": written, "changed": list(changed)}
        path = self.found["configuration"]
        self.say(f"{path} is written." if written else f"{path} is complete, and stays as it is.")

    def still_plain(self, path: Path) -> None:
        """Tell of a file with the secret that nobody reads any more."""
        self.found["plain_secret"] = str(path)
        self.say(f"{path} still holds the secret in plain text, and the agent does not read it any more: remove it.")

    def served(self, how: str) -> None:
        """Tell of the service, if there is one."""
        self.found["service"] = how or None
        if how:
            self.say("The service was started with it." if how == "restarted" else "The service runs with it.")

    def met(self, name: str, revoked: object) -> None:
        """Tell of a terminal that is there already."""
        self.found["terminal"] = {"name": name, "state": "revoked" if revoked else "there"}
        if revoked:
            self.say(f"Terminal {name} was shut out, and stays so; store-agent terminal add {name} lets it in again.")
        else:
            self.say(f"Terminal {name} may call already; store-agent terminal add lets others in.")

    def added(self, name: str, token: str, settings: "Settings") -> None:
        """Tell what the POS of a new terminal needs."""
        url = _url(settings)
        certificate = [] if settings.api.tls is None else ["--cacert", str(settings.api.tls.certificate_file)]
        curl = shlex.join(["curl", *certificate, "--user", name, f"{url}/v1/me"])
        self.found["terminal"] = {"name": name, "state": "added", "url": url, "user": name, "password": token}
        self.say(f"\nThe POS of {name} needs:\n  address   {url}\n  user      {name}\n  password  {token}")
        self.say(
            "Write the password down now; it is not shown again. To try it once the agent runs (curl asks for it):"
        )
        self.say(f"  {curl}")
        self.say(f"What a POS plugin does with it is told in {DOCUMENTS}/pos-plugin.md.\n")

    def left(self, config: Path, settings: "Settings") -> None:
        """Tell what is left to do, and print the document."""
        from store_agent.agent.keys import key_path

        key, own = key_path(settings)
        if own and key.exists() and settings.storage.encryption == "on":
            self.found["storage_key"] = str(key)
            self.say(f"Keep a copy of {key} in a safe place: without it the sales that wait and all backups are lost.")
        if self.found["service"]:
            self.say("The agent runs; store-agent status tells how it is.")
        else:
            self.say(f"Start the agent, or start one that runs anew: store-agent run -c {shlex.quote(str(config))}")
        self.end()


def _url(settings: "Settings") -> str:
    """Give the address for a POS: with TLS by a name that is in the certificate, if the configuration tells one."""
    from store_agent.config.upstream import is_here
    from store_agent.local.address import address_of

    elsewhere = [host for host in settings.api.allowed_hosts if not is_here(host.strip("[]"))]
    if settings.api.tls is None or not elsewhere:
        return address_of(settings).url
    return f"https://{elsewhere[0]}:{settings.api.port}"
