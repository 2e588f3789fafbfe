"""The rewards store as a list ("Rewards Store API")."""

from typing import Any

from store_agent.sandbox.call import Call
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.rewards import REWARDS, Reward
from store_agent.sandbox.world.world import World


def listing(_world: World, _call: Call) -> dict[str, Any]:
    """List the rewards; without a member nobody knows who may have them."""
    return _listed(dict.fromkeys(REWARDS, "user_required"))


def listing_of_nobody(world: World, call: Call) -> dict[str, Any]:
    """List the rewards for somebody who is not a member, but has a token."""
    if not call.parameters.get("auth_token"):
        raise declined("invalid_auth_token", "auth_token is required")
    return listing(world, call)


def listing_of_member(world: World, call: Call) -> dict[str, Any]:
    """List the rewards, and whether a member may have each."""
    member = world.members.of(call.names)
    return _listed({reward: _status(world, member, reward) for reward in REWARDS})


def _status(world: World, member: Member, reward: Reward) -> str:
    if member.restricted:
        return "not_qualified"
    return "insufficient_points" if world.points.balance(member.user_id).available < reward.points else "available"


def _listed(statuses: dict[Reward, str]) -> dict[str, Any]:
    """Render the list, and its first reward alone: the documented answer shows one, the text speaks of a list."""
    offers = [_reward(number, reward, status) for number, (reward, status) in enumerate(statuses.items())]
    return {"offer": offers[0], "offers": offers}


def _reward(number: int, reward: Reward, status: str) -> dict[str, Any]:
    return {
        "id": reward.number,
        "name": reward.name,
        "type": "offer",
        "description": reward.name,
        "points": reward.points,
        "start_time": "2020-01-01T00:00:00Z",
        "end_time": None,
        "weight": (number + 1) * 100,
        "featured": number == 0,
        "tier": None,
        "status": status,
        "requires_skills_test": reward.requires_skills_test,
        "logo": f"https://images.example.com/offers/{reward.number}/logo.png",
        "data": {},
        "options": [],
    }
