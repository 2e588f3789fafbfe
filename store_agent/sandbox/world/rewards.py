"""The offers that can be had: in the rewards store for points, or issued by the retailer."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from store_agent.sandbox.world.refusals import unknown

STORE_ID = "5d0c8e20-0001-4c55-9b1e-3f1a7c2d0001"
"""The one rewards store."""


@dataclass(frozen=True, slots=True)
class Reward:
    """An offer before anybody has it. `value`: dollars off the check. `points`: its price in the rewards store."""

    number: int
    reward_id: str
    name: str
    value: Decimal
    points: int
    pos_discount_id: str | None = None
    requires_skills_test: bool = False


REWARDS = (
    Reward(4301, "99c0ffee-0001-4b6e-8f57-6d2f3a7b0001", "$5 reward", Decimal(5), 100),
    Reward(4302, "99c0ffee-0001-4b6e-8f57-6d2f3a7b0002", "$2.50 off", Decimal("2.50"), 50, "1234"),
    Reward(4303, "99c0ffee-0001-4b6e-8f57-6d2f3a7b0003", "$10 welcome", Decimal(10), 200),
    Reward(4304, "99c0ffee-0001-4b6e-8f57-6d2f3a7b0004", "Draw for a $50 voucher", Decimal(50), 2000, None, True),
)


def reward_of(identity: Any) -> Reward:
    """Find a reward by either of its ids, without regard to case. Raises `BadInput` offer_not_found."""
    wanted = str(identity).lower()
    for reward in REWARDS:
        if wanted in (reward.reward_id, str(reward.number)):
            return reward
    raise unknown("offer_not_found", f"There is no offer {identity}")
