"""The store's manager: looks at the queue now and then, and in the evening until nothing is left."""

import json
import threading
import time
from collections import Counter
from random import Random
from typing import Any

import httpx

from tests.soak.arrivals import MARKER, Arrivals
from tests.soak.shop import Shop

LOOK_SECONDS = 1.0

SETTLE_SECONDS = 60.0
"""How long a store may take in the evening until nothing is on its way any more."""

PAUSE_SECONDS = 0.2
"""Between two looks in the evening."""

OPEN = ("waiting", "frozen", "held", "parked")

_OK = 200


class Manager(threading.Thread):
    """`deeds` counts what was done, by action."""

    def __init__(self, shop: Shop, arrivals: Arrivals, seed: object) -> None:
        super().__init__(name="manager")
        self._shop = shop
        self._arrivals = arrivals
        self._chance = Random(f"{seed}/manager")  # noqa: S311 - a manager must repeat, not surprise
        self._going_home = threading.Event()
        self._pause = threading.Event()  # never set
        self.deeds: Counter[str] = Counter()

    def run(self) -> None:
        """Look after the queue through the day."""
        while not self._going_home.wait(LOOK_SECONDS):
            self._try_to_look()

    def go_home(self) -> None:
        """Look no more."""
        self._going_home.set()
        self.join()

    def tidy(self) -> str:
        """Bring everything to an end; says what could not be brought there, empty if nothing is left."""
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            left = self._try_to_look(evening=True)
            if not left or time.monotonic() > end:
                return left
            self._pause.wait(PAUSE_SECONDS)

    def close_day(self) -> str:
        """Close the day; says what is wrong with it."""
        with self._shop.managing() as client:
            answer = client.post("/v1/day/close", json={"by": "Manager"})
        if answer.status_code != _OK:
            return f"the day was not closed: {answer.text}"
        self.deeds["day closed"] += 1
        books = answer.json()["payload"]
        return "" if books["balanced"] else f"the books of the day do not balance: {books}"

    def _try_to_look(self, *, evening: bool = False) -> str:
        """Look once; an agent that is not there, or that has no database yet, is looked at later."""
        try:
            with self._shop.managing() as client:
                return self._look(client, evening=evening)
        except (httpx.HTTPError, OSError) as failure:
            return f"the agent does not answer: {failure}"

    def _look(self, client: httpx.Client, *, evening: bool) -> str:
        answer = client.get("/v1/status").json()
        if not (answer.get("payload") or {}).get("outbox"):
            return f"the agent is not ready: {answer}"
        self._mend_parked(client)
        if evening:
            self._ask(client, "drain", {})
            self._ask(client, "release", {"all": {}})
            self._acknowledge(client)
        else:
            self._hold_or_release(client)
        outbox = client.get("/v1/status").json()["payload"]["outbox"]
        return ", ".join(f"{outbox[state]} {state}" for state in OPEN if outbox[state])

    def _mend_parked(self, client: httpx.Client) -> None:
        parked = self._listed(client, "parked")
        if not parked:
            return
        arrived = {arrival.marker for arrival in self._arrivals.collect()}
        for sequence in parked:
            self._mend(client, sequence, arrived)

    def _mend(self, client: httpx.Client, sequence: int, arrived: set[str]) -> None:
        """Look a sale up at the platform: what is there is discarded, what is not is sent again or given up."""
        found = client.get(f"/v1/outbox/{sequence}").raise_for_status().json()["payload"]
        marker = json.loads(found["payload"])["custom_data"][MARKER]
        if marker not in arrived and self._chance.random() < 0.6:
            self._ask(client, "retry", {"sequences": [sequence]})
            return
        self._shop.ledger.give_up(marker)
        self._ask(client, "discard", {"sequences": [sequence], "reason": "it is at the platform, or a training sale"})

    def _acknowledge(self, client: httpx.Client) -> None:
        """Take notice of what the agent says about a damaged database."""
        for incident in client.get("/v1/incidents").raise_for_status().json()["payload"]["incidents"]:
            asked = {"by": "Manager", "reason": "compared with the platform"}
            client.post(f"/v1/incidents/{incident['number']}/acknowledge", json=asked).raise_for_status()
            self.deeds["incident acknowledged"] += 1

    def _hold_or_release(self, client: httpx.Client) -> None:
        if self._chance.random() < 0.5:
            self._ask(client, "release", {"all": {}})
        elif waiting := self._listed(client, "waiting"):
            self._ask(client, "hold", {"sequences": [self._chance.choice(waiting)]})

    def _listed(self, client: httpx.Client, state: str) -> list[int]:
        answer = client.get("/v1/outbox", params={"state": state}).raise_for_status()
        rows: list[dict[str, Any]] = answer.json()["payload"]["revisions"]
        return [row["sequence"] for row in rows]

    def _ask(self, client: httpx.Client, action: str, what: dict[str, Any]) -> None:
        answer = client.post(f"/v1/outbox/{action}", json={"by": "Manager", **what})
        if answer.status_code == _OK:
            self.deeds[action] += answer.json()["payload"].get("done", 1)
