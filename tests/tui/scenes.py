"""Scenes: what a real agent answered to everything that the screens ask, kept so that it can be answered again.

`python -m tests.tui.record` records them. A test holds what is kept to what an agent answers today.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "scenes"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """`answers` are status and body by method and path with query, `events` what was told until then."""

    name: str
    answers: Mapping[str, tuple[int, Any]]
    events: list[Json]

    def save(self) -> None:
        """Keep it, one answer a line, so that a difference can be read."""
        parts = [f"{_text(asked)}: {_text(list(answer))}" for asked, answer in sorted(self.answers.items())]
        events = ",\n".join(_text(event) for event in self.events)
        text = f'{{"events": [\n{events}\n],\n"answers": {{\n{",".join(f"{part}" for part in _lines(parts))}\n}}}}\n'
        (KEPT / f"{self.name}.json").write_text(text, encoding="utf-8")


def load(name: str) -> Scene:
    """Read a scene that was kept."""
    kept = json.loads((KEPT / f"{name}.json").read_text(encoding="utf-8"))
    answers = {asked: (status, body) for asked, (status, body) in kept["answers"].items()}
    return Scene(name, answers, kept["events"])


def shape(value: Any) -> Any:
    """Give what kind of JSON a value is: its members and their kinds, at any depth; a list is all its entries."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return type(value).__name__
    return "number"


def differences(kept: Any, now: Any, where: str = "") -> list[str]:
    """List where two shapes cannot be of the same API; null may stand for anything, lists for some of their entries."""
    if "NoneType" in (kept, now):
        return []
    if isinstance(kept, dict) and isinstance(now, dict):
        missing = [f"{where}.{name} is only in {side}" for name, side in _only(kept, now)]
        return missing + [one for name in kept.keys() & now.keys() for one in differences(kept[name], now[name], name)]
    if isinstance(kept, list) and isinstance(now, list):
        return [one for before, after in zip(kept, now, strict=False) for one in differences(before, after, where)]
    return [] if kept == now else [f"{where} was {kept} and is {now}"]


def _only(kept: Json, now: Json) -> list[tuple[str, str]]:
    return [(name, "the scene") for name in kept.keys() - now.keys()] + [
        (name, "the answer") for name in now.keys() - kept.keys()
    ]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _lines(parts: list[str]) -> list[str]:
    return [part if place == 0 else f"\n{part}" for place, part in enumerate(parts)]
