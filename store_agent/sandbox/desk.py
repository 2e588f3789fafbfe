"""What stands behind a door: it reads requests, keeps an account of them, and answers."""

from typing import Protocol, TypeVar

from store_agent.sandbox.answer import Answer
from store_agent.sandbox.ask import Asked
from store_agent.sandbox.fault import Fault
from store_agent.sandbox.line import Line

AskT = TypeVar("AskT", bound=Asked)


class Desk(Protocol[AskT]):
    """The side of the platform that one kind of request is for."""

    def arrived(self) -> None:
        """Count a request, before anything is known about it."""
        ...

    def failed(self) -> None:
        """Count a request that a fault kept from its answer."""
        ...

    def read(self, line: Line, body: bytes) -> AskT:
        """Read a request; what is wrong with it shows in its answer."""
        ...

    def hear(self, ask: AskT) -> None:
        """Note that a request arrived, whether or not it will be processed."""
        ...

    def answer(self, ask: AskT, refusal: Fault | None = None) -> Answer:
        """Process a request, or repeat the answer it had. `refusal`: a fault that refuses transactions in it."""
        ...
