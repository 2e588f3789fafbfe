"""The configuration as it stands."""

import os
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from store_agent.agent.setup.questions import QUESTIONS
from store_agent.config.template import new_text
from store_agent.errors import CannotCreate, ConfigurationError


class Written(NamedTuple):
    """The file behind `path`, its text and what it says; of one that is not there, what a new one begins with."""

    path: Path
    text: str
    values: dict[str, Any]
    there: bool


def read_written(path: Path) -> Written:
    """Read the file. Raises ConfigurationError for one that cannot be filled in, CannotCreate where none can be put."""
    path = path.resolve()
    if not os.access(path.parent, os.W_OK | os.X_OK):
        reason = "permission denied" if path.parent.is_dir() else "its directory is not there"
        raise _cannot(path, reason)
    try:
        text = path.read_bytes().decode()
        return Written(path, text, _tables(tomllib.loads(text)), there=True)
    except FileNotFoundError:
        text = new_text()
        return Written(path, text, tomllib.loads(text), there=False)
    except OSError as error:
        raise _cannot(path, error.strerror) from None
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            f"The configuration {path} cannot be filled in: {error}. Nothing was changed."
        ) from None


def _tables(values: dict[str, Any]) -> dict[str, Any]:
    for question in QUESTIONS:
        if not isinstance(values.get(question.table, {}), dict):
            raise TypeError(f"[{question.table}] is to be a table")
    return values


def _cannot(path: Path, reason: str | None) -> CannotCreate:
    return CannotCreate(
        f"The configuration {path} cannot be written ({reason}). Nothing was changed. Run this as root (sudo), or give "
        "another path with -c."
    )
