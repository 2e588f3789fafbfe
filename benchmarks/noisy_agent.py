"""The real agent, whose hub tells many events a second besides its own; for `screen_keys`.

python -m benchmarks.noisy_agent CONFIG, and in EVENTS_A_SECOND how many.
"""

import asyncio
import os
import sys
from pathlib import Path

from store_agent.agent import runtime
from store_agent.api import hub
from store_agent.domain.events import Event

RATE = int(os.environ.get("EVENTS_A_SECOND", "0"))
BEAT_SECONDS = 0.02


class NoisyHub(hub.Hub):
    """Begins with as many events as it keeps, and goes on at the rate."""

    def __init__(self, wall):
        super().__init__(wall)
        self._count = 0
        self._tell(hub.KEPT_MAX)
        self._task = asyncio.create_task(self._go_on())

    async def _go_on(self):
        loop = asyncio.get_running_loop()
        begin = loop.time()
        told = 0
        while True:
            due = int((loop.time() - begin) * RATE)
            self._tell(due - told)
            told = due
            await asyncio.sleep(BEAT_SECONDS)

    def _tell(self, number):
        for _ in range(number):
            self._count += 1
            words = f"Sale noise-{self._count:07d} is refused by the platform: items.0.sku is not known. It is parked."
            self.publish(Event("sale.parked", words, {"sequence": self._count, "fields": ["items.0.sku"]}))


if __name__ == "__main__":
    assert vars(runtime)["Hub"] is hub.Hub  # else the name has moved, and nothing would be told
    vars(runtime)["Hub"] = NoisyHub
    runtime.run(Path(sys.argv[1]))
