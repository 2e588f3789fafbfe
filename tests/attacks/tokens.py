"""Token guessing: slowed, and nothing tells a wrong token from a wrong name."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from store_agent.api.failures import DELAY_FIRST_SECONDS, FREE
from tests.attacks.attempt import Attempt, Said, turned_away
from tests.attacks.store import Store

ATTACK = "token guessing"
GUESSES = FREE + 4
LATE_SECONDS = DELAY_FIRST_SECONDS * (1 + 2 + 4 + 8)
"""What the last four of the guesses wait together at the least."""

AT_ONCE_SECONDS = 1.0
NAMES = 200
_DATE = re.compile(rb"\ndate: [^\r]*", re.IGNORECASE)


def tokens(store: Store) -> Iterator[Attempt]:
    """Guess under a terminal's name, the manager's and nobody's, and under many names at once."""
    answers = set()
    for name in ("lane-1", "manager", "nobody"):
        began = time.monotonic()
        said = [_guess(store, name, f"{number:064x}") for number in range(GUESSES)]
        took = time.monotonic() - began
        answers |= {_DATE.sub(b"", one.received) for one in said}
        attempt = turned_away(ATTACK, "", *said)
        how = f"{GUESSES} tokens under the name {name}"
        yield Attempt(ATTACK, how, f"{attempt.answer}, {took:.2f} s", bool(attempt.held) and took >= LATE_SECONDS)
    same = f"{len(answers)} different answer"
    yield Attempt(ATTACK, "wrong name against wrong token", same, len(answers) == 1)
    yield _right_one(store)
    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(lambda number: _guess(store, f"lane-{number + 2}", "x"), range(NAMES)))
    yield turned_away(ATTACK, f"{NAMES} names, twenty at a time", *said)


def _right_one(store: Store) -> Attempt:
    """Hold that nobody is locked out by the guesses of others."""
    began = time.monotonic()
    (status,) = store.ask("GET /v1/me HTTP/1.1", who=store.lane).statuses
    took = time.monotonic() - began
    return Attempt(
        ATTACK,
        "the right token after all these (control)",
        f"{status} in {took * 1000:.0f} ms",
        status == 200 and took < AT_ONCE_SECONDS,
    )


def _guess(store: Store, name: str, token: str) -> Said:
    return store.ask("GET /v1/me HTTP/1.1", who=(name, token))
