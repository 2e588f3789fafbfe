"""The story of the demo: lanes sell, the line breaks and returns, nothing is lost.

At the end three books are compared: what the tills were answered, what the agent counts, what the platform accepted.
"""

import asyncio
import time
from typing import Any

from store_agent.cli.demo_screen import Screen
from store_agent.cli.demo_store import Ledger, Store, open_store

SALE_PAUSE_SECONDS = 0.06
"""Between two sales of a lane: a very busy store, so that half a minute is enough."""

UP_SECONDS = 5.0
DOWN_SALES = 230
DRAIN_SECONDS_MAX = 60.0


async def tell() -> bool:
    """Tell the story; gives whether the books balance."""
    with Screen() as screen:
        async with open_store() as store:
            return await _Story(screen, store).run()


class _Story:
    def __init__(self, screen: Screen, store: Store) -> None:
        self._screen = screen
        self._store = store

    async def run(self) -> bool:
        """Tell it."""
        self._screen.say("A store with three lanes. Its agent takes every sale, the platform is a stand-in (sandbox).")
        async with asyncio.TaskGroup() as lanes:
            await self._store.open_lanes(lanes, SALE_PAUSE_SECONDS)
            await self._chapters()
            self._store.close_lanes()
        return await self._balance()

    async def _chapters(self) -> None:
        self._screen.chapter("1. The line is up: every sale goes to the platform at once.")
        await self._watch(time.monotonic() + UP_SECONDS)
        self._screen.chapter("2. The internet fails. The lanes go on selling; nobody at the tills notices.")
        await self._store.set_faults([{"kind": "down"}])
        before = self._store.ledger.sold
        while self._store.ledger.sold < before + DOWN_SALES:
            await self._watch(time.monotonic() + 0.5)
        self._screen.chapter("3. The line is back: what waited goes out, ten in a call, while new sales go on.")
        await self._store.set_faults([])
        await self._watch(time.monotonic() + 4.0)

    async def _balance(self) -> bool:
        self._screen.chapter("4. The lanes close. The rest is sent, then the books are compared.")
        end, sold = time.monotonic() + DRAIN_SECONDS_MAX, self._store.ledger.sold
        while (await self._look())["outbox"]["delivered"] < sold and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        account = await self._store.ask_platform("GET", "/sandbox/account")
        return _compare(self._screen, self._store.ledger, await self._look(), account)

    async def _watch(self, until: float) -> None:
        while time.monotonic() < until:
            await self._look()
            await asyncio.sleep(0.2)

    async def _look(self) -> dict[str, Any]:
        status = await self._store.status()
        totals = await self._store.ask_platform("GET", "/sandbox/account?totals=1")
        self._screen.update(self._store.ledger.sold, status, totals["totals"]["transactions_accepted"])
        return status


def _compare(screen: Screen, ledger: Ledger, status: dict[str, Any], account: dict[str, Any]) -> bool:
    outbox, totals = status["outbox"], account["totals"]
    missing = [name for name in ledger.answered if name not in account["transactions"]]
    codes = [code for codes in ledger.answered.values() for code in codes]
    checks = {
        f"{ledger.sold} sales answered at the tills, {outbox['accepted']} taken by the agent": (
            ledger.sold == outbox["accepted"]
        ),
        f"{totals['transactions_accepted']} accepted by the platform, {len(missing)} missing": (
            not missing and totals["transactions_accepted"] == ledger.sold
        ),
        f"{totals['doubled']} arrived twice": totals["doubled"] == 0,
        f"{len(codes)} receipt codes, all different": len(codes) == len(set(codes)),
        f"largest call held {totals['largest_batch']} sales": 1 <= totals["largest_batch"] <= 10,  # noqa: PLR2004
        "the agent's own books balance": bool(outbox["balanced"]) and outbox["delivered"] == outbox["accepted"],
    }
    for text, right in checks.items():
        screen.say(f"  {'ok ' if right else 'NO '} {text}")
    balanced = all(checks.values())
    screen.say("The books balance." if balanced else "THE BOOKS DO NOT BALANCE.")
    return balanced
