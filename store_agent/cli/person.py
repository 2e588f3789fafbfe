"""Who gives a command: what is audited as the name of the person."""

import os
from typing import Annotated

import typer

By = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who does this, for the audit. Default: the user who is logged in.")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for the audit.")]


def named(by: str | None) -> str:
    """Return the name given, or the user who is logged in. Raises typer.BadParameter when that cannot be found out."""
    import getpass

    found = by or os.environ.get("SUDO_USER")
    if found:
        return found
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("this user has no name; say who you are with --by NAME.") from None
