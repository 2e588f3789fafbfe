"""Who may read and write where sales are kept."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.subject import Subject

FILES_MAX = 10_000
"""Files that are looked at; the agent makes a few dozen."""

_NAME = "directory"


def check(subject: Subject) -> Iterator[Finding]:
    """Look at the storage directory and at what lies in it."""
    directory = subject.settings.storage.directory
    try:
        found = directory.stat()
    except FileNotFoundError:
        yield warning(
            _NAME,
            f"{directory} does not exist.",
            "No sales were kept there yet; the agent makes it when it starts, if it may.",
            "Start the agent once, or correct storage.directory.",
        )
        return
    except OSError as error:
        yield not_checked(_NAME, f"{directory} cannot be looked at ({error.strerror}); run this as the agent's user.")
        return
    if not stat.S_ISDIR(found.st_mode):
        meaning = "Sales cannot be kept: the agent does not start."
        yield problem(_NAME, f"{directory} is not a directory.", meaning, "Correct storage.directory.")
        return
    yield _own(directory, found)
    yield _files(directory, found.st_uid)


def _own(directory: Path, found: os.stat_result) -> Finding:
    mode = stat.S_IMODE(found.st_mode)
    if not os.access(directory, os.W_OK | os.X_OK):
        return not_checked(_NAME, f"{directory} belongs to user {found.st_uid}; run this as that user, or as root.")
    if mode & 0o700 != 0o700:  # noqa: PLR2004 - a mode is read in octal
        meaning = "Sales cannot be kept: the agent does not start."
        return problem(_NAME, f"The mode of {directory} is {mode:04o}.", meaning, f"chmod 700 {directory}")
    if mode & 0o077:
        meaning = "Sales are not affected, but others on this machine can look into them."
        return warning(_NAME, f"The mode of {directory} is {mode:04o}.", meaning, f"chmod 700 {directory}")
    return ok(_NAME, f"Only its user can read {directory}.")


def _files(directory: Path, owner: int) -> Finding:
    name = "directory.files"
    foreign, open_ = [], []
    for number, path in enumerate(directory.rglob("*")):
        if number >= FILES_MAX:
            break
        try:
            found = path.lstat()
        except OSError:
            continue  # gone meanwhile
        if found.st_uid != owner:
            foreign.append(path)
        elif stat.S_ISREG(found.st_mode) and found.st_mode & 0o077:
            open_.append(path)
    if foreign:
        return problem(
            name,
            f"{foreign[0]} does not belong to the user of its directory.",
            "The agent may not be able to open it, and then takes no sales.",
            f"chown -R --reference={directory} {directory}",
        )
    if open_:
        meaning = "Sales are not affected, but others on this machine may read them."
        return warning(name, f"Others can read {open_[0]}.", meaning, f"chmod -R go= {directory}")
    return ok(name, "All files in it belong to its user, and only that user can read them.")
