"""The configuration as it is to be: filled in, checked as a whole, and not written yet."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from store_agent.agent.handed_over import with_credentials
from store_agent.agent.setup.questions import KEY, SECRET, Question
from store_agent.agent.setup.secret import Place
from store_agent.agent.setup.written import Written
from store_agent.agent.usable import demand_usable
from store_agent.config.filling import Change, fill, unmarked
from store_agent.config.load import parse
from store_agent.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Draft:
    """`settings` hold the credentials, wherever they are kept; `changed` names the keys that have another value now."""

    text: str
    settings: Settings
    changed: tuple[str, ...]


def make_draft(
    written: Written, answers: Mapping[Question, str], others: Iterable[Change], place: Place, *, service: bool
) -> Draft:
    """Fill in answers and other keys; a new secret is to be kept in `place`.

    Raises ConfigurationError for what cannot be used, the certificates and files that it names included.
    """
    changes = [one for one in _changes(answers, others, place) if is_new(one, written.values)]
    text = unmarked(fill(written.text, changes))
    values = _with_secret(tomllib.loads(text), answers.get(SECRET, ""))
    settings = parse(with_credentials(values) if service else values, written.path)
    demand_usable(settings)
    changed = [f"{one.table}.{one.key}" for one in changes if one.value is not None]
    return Draft(text, settings, (*changed, *([SECRET.setting] if SECRET in answers else [])))


def _changes(answers: Mapping[Question, str], others: Iterable[Change], place: Place) -> Iterable[Change]:
    for question, answer in answers.items():
        if question is SECRET:
            yield from place.changes()
        else:
            yield Change(question.table, question.key, answer)
    if KEY in answers:
        yield Change(KEY.table, f"{KEY.key}_file", None)
    yield from others


def is_new(change: Change, values: Mapping[str, Any]) -> bool:
    """Tell whether a change is one."""
    table = values.get(change.table, {})
    return not isinstance(table, dict) or table.get(change.key) != change.value


def _with_secret(values: dict[str, Any], secret: str) -> dict[str, Any]:
    """Put in the secret in hand, which the agent will find elsewhere."""
    if secret:
        cloud = values.get("cloud", {})
        cloud.pop("secret_file", None)
        cloud["secret"] = secret
    return values
