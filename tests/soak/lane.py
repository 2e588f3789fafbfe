"""A lane of the store: it sells until the day ends, and sends each call again until it has an answer."""

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple, Protocol

import httpx

from store_agent.sandbox.sales import Sale, SaleMaker, sale_text
from tests.soak.arrivals import MARKER
from tests.soak.ledger import Ledger

PATIENCE_SECONDS = 0.2
"""Between two tries; a till in a store waits for seconds."""

INSIST_SECONDS_MAX = 120.0
"""After that the agent counts as gone for good; no fault lasts so long."""

RECENT_MAX = 5
"""Sales that are changed or sent again, the last ones: retention must not have let go of them."""

TOGETHER_MAX = 12
"""Sales in one call: more than fit into one request to the platform."""

_OK = 200
_BAD = range(400, 500)


class Store(Protocol):
    """What a lane sees of its store."""

    pace: float
    """Sales a second in each lane."""

    def client_of(self, lane: str) -> httpx.Client:
        """Give a client with the lane's credentials."""
        ...


class State(NamedTuple):
    """A state of a sale, and its text as it is sent."""

    sale: Sale
    revision: int
    marker: str
    text: str


class Lane(threading.Thread):
    """One till, as `terminal`. `refusals` counts answers other than 200 by their code, "gone" is no answer."""

    def __init__(self, terminal: str, name: str, store: Store, ledger: Ledger, seed: int) -> None:
        super().__init__(name=name)
        self._terminal = terminal
        self._store = store
        self._ledger = ledger
        self._chance = Random(f"{seed}/{name}")  # noqa: S311 - lanes must repeat, not surprise
        self._maker = SaleMaker(seed, name)
        self._made = 0
        self._recent: list[State] = []
        self._closing = threading.Event()
        self._patience = threading.Event()  # never set: a sale is sent again after closing time, too
        self.refusals: Counter[str] = Counter()

    def run(self) -> None:
        """Sell until `close`; the call in hand is brought to an answer."""
        try:
            self._sell()
        except Exception as bug:
            self._ledger.wrong(f"the lane {self.name} failed: {bug!r}")
            raise

    def close(self) -> None:
        """Sell nothing more, and wait for the call in hand."""
        self._closing.set()
        self.join()

    def upcoming(self, count: int) -> list[str]:
        """Give names of sales that will be made soon."""
        return [f"{self.name}-{number:06d}" for number in range(self._made + 2, self._made + 2 + count)]

    def _sell(self) -> None:
        with self._store.client_of(self._terminal) as client:
            while not self._closing.wait(self._chance.uniform(0.5, 1.5) / self._store.pace):
                self._insist(client, self._next_call())

    def _next_call(self) -> list[State]:
        kind = self._chance.random()
        if kind < 0.7 or not self._recent:
            return [self._new()]
        if kind < 0.8:
            return [self._chance.choice(self._recent)]
        if kind < 0.9:
            return [self._changed()]
        if kind < 0.95:
            return [self._changed(is_voided=True)]
        return [self._new() for _ in range(self._chance.randint(2, TOGETHER_MAX))]

    def _new(self) -> State:
        self._made += 1
        return self._keep(self._maker.make(datetime.now(UTC)), 1)

    def _changed(self, **changes: Any) -> State:
        """Change a recent sale, from its newest state."""
        name = self._chance.choice(self._recent).sale["transaction_id"]
        newest = max((one for one in self._recent if one.sale["transaction_id"] == name), key=lambda one: one.revision)
        return self._keep({**newest.sale, **changes}, newest.revision + 1)

    def _keep(self, sale: Sale, revision: int) -> State:
        marker = f"{sale['transaction_id']}#{revision}"
        sale["custom_data"] = {MARKER: marker}
        state = State(sale, revision, marker, sale_text(sale))
        self._recent = [*self._recent, state][-RECENT_MAX:]
        return state

    def _insist(self, client: httpx.Client, states: list[State]) -> None:
        end = time.monotonic() + INSIST_SECONDS_MAX
        while not self._sent(client, states):
            if time.monotonic() > end:
                self._ledger.wrong(f"{states[0].marker} was not taken in {INSIST_SECONDS_MAX:.0f} s: {self.refusals}")
                return
            self._patience.wait(PATIENCE_SECONDS)

    def _sent(self, client: httpx.Client, states: list[State]) -> bool:
        """Send a call; tells whether it needs no further try."""
        try:
            path, body = _request(states)
            answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
        except httpx.TransportError:
            self.refusals["gone"] += 1
            return False
        container = answer.json()
        if answer.status_code != _OK:
            self.refusals[container["errors"]["code"]] += 1
            return self._refused(answer.status_code, container["errors"], states)
        payload = container["payload"]
        for state, told in zip(states, payload.get("transactions", [payload]), strict=True):
            self._ledger.answered(state.marker, state.revision, told)
        return True

    def _refused(self, status: int, errors: Any, states: list[State]) -> bool:
        if status in _BAD:
            self._ledger.wrong(f"{states[0].marker} was refused at the door with {status}: {errors}")
        return status in _BAD


def _request(states: list[State]) -> tuple[str, bytes]:
    if len(states) == 1:
        endpoint, payload = "send_transaction", states[0].text
    else:
        listed = ", ".join(state.text for state in states)
        endpoint, payload = "send_batch_transaction", f'{{"transactions": [{listed}]}}'
    return f"/api/2.0/{endpoint}", f'{{"request_id": "1", "request_payload": {payload}}}'.encode()
