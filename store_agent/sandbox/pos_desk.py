"""The desk of one POS endpoint."""

from store_agent.sandbox.answer import Answer
from store_agent.sandbox.ask import Ask, is_authorised, read_ask
from store_agent.sandbox.fault import Fault
from store_agent.sandbox.line import Line
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.platform import Platform


class PosDesk:
    """Takes the platform's request containers."""

    def __init__(self, endpoint: str, options: SandboxOptions, platform: Platform) -> None:
        self._endpoint = endpoint
        self._options = options
        self._platform = platform

    def arrived(self) -> None:
        """Count a request."""
        self._platform.account.arrived()

    def failed(self) -> None:
        """Count a request that a fault kept from its answer."""
        self._platform.account.failed()

    def read(self, line: Line, body: bytes) -> Ask:
        """Read a request container."""
        authorised = is_authorised(line.header("authorization"), self._options.key, self._options.secret)
        return read_ask(self._endpoint, body, authorised=authorised, content_type=line.header("content-type"))

    def hear(self, ask: Ask) -> None:
        """Note that a request arrived."""
        self._platform.hear(ask)

    def answer(self, ask: Ask, refusal: Fault | None = None) -> Answer:
        """Process a request, or repeat its answer."""
        return self._platform.answer(ask, refusal)
