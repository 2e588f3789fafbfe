"""Any history of checks and offers, drawn from a seed, and what must be true of it at rest."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from store_agent.domain.counter_answer import NotDone, Passed
from store_agent.domain.repair import Action
from tests.offers.platform import Wire
from tests.offers.rig import OFFER, OTHER_OFFER, Rig, discount_of

OFFERS = (OFFER, OTHER_OFFER)
STEPS = 14
_OPEN_MAX = 2


class Mix(NamedTuple):
    """What may happen in a history.

    `generous`: offers are applied offline. `rough`: requests and answers are lost, checks are asked for at two lanes
    and again with the offer they have, the platform refuses sales, and closed checks are corrected.
    """

    generous: bool
    rough: bool


@dataclass
class Check:
    """A check as the POS knows it; `held` are the discounts by their offers."""

    name: str
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    end: str = ""
    corrected: bool = False


class History:
    """Lives a history; `course` tells it, for whoever reads a failure."""

    def __init__(self, rig: Rig, seed: int, mix: Mix) -> None:
        self._rig = rig
        self._chance = Random(seed)  # noqa: S311 - a history that can be drawn again, no secret
        self._mix = mix
        self._checks: list[Check] = []
        self.course: list[str] = []

    async def live(self) -> None:
        """Go through the steps, end every check, and come to rest."""
        await self._rig.look_up()
        deeds = self._deeds()
        for _ in range(STEPS):
            (deed,) = self._chance.choices(list(deeds), list(deeds.values()))
            await deed(self._any_open())
        for check in self._open():
            await self._void(check)
        self._rig.platform.refuses = set()
        self._rig.platform.wire = Wire.UP
        await self._rig.drain()
        await self._repair(self._checks[0])
        await self._rig.rest()

    def wrongs(self) -> list[str]:
        """Say what is wrong at rest.

        No offer is locked, and one is redeemed exactly if the platform has a closed check with it, which is never more
        than one.
        """
        found = []
        for offer in OFFERS:
            status = self._rig.offer(offer)["status"]
            given = sum(_gives(states[-1], offer) for states in self._rig.platform.taken.values())
            if status == "LOCKED" or given > 1 or (status == "REDEEMED") != bool(given):
                found.append(f"{offer} is {status} and was given with {given} checks")
        return found

    def _deeds(self) -> dict[Callable[[Check], Awaitable[None]], int]:
        """Give what may happen next, and how likely each is."""
        calm: dict[Callable[[Check], Awaitable[None]], int] = {
            self._change_the_wire: 4,
            self._lock: 7,
            self._send_open: 3,
            self._close: 3,
            self._void: 2,
            self._unlock: 3,
            self._send_one: 3,
            self._freeze: 2,
            self._drain: 2,
            self._begin_another: 2,
            self._look_up: 1,
        }
        rough = {self._change_what_is_refused: 1, self._repair: 1, self._correct: 2}
        return calm | rough if self._mix.rough else calm

    async def _change_the_wire(self, _: Check) -> None:
        lossy = [Wire.LOSES_ANSWERS, Wire.LOSES_QUESTIONS] if self._mix.rough else []
        self._rig.platform.wire = self._chance.choice([Wire.UP, Wire.UP, Wire.DOWN, *lossy])
        self._tell(self._rig.platform.wire)

    async def _lock(self, check: Check) -> None:
        offer, subtotal, terminal = self._chance.choice(OFFERS), self._chance.choice([9, 10]), self._lane()
        if offer in check.held and not self._mix.rough:
            return
        answer = await self._rig.apply(check.name, offer=offer, subtotal=subtotal, terminal=terminal)
        self._tell("lock", check.name, offer, subtotal, terminal, answer.code if isinstance(answer, NotDone) else "")
        discount = discount_of(answer)
        if discount is not None:
            check.held[offer] = discount
        elif isinstance(answer, Passed):
            check.held.pop(offer, None)

    async def _send_open(self, check: Check) -> None:
        self._tell("open", check.name, *check.held)
        await self._rig.sell(check.name, *check.held.values(), is_closed=False, terminal=self._lane())

    async def _close(self, check: Check) -> None:
        self._tell("close", check.name, *check.held)
        check.end = "closed"
        await self._rig.sell(check.name, *check.held.values())

    async def _void(self, check: Check) -> None:
        self._tell("void", check.name)
        check.end = "voided"
        await self._rig.sell(check.name, is_voided=True)

    async def _unlock(self, check: Check) -> None:
        if check.held:
            offer = self._chance.choice(list(check.held))
            self._tell("unlock", check.name, offer)
            await self._rig.give_back(offer=offer)
            del check.held[offer]

    async def _send_one(self, _: Check) -> None:
        if self._rig.flying:
            number = self._chance.randrange(len(self._rig.flying))
            self._tell("send", *self._rig.flying[number].members)
            await self._rig.send(number)

    async def _freeze(self, _: Check) -> None:
        await self._rig.freeze(self._chance.choice([1, 10]))
        self._tell("freeze")

    async def _drain(self, _: Check) -> None:
        if self._rig.platform.wire is Wire.UP:
            self._tell("drain")
            await self._rig.drain()

    async def _begin_another(self, _: Check) -> None:
        if len(self._open()) < _OPEN_MAX:
            self._begin()

    async def _look_up(self, _: Check) -> None:
        await self._rig.look_up()

    async def _change_what_is_refused(self, check: Check) -> None:
        platform = self._rig.platform
        platform.refuses = set() if platform.refuses else {check.name}
        self._tell("refuse", *platform.refuses)

    async def _repair(self, _: Check) -> None:
        for sequence in await self._rig.parked():
            action = self._chance.choice([Action.RETRY, Action.DISCARD])
            self._tell(action, sequence)
            await self._rig.repair(action, sequence)

    async def _correct(self, _: Check) -> None:
        """Void a closed check or take its offers off it, and reinstate those that the POS is told to."""
        closed = [check for check in self._checks if check.end == "closed" and not check.corrected]
        if not closed:
            return
        check, voided = self._chance.choice(closed), self._chance.choice([True, False])
        self._tell("correct", check.name, "voided" if voided else "without offers")
        check.corrected = True
        sold = await self._rig.sell(check.name, is_voided=voided)
        for offer in check.held:
            if any("reinstate" in each["message"] and offer in each["message"] for each in sold.warnings):
                self._tell("reinstate", offer)
                await self._rig.give_back("reinstate", offer)
        check.held.clear()

    def _any_open(self) -> Check:
        """Choose an open check; there is always one."""
        return self._chance.choice(self._open() or [self._begin()])

    def _open(self) -> list[Check]:
        return [check for check in self._checks if not check.end]

    def _begin(self) -> Check:
        self._checks.append(Check(f"T-{len(self._checks) + 1}"))
        return self._checks[-1]

    def _lane(self) -> str:
        return self._chance.choice(["lane-1", "lane-2"]) if self._mix.rough else "lane-1"

    def _tell(self, *words: object) -> None:
        self.course.append(" ".join(map(str, words)))


def _gives(sale: dict[str, Any], offer: str) -> bool:
    """Tell whether a sale that the platform took is closed with an offer in it."""
    counts = sale["is_closed"] and not sale["is_voided"]
    return counts and any(discount["reference_id"] == offer for discount in sale["discounts"])
