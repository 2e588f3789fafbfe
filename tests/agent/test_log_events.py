"""Every line that the agent can write has words for a person, and stands in docs/logs.md for collectors."""

import ast
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from store_agent.agent.levels import ERRORS, WARNINGS, level_of

ROOT = Path(__file__).parents[2]
WRITES = {"debug", "info", "warning", "error", "critical", "exception", "log"}
FUNNEL = "store_agent/agent/wiring.py"
"""Where events with words of their own (docs/events.md) are logged."""

UNSEEN = {"words", "exc_info"}
NAME = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True)
class Written:
    """One call that writes a line: `name` is a pattern; `fields` are all of them unless it is `open`."""

    place: str
    name: str
    level: str
    fields: frozenset[str]
    open: bool


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((ROOT / "store_agent").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and is_log(node.func):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def is_log(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or function.attr not in WRITES:
        return False
    owner = function.value
    return (isinstance(owner, ast.Name) and owner.id == "_log") or (
        isinstance(owner, ast.Attribute) and owner.attr == "_log"
    )


def name_of(value: ast.expr) -> str | None:
    """Give the name of an event as a pattern; None if it is not written where the line is."""
    if isinstance(value, ast.Constant):
        return re.escape(str(value.value))
    if isinstance(value, ast.JoinedStr):
        return "".join(re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"\w+" for one in value.values)
    return None


@cache
def written() -> list[Written]:
    found = []
    for place, call in calls():
        assert isinstance(call.func, ast.Attribute)
        level = {"exception": "error", "log": ""}.get(call.func.attr, call.func.attr)
        name = name_of(call.args[1 if call.func.attr == "log" else 0])
        if name is None:
            assert place.startswith(FUNNEL), f"{place}: the event's name does not stand there"
            continue
        names = {keyword.arg for keyword in call.keywords}
        assert "words" in names, f"{place}: {name} has no words"
        fields = frozenset(one for one in names if one is not None) - UNSEEN
        found.append(Written(place, name, level, fields, open=None in names))
    return found


def rows(page: str) -> dict[str, list[str]]:
    """Give the other cells of each table's row by the names in its first one."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "docs" / page).read_text().splitlines():
        first, *others = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`([^`]+)`", first) if line.startswith("|") else ():
            found[name] = others
    return found


def test_every_line_has_a_dotted_name_and_words() -> None:
    found = written()
    assert len(found) > 40
    for one in found:
        assert NAME.fullmatch(one.name.replace("\\", "").replace("w+", "x")), one.place


def test_every_line_stands_in_the_table_with_its_level_and_fields() -> None:
    table = {name: row for name, row in rows("logs.md").items() if "." in name}
    unwritten = set(table) - set(rows("events.md"))
    for one in written():
        names = [name for name in table if re.fullmatch(one.name, name)]
        assert names, f"docs/logs.md lacks {one.name} of {one.place}"
        for name in names:
            level, fields = table[name][0], set(re.findall(r"`([^`]+)`", table[name][1]))
            assert one.level in level, f"{one.place}: {name} is {one.level}"
            assert one.fields <= fields, f"{one.place}: {name} has {one.fields - fields}, too"
            unwritten.discard(name)
    assert unwritten == set(), "nothing writes these"


def test_events_that_are_told_are_logged_as_loud_as_the_table_says() -> None:
    told, table = set(rows("events.md")) - {"event", "queue.moved"}, rows("logs.md")
    told = {name for name in told if "." in name}
    assert told >= WARNINGS | ERRORS
    assert {name: table.get(name, [""])[0] for name in told} == {
        name: logging.getLevelName(level_of(name)).lower() for name in told
    }
