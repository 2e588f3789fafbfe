"""Reads the configuration and explains what is wrong with it, in one message that names file, key and cure."""

import grp
import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from store_agent.config.api import Api
from store_agent.config.settings import Settings
from store_agent.errors import ConfigurationError

_PREFIX = "STORE_AGENT_"
_FIRST_TABLES = {"store", "cloud", "receipts"}
"""What no store can do without."""

_CREDENTIALS = {"key", "key_file", "secret", "secret_file"}
"""Of these only one of a pair may be set (config.upstream)."""


def load(path: Path) -> Settings:
    """Read the file at `path`, overridden by the environment. Raises ConfigurationError with all that is wrong."""
    return parse(read_values(path), path)


def read_values(path: Path) -> dict[str, Any]:
    """Read what stands in the file at `path`, whatever it is. Raises ConfigurationError."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(
            f"The configuration {path} cannot be read ({error.strerror}). "
            "Give its path with -c; store-agent init makes one, and config.example.toml shows what belongs in it."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The configuration {path} is not TOML: {error}.") from None


def parse(values: Mapping[str, Any], path: Path) -> Settings:
    """Read what stands, or is to stand, in the file at `path`. Overridden and raises as `load`."""
    try:
        _refuse_unknown_variables()
        return Settings(**_overridden(values))
    except ValidationError as error:
        lines = [f"  {line}" for line in explain(error)]
    except (ConfigurationError, SettingsError) as error:
        lines = [f"  {error}"]
    raise ConfigurationError("\n".join([f"The configuration {path} cannot be used:", *lines]))


def managers_group_of(api: Api) -> int | None:
    """Return the number of the managers' group, None where there is none. Raises ConfigurationError."""
    if api.managers_group is None:
        return None
    try:
        return grp.getgrnam(api.managers_group).gr_gid
    except KeyError:
        raise ConfigurationError(
            f"api.managers_group: there is no group {api.managers_group} on this machine. "
            f"Correct the name, or make the group, for example with: groupadd --system {api.managers_group}"
        ) from None


def _overridden(values: Mapping[str, Any]) -> dict[str, Any]:
    given = EnvSettingsSource(Settings)().get("cloud")
    cloud = values.get("cloud")
    return {**values, "cloud": _one_of_each(cloud, given)} if cloud and given else {**values}


def _one_of_each(table: Any, given: Any) -> Any:
    """Leave out the credential, or the file with it, of a table and those in it where the environment gives another."""
    if not isinstance(table, dict) or not isinstance(given, dict):
        return table
    other = {
        name.removesuffix("_file") if name.endswith("_file") else f"{name}_file" for name in _CREDENTIALS & {*given}
    }
    return {name: _one_of_each(value, given.get(name)) for name, value in table.items() if name not in other}


def _refuse_unknown_variables() -> None:
    for name in os.environ:
        section = name.removeprefix(_PREFIX).split("__")[0].lower()
        if name.startswith(_PREFIX) and section not in Settings.model_fields:
            raise ConfigurationError(
                f"The environment variable {name} belongs to no section; they look like {_PREFIX}CLOUD__SECRET."
            )


def explain(error: ValidationError) -> list[str]:
    """Say what is wrong, a line for each key; no value is repeated."""
    return [_explain(item) for item in error.errors(include_url=False, include_input=False)]


def _explain(item: Any) -> str:
    location = ".".join(str(part) for part in item["loc"] if part != "[key]")
    if item["type"] == "extra_forbidden":
        return f"{location}: is not a known key{_suggest(item['loc'])}"
    if item["type"] == "missing":
        cure = "store-agent init asks for it" if _is_asked_for(item["loc"]) else "config.example.toml tells what it is"
        return f"{location}: is missing; {cure}"
    words: str = item["msg"].removeprefix("Value error, ")
    return f"{location}: {words}" if location else words


def _is_asked_for(location: tuple[str | int, ...]) -> bool:
    return location[0] in _FIRST_TABLES and len(location) <= 2  # noqa: PLR2004 - a table, or a key in one


def _suggest(location: tuple[str | int, ...]) -> str:
    model: type[BaseModel] = Settings
    for part in location[:-1]:
        field = model.model_fields.get(str(part))
        if field is None:
            continue  # the name of one of many such tables
        annotation = get_args(field.annotation)[-1] if get_origin(field.annotation) is dict else field.annotation
        if not isinstance(annotation, type) or not issubclass(annotation, BaseModel):
            return ""
        model = annotation
    close = get_close_matches(str(location[-1]), model.model_fields, n=1)
    known = ", ".join(model.model_fields)
    return f"; did you mean {close[0]}?" if close else f"; known here are {known}"
