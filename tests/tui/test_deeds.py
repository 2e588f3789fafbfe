"""What can be done to sales: what it needs and asks for is what the agent's rules say."""

import pytest

from store_agent.domain.repair import FROM_STATE, Action
from store_agent.storage.database import Database
from store_agent.tui.deeds import DEEDS, DISCARD, HOLD, RETRY, Target
from tests.support.served import serve


def test_every_deed_is_for_the_state_that_the_agent_asks_for() -> None:
    assert {Action(name): deed.state for name, deed in DEEDS.items()} == FROM_STATE


def test_only_what_cannot_be_undone_must_be_typed_and_needs_a_reason() -> None:
    assert [deed for deed in DEEDS.values() if deed.typed or deed.reason] == [DISCARD]
    assert (DISCARD.typed, DISCARD.reason) == ("discard", True)
    assert "NEVER" in DISCARD.happens


@pytest.mark.parametrize(
    ("target", "words", "json"),
    [
        (Target((1_234,)), "sale 1,234", {"sequences": [1_234]}),
        (Target((1, 2)), "2 marked sales", {"sequences": [1, 2]}),
        (Target(matching={}), "all that match the filter", {"all": {}}),
        (
            Target(matching={"text": "7"}, name="those refused for item 7"),
            "those refused for item 7",
            {"all": {"text": "7"}},
        ),
    ],
)
def test_the_target_is_told_and_asked_for(target: Target, words: str, json: object) -> None:
    assert (target.words, target.as_json()) == (words, json)


async def test_what_came_of_it_is_told_with_what_could_not_be_done(database: Database) -> None:
    async with serve(database) as served:
        first, second = await served.sell("T-1", "T-2")
        answer = await served.do("/v1/outbox/hold", sequences=[first])
        assert HOLD.said(answer) == "1 sale is held back until it is released."
        answer = await served.do("/v1/outbox/hold", sequences=[first, second])
        assert HOLD.said(answer).startswith("1 sale is held back until it is released. 1 is as before: ")
        answer = await served.do("/v1/outbox/retry", all={})
        assert RETRY.said(answer) == "0 refused sales go out again."
