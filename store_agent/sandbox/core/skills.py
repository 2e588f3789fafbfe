"""Skills tests, asked and taken ("Skills Test Challenge API")."""

from typing import Any

from store_agent.sandbox.call import Call
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.rewards import reward_of
from store_agent.sandbox.world.world import World


def ask(world: World, call: Call) -> dict[str, Any]:
    """Give a member a question."""
    world.members.of(call.names)
    question = world.challenges.ask()
    return {"challenge": {"skills_test_question": {"id": question.question_id, "question": question.text}}}


def take(world: World, call: Call) -> dict[str, Any]:
    """Take a member's response; a wrong one is no error."""
    member = world.members.of(call.names)
    reward = reward_of(call.names["offer_id"])
    question = call.fields("challenge").get("skills_test_question")
    if not isinstance(question, dict) or "response" not in question:
        raise declined("missing_data", "challenge.skills_test_question.response is required")
    taken = world.challenges.take(member.user_id, reward.reward_id, call.names["question_id"], question["response"])
    return {"challenge": {"id": taken.challenge_id, "status": "valid" if taken.valid else "invalid"}}
