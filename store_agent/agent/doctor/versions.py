"""What runs here: the program, its SQLite, Python, and the service that starts it."""

import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from store_agent import __version__
from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.errors import ConfigurationError
from store_agent.storage import sqlite

UNIT = "store-agent.service"

ASK_SECONDS = 3.0
"""How long systemd may take to answer."""

BOOTED = Path("/run/systemd/system")
"""There only where systemd runs the machine (sd_booted(3))."""


def check(_: Subject) -> Iterator[Finding]:
    """Name the versions; an SQLite that can lose sales is refused at the start, too."""
    try:
        sqlite.refuse_affected()
    except ConfigurationError as error:
        meaning = "The agent does not start with it: no sales can be taken."
        yield problem("versions", str(error), meaning, "Install the packages that store-agent was released with.")
        return
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield ok("versions", f"store-agent {__version__}, SQLite {sqlite.sqlite_version}, {python}.")


def check_service(_: Subject) -> Iterator[Finding]:
    """Ask systemd whether the agent comes back after a power cut."""
    name = "service"
    systemctl = shutil.which("systemctl")
    if systemctl is None or not BOOTED.exists():
        yield not_checked(name, "This machine is not run by systemd; something else must start the agent.")
        return
    done = subprocess.run(  # noqa: S603 - the machine's own systemctl, and nothing of the caller's
        [systemctl, "is-enabled", UNIT], capture_output=True, text=True, check=False, timeout=ASK_SECONDS
    )
    answer = done.stdout.strip()
    if answer in ("enabled", "enabled-runtime", "static", "alias"):
        yield ok(name, f"systemd starts {UNIT} by itself ({answer}).")
    elif answer in ("disabled", "masked", "linked"):
        meaning = "After a power cut the agent does not come back: no sales can be taken then."
        yield warning(name, f"{UNIT} does not start by itself ({answer}).", meaning, f"systemctl enable --now {UNIT}")
    else:
        meaning = "Unless something else starts the agent, it does not come back after a power cut."
        cure = f"Install {UNIT} (see the operator guide), then: systemctl enable --now {UNIT}"
        yield warning(name, f"systemd does not know {UNIT}.", meaning, cure)
