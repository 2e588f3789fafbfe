"""Which pictures there are: a scene, the keys that lead to a screen, and words that are there once it is complete."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from textual.pilot import Pilot

from store_agent.tui.dialogs.token import TokenScreen
from store_agent.tui.progress import Progress
from tests.tui.picture import Picture, take
from tests.tui.replay import Shown, replaying
from tests.tui.scenes import load
from tests.tui.shop import clock
from tests.tui.sitting import press, sitting, until
from tests.tui.told import told_id

SMALL = (80, 24)
LARGE = (160, 48)

GONE = "gone"
"""The scene in which nobody answers."""

CODE = told_id("receipt", clock("14:29"), 84)
"""The code on the receipt of the newest sale of the good day."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture, taken at both sizes."""

    name: str
    scene: str
    keys: tuple[str, ...]
    words: tuple[str, ...]


def _shots(scene: str, *shots: tuple[str, str, str]) -> Iterator[Shot]:
    for name, keys, words in shots:
        yield Shot(f"{name}-{scene}", scene, tuple(keys.split()), (words,))


SHOTS = (
    *_shots(
        "empty",
        ("overview", "1", "none was ever imported"),
        ("queue", "2", "No sales here"),
        ("catalog", "5", "none was ever imported"),
        ("terminals", "9", "1 of 1 terminals"),
    ),
    *_shots(
        "online",
        ("overview", "1", "; uploaded"),
        ("queue", "2", "S-0314-0084"),
        ("attention", "3", "Nothing needs you"),
        ("day", "4", "Day 2"),
        ("catalog", "5 slash type:wine", "Red wine glass"),
        ("catalog-versions", "5 t", "VERSION"),
        ("catalog-unknown", "5 t t", "Since the agent started"),
        ("employees", "6 slash type:ada", "Ångström"),
        ("receipts", "7", "The code of a receipt"),
        ("receipts-found", f"7 type:{CODE} enter", "S-0314-0084"),
        ("receipts-several", "7 type:82.08 enter", "S-0314-0012"),
        ("receipts-unknown", "7 type:4711 enter", "! No receipt"),
        ("log", "8", "day.closed"),
        ("log-people", "8 t", "closed the day"),
        ("terminals", "9", "old-till"),
        ("help", "0", "What the states"),
        ("dialog-token", "9", "Give this token"),
        ("dialog-add-terminal", "9 a", "Let a terminal in?"),
        ("dialog-revoke", "9 x", "out?"),
        ("dialog-close-day", "4 c", "All sales of the day"),
    ),
    *_shots(
        "offline",
        ("overview", "1", "; uploaded"),
        ("queue", "2", "S-0314-0211"),
        ("queue-marked", "2 space space down", "2 marked"),
        ("queue-details", "2 enter", "Total"),
        ("queue-history", "2 enter t", "safe on this machine"),
        ("queue-codes", "2 enter t t", "rewards.example.com"),
        ("queue-json", "2 enter t t t", "transaction_id"),
        ("day", "4", "keep the day open"),
        ("dialog-filter", "2 slash", "Which sales?"),
        ("dialog-go-to", "2 g", "Go to which sale?"),
        ("dialog-drain", "2 n", "Send now?"),
        ("dialog-hold", "2 h", "Hold back"),
        ("dialog-export", "2 e", "File (a new one)"),
        ("dialog-close-day", "4 c", "unfinished ("),
    ),
    *_shots("draining", ("overview", "1", "; uploaded"), ("queue", "2 right_square_bracket", "on the way")),
    *_shots(
        "parked",
        ("overview", "1", "; uploaded"),
        ("queue", "2 left_square_bracket left_square_bracket left_square_bracket left_square_bracket", "S-0314-0025"),
        ("queue-history", "2 g type:27 enter enter t", "own words"),
        ("attention", "3", "What to do"),
        ("day", "4", "keep the day open"),
        ("catalog-unknown", "5 t t", "7788"),
        ("employees-unknown", "6 t t", "1042"),
        ("dialog-retry", "3 r", "Send again"),
        ("dialog-discard", "3 d", "NEVER"),
    ),
    *_shots(
        "printing",
        ("overview", "1", "; uploaded"),
        ("receipts-printers", "7 escape t", "prints the receipts"),
        ("dialog-reprint", "7 type:S-0314-0008 enter ctrl+p", "again?"),
        ("dialog-give-up", "7 escape t tab x", "Give up"),
    ),
    *_shots("halted", ("overview", "1", "; uploaded"), ("queue", "2", "waits")),
    *_shots("low", ("overview", "1", "; uploaded")),
    *_shots("full", ("overview", "1", "; uploaded")),
    *_shots(
        "damaged",
        ("overview", "1", "; uploaded"),
        ("log", "8", "2026"),
        ("dialog-acknowledge", "8 k", "Confirm damage?"),
    ),
    *_shots("starting", ("overview", "1", "The agent is starting")),
    *_shots(
        "cashier",
        ("overview", "1", "; uploaded"),
        ("queue", "2", "S-0314-0211"),
        ("log", "8", "TIME"),
        ("terminals", "9", "Only the manager"),
    ),
    *_shots("stranger", ("dialog-login", "", "Who are you?")),
    *_shots(GONE, ("dialog", "", "DOES NOT ANSWER")),
)


class Unanswered(AssertionError):
    """The screens asked what nobody answered when the scene was recorded."""


async def shoot(shot: Shot, size: tuple[int, int]) -> Picture:
    """Take a picture from its scene. Raises Unanswered."""
    if shot.scene == GONE:
        return await pose(shot, sitting(Shown("http://127.0.0.1:9"), size))
    with replaying(load(shot.scene)) as server:
        picture = await pose(shot, sitting(server.address, size))
    if server.strangers:
        raise Unanswered(
            f"{shot.scene} knows no {server.strangers}; record it: python -m tests.tui.record {shot.scene}"
        )
    return picture


async def pose(shot: Shot, app: AbstractAsyncContextManager[Pilot[Any]]) -> Picture:
    """Press the keys in an app that is opened, and take the picture once all is there."""
    async with app as pilot:
        if shot.scene == "draining":
            pilot.app.progress = _Drained()  # type: ignore[attr-defined]
        if shot.scene not in _BARE:
            await until(pilot, "store 1234x")
        await press(pilot, shot.keys)
        if shot.name.startswith("dialog-token"):
            pilot.app.push_screen(TokenScreen("lane-4", "Vb0r9mEoRt3c7qYwK2xJ5nZ8sLdHfGaU1iPvQe6TyMk"))
        await until(pilot, *shot.words)
        return take(pilot)


_BARE = ("starting", "stranger", GONE)
"""Scenes in which the heading does not name the store."""


class _Drained(Progress):
    """What was seen of a queue that is being sent, whenever it is looked at."""

    def __init__(self) -> None:
        super().__init__()
        for second in range(20):
            sent = 2 * second + (second % 4) * (second % 3)
            super().see(float(second), 187 - 4 * second, 26 + 4 * second + sent)

    def see(self, at: float, left: int, delivered: int) -> None:
        """Have seen all there is."""
