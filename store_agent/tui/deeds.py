"""What a manager can do to sales: which state it needs, what will happen, and what it asks for first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store_agent.tui.words import count


@dataclass(frozen=True, slots=True)
class Target:
    """The sales that something is done to: named ones, or all that match filters in the state for it."""

    sequences: Sequence[int] = ()
    matching: Mapping[str, Any] | None = None
    name: str = ""

    @property
    def words(self) -> str:
        """Say which they are."""
        if self.name:
            return self.name
        if self.matching is not None:
            return "all that match the filter"
        if len(self.sequences) == 1:
            return f"sale {self.sequences[0]:,}"
        return f"{len(self.sequences):,} marked sales"

    def as_json(self) -> dict[str, Any]:
        """Give the members of a request."""
        return {"sequences": list(self.sequences)} if self.matching is None else {"all": dict(self.matching)}


@dataclass(frozen=True, slots=True)
class Deed:
    """`action` is its name in the API, `state` the one that a sale must be in, `happens` what will come of it.

    `reason`: one must be given. `typed`: the word that must be typed, for what cannot be undone.
    """

    action: str
    title: str
    button: str
    state: str
    happens: str
    done: tuple[str, str]
    reason: bool = False
    typed: str = ""

    def said(self, answer: Mapping[str, Any]) -> str:
        """Say what came of it, by the API's answer."""
        words = count(answer["done"], *self.done)
        if answer["not_done"]:
            problem = next(one["problem"] for one in answer["results"] if one["problem"])
            words += f" {count(answer['not_done'], 'is', 'are')} as before: {problem}"
        return words


RETRY = Deed(
    "retry",
    "Send again",
    "Send again",
    "parked",
    "They wait to be sent again, and go out as soon as the line allows. What the platform refuses once more comes back "
    "here. One whose sale has a newer state by now need not go and is marked as replaced.",
    ("refused sale goes out again.", "refused sales go out again."),
)
HOLD = Deed(
    "hold",
    "Hold back",
    "Hold back",
    "waiting",
    "They stay on this machine, safe, until you release them; later states of the same sales wait with them.",
    ("sale is held back until it is released.", "sales are held back until they are released."),
)
RELEASE = Deed(
    "release",
    "Release",
    "Release",
    "held",
    "They wait to be sent, and go out as soon as the line allows.",
    ("held sale goes out again.", "held sales go out again."),
)
DISCARD = Deed(
    "discard",
    "Discard",
    "Discard for good",
    "parked",
    "They NEVER reach the platform: guests get no points for them, and this cannot be undone. They stay in the books "
    "with your name and the reason.",
    ("refused sale was discarded.", "refused sales were discarded."),
    reason=True,
    typed="discard",
)

DEEDS = {deed.action: deed for deed in (RETRY, HOLD, RELEASE, DISCARD)}
