"""The faults that stand right now, and which of them hits a request."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from store_agent.sandbox.ask import Asked
from store_agent.sandbox.fault import Fault


@dataclass(slots=True)
class Standing:
    """A fault in force. `left`: hits to come, None without end. `cleared`: set when it is taken away."""

    fault: Fault
    left: int | None
    cleared: asyncio.Event = field(default_factory=asyncio.Event)
    asked: dict[str, int] = field(default_factory=dict)

    def reaches(self, path: str) -> bool:
        """Tell whether the fault has hits left, and is about requests to a path."""
        return self.left != 0 and path.startswith(self.fault.path)

    def concerns(self, ask: Asked) -> bool:
        """Tell whether the fault is about what a request says."""
        if self.fault.kind in ("refuse", "poison"):
            return ask.container is not None and not set(self.fault.ids).isdisjoint(ask.container.transaction_ids)
        if self.fault.kind == "pending":
            return self._still_pending(ask)
        return self.fault.kind != "down"

    def hit(self, ask: Asked | None = None) -> None:
        """Spend one hit."""
        if self.left is not None:
            self.left -= 1
        if self.fault.kind == "pending" and ask is not None and ask.container is not None:
            self.asked[ask.container.request_id] = self.asked.get(ask.container.request_id, 0) + 1

    def _still_pending(self, ask: Asked) -> bool:
        if ask.container is None or not ask.authorised:
            return False
        return self.asked.get(ask.container.request_id, 0) < self.fault.times


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to one request: `delay_ms` of latency, then `standing`, or a proper answer."""

    delay_ms: int
    standing: Standing | None


class Faults:
    """The list of faults, checked in order. `seed`: of the generator behind `probability`."""

    def __init__(self, faults: Iterable[Fault], seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - chance must repeat, not surprise
        self._standing = [Standing(fault, fault.count) for fault in faults]

    def replace(self, faults: Iterable[Fault]) -> None:
        """Put other faults in force; requests that hang on the old ones are answered now."""
        gone, self._standing = self._standing, [Standing(fault, fault.count) for fault in faults]
        for standing in gone:
            standing.cleared.set()

    def add(self, fault: Fault) -> None:
        """Put one more fault in force, behind the others."""
        self._standing.append(Standing(fault, fault.count))

    def listing(self) -> list[Fault]:
        """List the faults with the hits they have left."""
        return [replace(standing.fault, count=standing.left) for standing in self._standing]

    def is_down(self, path: str) -> bool:
        """Decide on the headers alone whether the line breaks, before anything else is considered."""
        for standing in self._standing:
            if standing.fault.kind == "down" and standing.reaches(path) and self._chance_hits(standing):
                standing.hit()
                return True
        return False

    def choose(self, path: str, ask: Asked) -> Treatment:
        """Decide what happens to a request that was read."""
        delay_ms = 0
        for standing in self._standing:
            if not standing.reaches(path) or not standing.concerns(ask) or not self._chance_hits(standing):
                continue
            standing.hit(ask)
            if standing.fault.kind != "slow":
                return Treatment(delay_ms, standing)
            delay_ms += standing.fault.ms
        return Treatment(delay_ms, None)

    def _chance_hits(self, standing: Standing) -> bool:
        return standing.fault.probability >= 1 or self._chance.random() < standing.fault.probability
