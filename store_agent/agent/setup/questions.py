"""What a store cannot do without, and only people know: what is asked for, and when an answer cannot be right."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from store_agent.config.load import explain
from store_agent.config.settings import Receipts, Store
from store_agent.config.upstream import Cloud


class Question(NamedTuple):
    """A key of the configuration, the flag that gives it, and what a person is asked; `form` is an example, if any."""

    table: str
    key: str
    flag: str
    words: str
    form: str = ""

    @property
    def setting(self) -> str:
        """Name the key as messages do."""
        return f"{self.table}.{self.key}"


STORE_ID = Question("store", "store_id", "--store-id", "Store id")
CLIENT_ID = Question("store", "client_id", "--client-id", "Client id")
BASE_URL = Question("cloud", "base_url", "--base-url", "Address of the platform", "https://pos.example.com")
KEY = Question("cloud", "key", "--key", "Key")
SECRET = Question("cloud", "secret", "--secret-file", "Secret (is not shown)")
RECEIPTS_URL = Question(
    "receipts", "base_url", "--receipts-url", "Address that receipts lead to", "https://rewards.example.com/r"
)
QUESTIONS = (STORE_ID, CLIENT_ID, BASE_URL, KEY, SECRET, RECEIPTS_URL)
OF_THE_PLATFORM = (STORE_ID, CLIENT_ID, BASE_URL, KEY, SECRET)
"""Those that the platform may refuse."""

_TRIED: dict[str, Callable[..., object]] = {
    "store": lambda **answer: Store(**{"store_id": "1", "client_id": "1", **answer}),
    "cloud": lambda **answer: Cloud(**{"base_url": "https://pos.example.com", **answer}),
    "receipts": Receipts,
}
"""The tables, each with what it needs beside an answer."""


def missing(values: Mapping[str, Any], handed_over: Callable[[str], bool]) -> list[Question]:
    """Give what the values of a configuration lack; `handed_over` tells whether systemd has a credential of a name."""
    return [question for question in QUESTIONS if not _is_there(question, values, handed_over)]


def wrong(question: Question, answer: str) -> str:
    """Say why an answer cannot be right, empty if it can. The answer is not repeated."""
    if not answer or not answer.isprintable():
        return "It must be one line of letters and digits."
    try:
        _TRIED[question.table](**{question.key: answer})
    except ValidationError as error:
        if question.form and any(one["type"] == "string_pattern_mismatch" for one in error.errors()):
            return f"It must be an address such as {question.form}."
        return f"{explain(error)[0]}."
    return ""


def _is_there(question: Question, values: Mapping[str, Any], handed_over: Callable[[str], bool]) -> bool:
    table = values.get(question.table, {})
    if question.key in table or (question.table == "receipts" and table.get("mode") == "off"):
        return True
    return question in (KEY, SECRET) and (f"{question.key}_file" in table or handed_over(f"cloud_{question.key}"))
