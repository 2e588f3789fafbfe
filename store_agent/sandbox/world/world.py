"""Everything the stand-in platform knows, and what concerns more than one noun of it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store_agent.clock import Clock
from store_agent.sandbox.world.campaigns import Campaigns
from store_agent.sandbox.world.cards import Cards
from store_agent.sandbox.world.challenges import Challenges
from store_agent.sandbox.world.held import Held
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.members import Members
from store_agent.sandbox.world.points import Points
from store_agent.sandbox.world.privacy import Privacy
from store_agent.sandbox.world.purchases import Purchases
from store_agent.sandbox.world.referrals import Referral, Referrals
from store_agent.sandbox.world.refusals import declined, unknown
from store_agent.sandbox.world.rewards import Reward
from store_agent.sandbox.world.tags import Tags
from store_agent.sandbox.world.tiers import Tiers
from store_agent.sandbox.world.timeline import Timeline
from store_agent.sandbox.world.wallet import Wallet


@dataclass(frozen=True, slots=True)
class Merge:
    """An account that went into another. `at`: seconds since 1970."""

    merge_id: int
    survivor_id: str
    victim_id: str
    victim_external_id: str | None
    at: float


class World:
    """Made anew whenever the sandbox forgets; only the seeded guests are there from the start."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.members = Members(clock)
        self.points = Points(clock)
        self.wallet = Wallet(clock)
        self.cards = Cards(clock)
        self.referrals = Referrals(clock)
        self.challenges = Challenges()
        self.campaigns = Campaigns()
        self.tiers = Tiers(self.points)
        self.tags = Tags(clock)
        self.timeline = Timeline(clock)
        self.purchases = Purchases(self.members)
        self.privacy = Privacy(clock)
        self._merges: list[Merge] = []
        self._merge_ids = itertools.count(1)

    def enrol(self, fields: dict[str, Any]) -> Member:
        """Add a member, whom others may have referred. Raises `BadInput`."""
        member = self.members.create(fields)
        self.referrals.registered(member.standard.get("email"))
        self.timeline.note(member.user_id, "PROFILE_CREATED", user_name=member.name)
        return member

    def refer(self, member: Member, friends: Sequence[dict[str, Any]]) -> list[Referral]:
        """Refer friends, none of whom is a member yet. Raises `BadInput` with the documented codes."""
        for friend in friends:
            if friend.get("email") and self.members.find("email", friend["email"]):
                raise declined("referral_registered_email", f"{friend['email']} is a member already")
        return self.referrals.create(member.user_id, friends)

    def part_with(self, member: Member) -> None:
        """Remove a member, with cards and offers."""
        self.members.remove(member)
        self.cards.drop(member.user_id)
        for held in self.wallet.left_of(member.user_id):
            held.revoke()

    def issue(self, reward: Reward, member: Member) -> Held:
        """Put an offer in a member's wallet."""
        held = self.wallet.issue(reward, member.user_id)
        self.timeline.note(
            member.user_id, "ISSUED_OFFER", OfferID=reward.reward_id, OfferName=reward.name, UserID=member.user_id
        )
        return held

    def use(self, held: Held, by: str) -> None:
        """Redeem an offer for a transaction; one that is gone already stays as it is."""
        if held.in_wallet:
            held.redeem(by, self.clock.wall())
            details = {"OfferName": held.offer.name, "UserOfferID": held.offer.offer_id}
            self.timeline.note(held.user_id, "REDEEMED_OFFER", **details)

    def merge(self, survivor: Member, victim: Member) -> Merge:
        """Move everything of `victim` to `survivor`; it cannot be undone. Raises `BadInput`."""
        if survivor is victim:
            raise declined("validation", "An account cannot be merged with itself")
        self.members.remove(victim)
        self.points.transfer(victim.user_id, survivor.user_id)
        self.cards.transfer(victim.user_id, survivor.user_id)
        for held in self.wallet.of(victim.user_id):
            self.wallet.move(held, survivor.user_id)
        survivor.identifiers += victim.identifiers
        now = self.clock.wall()
        merge = Merge(next(self._merge_ids), survivor.user_id, victim.user_id, victim.external_id, now)
        self._merges.append(merge)
        return merge

    def merge_of(self, survivor: Member, merge_id: str) -> Merge:
        """Find a merge that a member survived. Raises `BadInput` not_found."""
        for merge in self._merges:
            if (merge.survivor_id, str(merge.merge_id)) == (survivor.user_id, merge_id):
                return merge
        raise unknown("not_found", f"The user has no merge {merge_id}")

    def profile(self, member: Member, *, identifiers: bool = False, custom: bool = False) -> dict[str, Any]:
        """Render a member with the points that can be spent."""
        available = self.points.balance(member.user_id).available
        return member.as_json(available, identifiers=identifiers, profile=custom)
