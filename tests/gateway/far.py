"""The far side of the gateway, and what is beside it, for tests: replies from a script, time by hand."""

from dataclasses import replace

from store_agent.domain.batch import Request
from store_agent.domain.link import Link, LinkState
from store_agent.domain.outcome import Delivered, Loss, Outcome, Refused, Transport
from store_agent.domain.relayed import Target
from store_agent.domain.reply import Reply
from tests.support.hands import HandSetClock

DOWN = Reply(Transport("It refuses the connection."), sent=False)
BROKE = Reply(Transport("The connection broke.", loss=Loss.REPLY))
SILENT = Reply(Transport("No answer in time.", loss=Loss.TIME))
PORTAL = Reply(Transport("A page of its own."), status=200)
GATEWAY = Reply(Transport("A gateway answers 502."), status=502)
TOO_MUCH = Reply(Transport("The answer is larger than is taken."))


def good(body: bytes = b'{"status": "OK", "payload": {}}') -> Reply:
    return Reply(Delivered(), 200, body)


def refused(body: bytes = b'{"status": "Error", "payload": null}') -> Reply:
    return Reply(Refused("The platform refuses it."), 400, body)


class MadeUpPlatform:
    """Answers as it is told, the last answer for ever, and notes what it was asked."""

    def __init__(self, clock: HandSetClock, *replies: Reply, takes: float = 0.0) -> None:
        self.clock = clock
        self.replies = list(replies)
        self.takes = takes
        self.asked: list[Request] = []
        self.relayed: list[tuple[Target, str, bytes]] = []
        self.allowed: list[float] = []
        self.minted = 0

    def mint(self) -> str:
        self.minted += 1
        return f"request-{self.minted}"

    def enclose(self, endpoint: str, request_id: str, payload: str, forwarded: str) -> Request:
        return Request(request_id, endpoint, f"{request_id} {forwarded} {payload}".encode())

    async def ask(self, request: Request, seconds: float) -> Reply:
        self.asked.append(request)
        return self._reply(seconds)

    async def relay(self, target: Target, request_id: str, body: bytes, seconds: float) -> Reply:
        self.relayed.append((target, request_id, body))
        return self._reply(seconds)

    async def call(self, seconds: float) -> Reply:
        """Be asked anything."""
        return self._reply(seconds)

    def _reply(self, seconds: float) -> Reply:
        self.allowed.append(seconds)
        self.clock.let_pass(min(self.takes, seconds))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class MadeUpLine:
    """The drain's view of the line; notes what it is told."""

    def __init__(self) -> None:
        self.link = Link(since=0.0)
        self.heard: list[Outcome] = []
        self.woken: list[int | None] = []
        self.adopted: list[int] = []

    def goes_down(self) -> None:
        self.link = replace(self.link, state=LinkState.BACKING_OFF, reason="The line is down.")

    def hear(self, outcome: Outcome) -> None:
        self.heard.append(outcome)

    def wake(self, newest: int | None = None) -> None:
        self.woken.append(newest)

    def adopt(self, newest: int) -> None:
        self.adopted.append(newest)
