"""What the commands about catalog and employees share: importing a file, and saying what became of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from store_agent.errors import CannotCreate

if TYPE_CHECKING:
    from store_agent.config.settings import Settings

_UPLOADS = {
    "queued": "It goes to the platform as soon as the line allows.",
    "unchanged": "The platform has, or gets, the same already.",
    "none": "There is nothing to upload.",
    "too_large": "It is larger than catalog.upload_bytes_max allows and is not sent to the platform.",
    "no_room": "The disk is too full to send it to the platform; it goes later by itself.",
    "off": "Uploads are switched off (catalog.upload).",
}


def import_file(settings: "Settings", endpoint: str, file: Path) -> dict[str, Any]:
    """Hand a file to the running agent, which checks it whole. Raises AgentError with all that is wrong in it."""
    from store_agent.cli import local

    try:
        content = file.read_bytes()
    except OSError as error:
        raise CannotCreate(f"{file} cannot be read ({error.strerror}).") from None
    with local.LocalAgent(settings, local.PATIENT) as agent:
        found: dict[str, Any] = agent.send("POST", f"/api/2.0/{endpoint}", content)
    return found


def say_imported(found: dict[str, Any]) -> None:
    """Print what an import came to."""
    counts = ", ".join(f"{count:,} {name}" for name, count in found["counts"].items())
    if found["changed"]:
        changes = f"{found['added']:,} added, {found['removed']:,} removed, {found['altered']:,} changed"
        typer.echo(f"Version {found['version']} is in use: {counts} ({changes}).")
    else:
        typer.echo(f"Nothing has changed: {counts}.")
    say_upload(found["upload"])


def say_upload(upload: str) -> None:
    """Print what became of an upload."""
    typer.echo(_UPLOADS[upload])


def say_state(found: dict[str, Any], what: str, command: str) -> None:
    """Print which version there is."""
    from store_agent.cli import show

    version = found["version"]
    if version is None:
        typer.echo(found["trouble"] or f"There is no {what} here yet. Bring one in with: {command}")
        return
    counts = ", ".join(f"{count:,} {name}" for name, count in version["counts"].items())
    typer.echo(
        f"Version {version['version']}: {counts}, as of {show.local_time(version['as_of'])} ({version['source']})."
    )
