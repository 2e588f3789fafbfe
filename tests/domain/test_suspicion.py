"""Whether a failing call speaks against the line or against its request: decided without input or output."""

from dataclasses import replace

import pytest

from store_agent.domain.batch import FrozenBatch
from store_agent.domain.outcome import Delivered, Halted, Outcome, PlatformFailure, Refused, Transport
from store_agent.domain.settle import PLATFORM_FAILURES_MAX
from store_agent.domain.suspicion import TRIES_MAX, speaks, tried

BATCH = FrozenBatch(1, "r", "e", b"", 100, (1,))
LOST = Transport("lost")


def after_losses(count: int, *, answers_between: int) -> FrozenBatch:
    batch = BATCH
    for number in range(count):
        batch = tried(batch, LOST, number * answers_between)
    return batch


def test_an_outage_makes_nobody_suspect_G6() -> None:
    batch = after_losses(1_000, answers_between=0)
    assert not batch.suspect
    assert speaks(LOST, batch)


def test_who_fails_while_others_are_answered_is_suspect_G6() -> None:
    assert not after_losses(TRIES_MAX - 1, answers_between=1).suspect
    batch = after_losses(TRIES_MAX, answers_between=1)
    assert batch.suspect
    assert not speaks(LOST, batch)
    assert not speaks(Halted("w", "c"), batch)
    assert tried(batch, LOST, 0).suspect, "once it is, silence proves nothing"


@pytest.mark.parametrize("outcome", [Delivered(), Refused("w"), PlatformFailure("w")])
def test_an_answer_clears_the_suspect_and_speaks(outcome: Outcome) -> None:
    batch = after_losses(TRIES_MAX, answers_between=1)
    assert speaks(outcome, batch)
    cleared = tried(batch, PlatformFailure("w"), 9)
    assert (cleared.suspect, cleared.failures, cleared.tries) == (False, 0, TRIES_MAX + 1)


def test_a_poison_sale_that_stands_alone_says_nothing_about_the_platform_G6() -> None:
    poison = replace(BATCH, platform_failures=PLATFORM_FAILURES_MAX)
    assert not speaks(PlatformFailure("w"), poison)
    assert speaks(PlatformFailure("w"), replace(poison, platform_failures=PLATFORM_FAILURES_MAX - 1))
    assert speaks(PlatformFailure("w"), replace(poison, members=(1, 2)))
    assert speaks(LOST, poison)
