"""What is examined: the configuration, as far as it can be read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from store_agent.agent.handed_over import load_as_service
from store_agent.config.settings import Settings
from store_agent.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Subject:
    """`broken` are the tables of `settings` that cannot be used, `trouble` says why (empty if all can).

    `written` is the file's own content, empty if it is not TOML.
    """

    path: Path
    settings: Settings
    broken: frozenset[str] = frozenset()
    trouble: str = ""
    written: Mapping[str, Any] | None = None


def read_subject(path: Path) -> Subject:
    """Read the configuration at `path`; of one that cannot be used, every table that can."""
    written = _written(path)
    try:
        return Subject(path, load_as_service(path), written=written)
    except ConfigurationError as error:
        tables = {} if written is None else _usable_tables(written)
        broken = frozenset(Settings.model_fields) - frozenset(tables)
        return Subject(path, Settings.model_construct(**tables), broken, str(error), written)


def _written(path: Path) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _usable_tables(written: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        assert field.annotation is not None  # noqa: S101 - every table has a type
        try:
            found[name] = TypeAdapter(field.annotation).validate_python(written.get(name, {}))
        except ValidationError:
            continue
    return found
