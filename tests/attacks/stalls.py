"""Slowloris: callers that send half a head or half a body, nothing, or never read, while a till goes on selling."""

import time
from collections.abc import Iterator

from tests.attacks.attempt import Attempt
from tests.attacks.store import HURRIED, Store
from tests.support.stalled import Stalled, open_connections

ATTACK = "slowloris"
OF_EACH = 50
SALES = 20
AT_ONCE_SECONDS = 2.0
"""The slowest sale beside them; a loaded machine that runs tests takes a tenth of that."""

CUT_SECONDS = HURRIED["request_timeout_seconds"] + 10.0


def stalls(store: Store) -> Iterator[Attempt]:
    """Stall in each way with 50 callers, sell beside them, and wait until they are cut off."""
    for how in ("half a head", "half a body", "nothing", "answers that nobody reads"):
        callers = Stalled(store.agent)
        try:
            _stall(store, callers, how)
            slowest = _slowest_sale(store, how)
            left = _left(store)
        finally:
            callers.close()
        answer = f"slowest of {SALES} sales beside them {slowest * 1000:.0f} ms, then {left} connections left"
        yield Attempt(ATTACK, f"{OF_EACH} callers with {how}", answer, slowest < AT_ONCE_SECONDS and not left)


def _stall(store: Store, callers: Stalled, how: str) -> None:
    ways = {"half a head": callers.half_a_head, "nothing": callers.nothing, "answers that nobody reads": callers.unread}
    for _ in range(OF_EACH):
        if how == "half a body":
            callers.half_a_body(*store.lane)
        else:
            ways[how]()
    callers.drip()


def _slowest_sale(store: Store, how: str) -> float:
    slowest = 0.0
    for number in range(SALES):
        began = time.monotonic()
        assert store.sell(f"beside {how} {number}") == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def _left(store: Store) -> int:
    """Wait for all connections to be gone; gives how many stay."""
    store.agent.client.close()  # its own is none of theirs
    end = time.monotonic() + CUT_SECONDS
    while (left := open_connections(store.agent)) and time.monotonic() < end:
        time.sleep(0.05)
    store.agent.client = store.agent.client_of(*store.lane)
    return left
