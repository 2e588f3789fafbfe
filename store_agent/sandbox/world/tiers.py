"""The one tier system: levels that a guest reaches by tier points, or is put in by hand."""

from dataclasses import dataclass
from typing import Any

from store_agent.sandbox.world.points import TIER, Amount, Points
from store_agent.sandbox.world.refusals import unknown

SYSTEM_ID = "7ae1c000-0001-4f3b-8d6a-90b1c2d30001"


@dataclass(frozen=True, slots=True)
class Level:
    """A level. `points`: tier points from which a guest has it."""

    level_id: str
    name: str
    rank: int
    points: int


LEVELS = (
    Level("7ae1c000-0001-4f3b-8d6a-90b1c2d30011", "Bronze", 1, 0),
    Level("7ae1c000-0001-4f3b-8d6a-90b1c2d30012", "Silver", 2, 500),
    Level("7ae1c000-0001-4f3b-8d6a-90b1c2d30013", "Gold", 3, 1500),
)


class Tiers:
    """Who has which level. Nobody has one before the first qualifying."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._levels: dict[str, Level] = {}

    def level(self, user_id: str) -> Level | None:
        """Give a guest's level."""
        return self._levels.get(user_id)

    def qualify(self, user_id: str) -> tuple[Level | None, Level]:
        """Give a guest the level of the tier points; gives the one before and the one now."""
        earned = self._points.balance(user_id, TIER).lifetime
        return self.move(user_id, [level for level in LEVELS if level.points <= earned][-1])

    def move(self, user_id: str, level: Level) -> tuple[Level | None, Level]:
        """Put a guest in a level; gives the one before and the one now."""
        before = self._levels.get(user_id)
        self._levels[user_id] = level
        return before, level

    def missing_for_next(self, user_id: str) -> tuple[Level, Amount] | None:
        """Give the next level and the tier points still missing; None in the highest."""
        level = self.level(user_id)
        higher = [one for one in LEVELS if level is None or one.rank > level.rank]
        if not higher:
            return None
        return higher[0], max(0, higher[0].points - self._points.balance(user_id, TIER).lifetime)


def level_of(level_id: Any) -> Level:
    """Find a level. Raises `BadInput` tier_level_not_found."""
    for level in LEVELS:
        if level.level_id == level_id:
            return level
    raise unknown("tier_level_not_found", f"There is no tier level {level_id}")
