"""Room on the disk: when sales must be refused, and how long it lasts (G12). Sizes are in bytes."""

from dataclasses import dataclass
from enum import StrEnum

from store_agent.domain.summary import count, duration

RETURN_FACTOR = 1.25
"""Sales are taken again when so much more than the minimum is free, so that the answer does not flutter."""

RETURN_MIN = 65_536
"""Free at least before sales are taken again after a write failed, whatever the minimum is."""


class Room(StrEnum):
    """How much room there is."""

    PLENTY = "plenty"
    LOW = "low"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Levels:
    """Sales are refused below `refuse`, a manager is warned below `warn`; `reserve` is kept for sending."""

    refuse: int
    warn: int
    reserve: int

    @property
    def returns(self) -> int:
        """What must be free for sales to be taken again."""
        return max(int(self.refuse * RETURN_FACTOR), RETURN_MIN)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: how much room there is to be called, and whether the reserve is to be kept."""

    room: Room
    reserve: bool


def plan(before: Room, free: int, levels: Levels, *, reserve: bool) -> Plan:
    """Decide, with `free` bytes beside the reserve, which is there or not.

    The room for the reserve counts as taken even where it is not. The reserve is given up when half the minimum is
    gone, so that sending goes on.
    """
    least = levels.returns if before is Room.FULL else levels.refuse
    if free - (0 if reserve else levels.reserve) < least:
        return Plan(Room.FULL, reserve and free >= levels.refuse // 2)
    return Plan(Room.LOW if free < levels.warn else Room.PLENTY, reserve=True)


@dataclass(frozen=True, slots=True)
class Outlook:
    """How long the room lasts: in sales, and in seconds at the present rate (None while nothing is sold)."""

    sales: int
    seconds: float | None


def look_ahead(free: int, levels: Levels, bytes_per_sale: int, sales_per_second: float) -> Outlook:
    """Estimate how long the room above the minimum lasts."""
    sales = max(0, free - levels.refuse) // bytes_per_sale
    return Outlook(sales, sales / sales_per_second if sales_per_second > 0 else None)


def words(room: Room, free: int, needed: int, outlook: Outlook | None) -> str:
    """Tell a manager about the room; empty when there is plenty.

    `needed` bytes must be free for sales to be taken again; `outlook` is None before anything was measured.
    """
    if room is Room.PLENTY:
        return ""
    if room is Room.FULL:
        return (
            f"The disk is full ({_mb(free)} free): new sales are refused until {_mb(needed)} are free. Sales "
            "taken before are safe and go on being sent. Delete what is not needed on this machine; the agent goes on "
            "by itself."
        )
    return f"The disk is getting full ({_mb(free)} free{_lasts(outlook)}). Delete what is not needed on this machine."


def _lasts(outlook: Outlook | None) -> str:
    if outlook is None:
        return ""
    time = "" if outlook.seconds is None else f", about {duration(outlook.seconds)} at the present rate"
    return f", room for {count(outlook.sales, 'sale', 'sales')}{time}"


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
