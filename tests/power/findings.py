"""What was found after a fault, at one point and over many."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Found:
    """What one point showed: sales acknowledged before the fault, lost, doubled, and words for all that is wrong."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    words: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tried:
    """What came out of many points: sums over all of them, and words for those that went wrong."""

    points: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    words: list[str] = field(default_factory=list)

    def add(self, found: Found, where: object, *, points: int = 1) -> None:
        self.points += points
        self.acknowledged += found.acknowledged
        self.lost += found.lost
        self.doubled += found.doubled
        self.words += [f"{where}: {word}" for word in found.words]
