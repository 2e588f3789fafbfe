"""Campaigns, who takes part in them, and how far each guest has come."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from store_agent.sandbox.world.refusals import unknown


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign that counts events. `goal`: events that complete it. `opt_in`: whether a guest must join first."""

    campaign_id: int
    permalink: str
    name: str
    behavior_id: int
    goal: int
    opt_in: bool = False


CAMPAIGNS = (
    Campaign(601, "promotion_welcome", "Welcome, 500 points", 5701, 1),
    Campaign(602, "promotion_five_visits", "Five visits in a month", 5702, 5, opt_in=True),
)


class Campaigns:
    """Takes part of guests, forgotten with the rest."""

    def __init__(self) -> None:
        self._joined: set[tuple[str, int]] = set()
        self._counted: Counter[tuple[str, int]] = Counter()

    def join(self, user_id: str, campaign: Campaign) -> None:
        """Opt a guest in; again changes nothing."""
        self._joined.add((user_id, campaign.campaign_id))

    def count(self, user_id: str, campaign: Campaign, events: int) -> None:
        """Count events of a guest; one who has not joined a campaign that asks for it comes no further."""
        if self.state(user_id, campaign) != "eligible":
            self._counted[user_id, campaign.campaign_id] += events

    def state(self, user_id: str, campaign: Campaign) -> str:
        """Tell `eligible` (may join), `qualified` (takes part) or `completed`."""
        if campaign.opt_in and (user_id, campaign.campaign_id) not in self._joined:
            return "eligible"
        return "completed" if self.progress(user_id, campaign) == campaign.goal else "qualified"

    def progress(self, user_id: str, campaign: Campaign) -> int:
        """Give how many events count, at most the goal."""
        return min(self._counted[user_id, campaign.campaign_id], campaign.goal)


def campaign_of(identity: Any) -> Campaign:
    """Find a campaign by id or permalink. Raises `BadInput` not_found."""
    for campaign in CAMPAIGNS:
        if str(identity) in (str(campaign.campaign_id), campaign.permalink):
            return campaign
    raise unknown("not_found", f"There is no campaign {identity}")
