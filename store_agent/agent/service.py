"""The agent as a service of this machine: whether systemd runs it, and having it take over what was written."""

import os
import pwd
import re
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from store_agent.errors import TemporaryFailure, Unavailable

UNIT = "store-agent.service"
CONFIGURATION = Path("/etc/store-agent/config.toml")
"""The configuration that the unit names (packaging/debian/store-agent.service)."""

BOOTED = Path("/run/systemd/system")
"""Is there where systemd runs the machine (sd_booted(3))."""

START_SECONDS_MAX = 120.0
"""How long a start may take; systemd gives it up after 90 seconds."""


def is_own(path: Path) -> bool:
    """Tell whether `path` leads to the machine's own configuration, there or not."""
    return path.resolve() == CONFIGURATION.resolve()


def is_installed(path: Path) -> bool:
    """Tell whether the configuration at `path` is that of a service here, which this user may start."""
    here = is_own(path) and os.geteuid() == 0 and BOOTED.is_dir()
    return here and _systemctl("cat", UNIT).returncode == 0


def is_out_of_sight(path: Path) -> bool:
    """Tell whether the configuration at `path` is that of a service that gets more than this user can see."""
    return is_own(path) and os.geteuid() != 0 and BOOTED.is_dir()


def runs_with(files: Iterable[Path]) -> bool:
    """Tell whether it runs, and has been started since these files were last changed, as far as they are there."""
    if _systemctl("is-active", "--quiet", UNIT).returncode != 0:
        return False
    said = _systemctl("show", "--value", "--timestamp=us+utc", "--property=ExecMainStartTimestamp", UNIT).stdout
    try:
        started = datetime.strptime(said.strip(), "%a %Y-%m-%d %H:%M:%S.%f %Z").replace(tzinfo=UTC).timestamp()
    except ValueError:  # it does not say
        return False
    return all(path.stat().st_ctime < started for path in files if path.exists())


def plain_credential(name: str) -> Path | None:
    """Give the file that the unit or a drop-in hands over as it is (LoadCredential=), None where none is named."""
    named = re.findall(rf"^LoadCredential={re.escape(name)}:(/.*)$", _systemctl("cat", UNIT).stdout, re.MULTILINE)
    return Path(named[-1]) if named else None


def user() -> pwd.struct_passwd | None:
    """Give the user that the unit names, None if it names none that is there."""
    name = _systemctl("show", "--value", "--property=User", UNIT).stdout.strip()
    try:
        return pwd.getpwnam(name) if name else None
    except KeyError:
        return None


def can_read(reader: pwd.struct_passwd, path: Path) -> bool:
    """Tell whether a user can read a file, which the service looks for from / on. Only root can tell."""
    groups = os.getgrouplist(reader.pw_name, reader.pw_gid)
    done = subprocess.run(  # noqa: S603 - the path is an argument
        ["test", "-r", str(path)],  # noqa: S607 - the system's own
        user=reader.pw_uid, group=reader.pw_gid, extra_groups=groups, cwd="/", check=False,
    )  # fmt: skip
    return done.returncode == 0


def restart() -> None:
    """Start it, anew if it runs, and wait until it is ready. Raises Unavailable with its own last words."""
    if _systemctl("restart", UNIT).returncode != 0:
        said = _systemctl("show", "--value", "--property=StatusText", UNIT).stdout.strip()
        raise Unavailable(
            f"The configuration is written, but the service does not start: {said or 'it does not say why.'} "
            f"Look at it with: systemctl status {UNIT.removesuffix('.service')}; then run this again."
        )


def _systemctl(*words: str) -> subprocess.CompletedProcess[str]:
    command = ["systemctl", *words]
    try:
        return subprocess.run(  # noqa: S603 - its words are of this file
            command, capture_output=True, text=True, check=False, timeout=START_SECONDS_MAX
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, TemporaryFailure.exit_code, "", "")
