"""What the commands about catalog and employees share: importing a file, and saying what became of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from store_agent.errors import AgentError, CannotCreate

if TYPE_CHECKING:
    from rich.progress import Progress

    from store_agent.config.settings import Settings

CHECKING, STORING = "Reading and checking", "Taking over"

POLL_SECONDS = 0.2
"""How often the agent is asked how far it is, while somebody looks at a terminal."""


def import_file(settings: "Settings", endpoint: str, file: Path) -> dict[str, Any]:
    """Hand a file to the running agent, which checks it whole. Raises AgentError with all that is wrong in it."""
    from store_agent.cli import local

    try:
        content = file.read_bytes()
    except OSError as error:
        raise CannotCreate(f"{file} cannot be read ({error.strerror}).") from None
    with local.LocalAgent(settings, local.PATIENT) as agent, _bar(settings, endpoint):
        found: dict[str, Any] = agent.send("POST", f"/api/2.0/{endpoint}", content)
    return found


@contextmanager
def _bar(settings: "Settings", endpoint: str) -> Iterator[None]:
    """Show on a terminal how far the agent is; nothing elsewhere, and nothing stays of it. It uses standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        bar.add_task(CHECKING, total=None)
        over = threading.Event()
        follower = threading.Thread(target=_follow, args=(settings, endpoint, bar, over), daemon=True)
        follower.start()
        try:
            yield
        finally:
            over.set()
            follower.join()


def _follow(settings: "Settings", endpoint: str, bar: "Progress", over: threading.Event) -> None:
    """Ask the agent until it is over; one that does not answer in time is only asked again."""
    from store_agent.cli import local
    from store_agent.cloud.transport import Timeouts

    with local.LocalAgent(settings, Timeouts(connect=1.0, write=1.0, read=1.0, whole=1.0)) as agent:
        while not over.wait(POLL_SECONDS):
            with suppress(AgentError):
                advance(bar, agent.call("GET", "/v1/catalog/importing")["imports"].get(endpoint))


def advance(bar: "Progress", stage: dict[str, int] | None) -> None:
    """Show a stage: without numbers as long as the agent only reads and checks."""
    (task,) = bar.task_ids
    if stage is not None and stage["total"]:
        bar.update(task, description=STORING, completed=stage["done"], total=stage["total"])


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
    from store_agent.domain.uploads import Pushed
    from store_agent.sync.imports import UPLOAD_WORDS

    typer.echo(UPLOAD_WORDS[Pushed(upload)])


def say_state(found: dict[str, Any], what: str, command: str) -> None:
    """Print which version there is, and what became of its last upload."""
    from store_agent.cli import show

    version = found["version"]
    if version is None:
        typer.echo(found["trouble"] or f"There is no {what} here yet. Bring one in with: {command}")
    else:
        counts = ", ".join(f"{count:,} {name}" for name, count in version["counts"].items())
        typer.echo(
            f"Version {version['version']}: {counts}, as of {show.local_time(version['as_of'])} ({version['source']})."
        )
    if found["upload"] is not None:
        typer.echo(show.plain(uploaded(found["upload"])))


def uploaded(upload: dict[str, Any]) -> str:
    """Say what became of an upload, and what to do where a person has to."""
    from store_agent.cli import show

    taken, settled = show.local_time(upload["accepted_at"]), show.local_time(upload["settled_at"])
    error = f" {upload['error']}" if upload["error"] else ""
    words = {
        "waiting": f"waits since {taken} until it can be sent.{error}",
        "frozen": f"is being sent since {taken}.{error}",
        "held": f"is held back by a person, or since a backup was restored.{error}",
        "parked": f"was refused on {settled}.{error}",
        "delivered": f"arrived at the platform on {settled}.",
        "superseded": f"was overtaken by a newer one on {settled}.",
        "discarded": f"was discarded on {settled}.",
    }
    return f"The last upload ({upload['sequence']}) {words[upload['state']]}"
