"""A platform in this process, on the sandbox's own world, behind a line that loses what it is told to lose."""

import json
import uuid
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any

from store_agent.cloud.sessionm.wire import BATCH, SINGLE, enclose
from store_agent.domain.batch import FrozenBatch, Member, Request
from store_agent.domain.container import Identity
from store_agent.domain.outcome import Delivered, Loss, Outcome, Refused, Transport
from store_agent.domain.relayed import Target
from store_agent.domain.reply import Reply
from store_agent.errors import BadInput
from store_agent.sandbox.counter import Counter
from store_agent.sandbox.world.world import World
from tests.support.hands import HandSetClock

IDENTITY = Identity("1234x", "retailer-1")
DOWN = Reply(Transport("It refuses the connection."), sent=False)
SILENT = Reply(Transport("No answer in time.", loss=Loss.TIME))


class Wire(Enum):
    """What the line does to a request."""

    UP = auto()
    DOWN = auto()
    LOSES_QUESTIONS = auto()
    LOSES_ANSWERS = auto()


class Platform:
    """The far side of the gateway and of the queue. One request_id is done once.

    `refuses` are transactions whose sales it refuses. `before` and `after` come about once, around the next call at the
    counter. `taken` are the states of each transaction that it took, in order.
    """

    def __init__(self, clock: HandSetClock) -> None:
        self._world = World(clock)
        self._counter = Counter(self._world)
        self._calls: dict[str, Callable[[dict[str, Any]], Any]] = {
            call.__name__: call
            for call in (
                self._counter.lookup,
                self._counter.lock,
                self._counter.redeem,
                self._counter.unlock,
                self._counter.reinstate,
            )
        }
        self._answered: dict[str, Reply] = {}
        self.wire = Wire.UP
        self.refuses: set[str] = set()
        self.before: Callable[[], Awaitable[None]] | None = None
        self.after: Callable[[], Awaitable[None]] | None = None
        self.taken: dict[str, list[dict[str, Any]]] = {}

    def mint(self) -> str:
        return str(uuid.uuid4())

    def enclose(self, endpoint: str, request_id: str, payload: str, forwarded: str) -> Request:
        return Request(request_id, endpoint, enclose(Member(forwarded, payload.encode()), IDENTITY, None, request_id))

    async def ask(self, request: Request, seconds: float) -> Reply:
        before, self.before = self.before, None
        if before is not None:
            await before()
        reply = self._carry(request)
        after, self.after = self.after, None
        if after is not None:
            await after()
        return reply

    async def relay(self, target: Target, request_id: str, body: bytes, seconds: float) -> Reply:
        raise AssertionError("Nothing is relayed here.")

    def send(self, batch: FrozenBatch, body: bytes) -> Outcome:
        """Take a request of the queue."""
        return self._carry(Request(batch.request_id, batch.endpoint, body)).outcome

    def offer(self, offer: str) -> dict[str, Any]:
        """Look at an offer: `{"status": ..., "by": ..., "times_redeemed": ...}`."""
        return self._world.wallet.get(offer).as_state()

    def _carry(self, request: Request) -> Reply:
        if self.wire is Wire.DOWN:
            return DOWN
        if self.wire is Wire.LOSES_QUESTIONS:
            return SILENT
        reply = self._answer(request)
        return SILENT if self.wire is Wire.LOSES_ANSWERS else reply

    def _answer(self, request: Request) -> Reply:
        if request.request_id not in self._answered:
            self._answered[request.request_id] = self._do(request)
        return self._answered[request.request_id]

    def _do(self, request: Request) -> Reply:
        payload = json.loads(request.body)["request_payload"]
        try:
            answer = self._do_call(request.endpoint, payload)
        except BadInput as refusal:
            return Reply(Refused(str(refusal)), 400, b'{"status": "Error", "payload": null}')
        body = json.dumps({"status": "OK", "payload": answer, "errors": None}, default=float)
        return Reply(Delivered(), 200, body.encode())

    def _do_call(self, endpoint: str, payload: dict[str, Any]) -> Any:
        if endpoint not in (SINGLE, BATCH):
            return self._calls[endpoint](payload)
        sales = payload["transactions"] if endpoint == BATCH else [payload]
        if any(sale["transaction_id"] in self.refuses for sale in sales):
            raise BadInput("refused", "The platform refuses it.")
        for sale in sales:
            self._counter.settle(sale)
            self.taken.setdefault(sale["transaction_id"], []).append(sale)
        return None
