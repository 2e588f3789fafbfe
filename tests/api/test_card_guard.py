"""Looking for card data holds nobody else up, however long it takes (G16)."""

import asyncio
import json

import pytest

from store_agent.api.cards import AT_ONCE_BYTES_MAX, CardGuard
from store_agent.domain.card_data import CardRules
from store_agent.domain.card_names import NOTHING
from store_agent.domain.events import Event

TURNS_MIN = 10
"""Turns of others: on the event loop itself a look leaves them none."""


def digits_apart(size: int) -> bytes:
    return json.dumps({"note": "4 " * (size // 2)}).encode()


async def turns_meanwhile(guard: CardGuard, call: str, body: bytes) -> int:
    """Count how often others have their turn while a body is looked at."""
    looking = asyncio.create_task(getattr(guard, call)(body))
    turns = 0
    while not looking.done():
        turns += 1
        await asyncio.sleep(0)
    await looking
    return turns


@pytest.fixture
def guard() -> CardGuard:
    told: list[Event] = []
    return CardGuard(CardRules(NOTHING), told.append)


@pytest.mark.parametrize("call", ["screen", "refuse"])
async def test_others_have_their_turn_while_a_body_full_of_digits_is_looked_at(guard: CardGuard, call: str) -> None:
    assert await turns_meanwhile(guard, call, digits_apart(250_000)) >= TURNS_MIN


async def test_a_small_body_is_looked_at_at_once(guard: CardGuard) -> None:
    """The control: they have none."""
    assert await turns_meanwhile(guard, "screen", digits_apart(AT_ONCE_BYTES_MAX // 2)) < TURNS_MIN
