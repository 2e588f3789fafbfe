"""Tags that count how often something happened to a guest, for as long as they live."""

from collections.abc import Iterable
from dataclasses import dataclass

from store_agent.clock import Clock


@dataclass(slots=True)
class _Tag:
    count: int = 0
    ends: float | None = None


class Tags:
    """Counting tags. Their life is measured by the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tags: dict[str, dict[str, _Tag]] = {}

    def add(self, user_id: str, names: Iterable[str], ttl_s: float | None) -> None:
        """Make tags or count them up; `ttl_s`: seconds they live from now, None for ever."""
        now = self._clock.monotonic()
        tags = self._tags.setdefault(user_id, {})
        for name in names:
            tag = tags.get(name)
            if tag is None or not _lives(tag, now):
                tag = tags[name] = _Tag()
            tag.count += 1
            tag.ends = None if ttl_s is None else now + ttl_s

    def of(self, user_id: str) -> dict[str, int]:
        """Give the counts of the tags that live."""
        now = self._clock.monotonic()
        return {name: tag.count for name, tag in self._tags.get(user_id, {}).items() if _lives(tag, now)}


def _lives(tag: _Tag, now: float) -> bool:
    return tag.ends is None or now < tag.ends
