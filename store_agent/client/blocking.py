"""The client for plugins that wait for each answer."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from .call import Answer, Call
from .calls import Calls
from .flushing import Flushed
from .problems import AgentProblem
from .results import Taken
from .terminal import Terminal
from .wire import ANSWER_BYTES_MAX, NEVER_SENT, TOO_LARGE, client_options, request_options, words

P = ParamSpec("P")
T = TypeVar("T")


def _blocking(build: Callable[Concatenate[Calls, P], Call[T]]) -> Callable[Concatenate["AgentClient", P], T]:
    """Make a method that does the call which a method of `Calls` builds."""

    @wraps(build)
    def method(self: "AgentClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.do(build(self.calls, *args, **kwargs))

    return method


class AgentClient(Terminal):
    """Speaks with the agent as one terminal; threads may share it. Close it, or use it in a `with` statement.

    For the arguments see Terminal, for the calls see Calls. Every call may raise AgentProblem.
    """

    def __post_init__(self) -> None:
        """Make the connections' pool; nothing is connected yet."""
        super().__post_init__()
        self._http = httpx.Client(**client_options(self.url, self.trust))

    send_transaction = _blocking(Calls.send_transaction)
    send_transactions = _blocking(Calls.send_transactions)
    mint_receipts = _blocking(Calls.mint_receipts)
    lookup = _blocking(Calls.lookup)
    lock = _blocking(Calls.lock)
    redeem = _blocking(Calls.redeem)
    unlock = _blocking(Calls.unlock)
    reinstate = _blocking(Calls.reinstate)
    upload_catalog = _blocking(Calls.upload_catalog)
    upload_employees = _blocking(Calls.upload_employees)
    scan_card = _blocking(Calls.scan_card)
    status = _blocking(Calls.status)

    def keep(self, sale: Mapping[str, Any]) -> None:
        """Write a sale to `kept_in`; when this returns it survives a power cut. Raises NotKept."""
        self._keep(sale)

    def flush(self) -> Flushed:
        """Send what is kept, in order; raises nothing that the agent says. Call it after `keep`, and now and then."""
        with self._pass() as sending:
            while (call := sending.next_call()) is not None:
                sending.settle(self._outcome(call))
        return sending.flushed

    def do(self, call: Call[T]) -> T:
        """Make a call that was built by `calls`."""
        try:
            answer = self._exchange(call)
        except httpx.HTTPError as error:
            raise call.lost(words(error), sent=not isinstance(error, NEVER_SENT)) from error
        if answer is None:
            raise call.lost(TOO_LARGE, sent=True)
        return call.read(answer)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Give the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()

    def _outcome(self, call: Call[Taken]) -> Taken | AgentProblem:
        try:
            return self.do(call)
        except AgentProblem as problem:
            return problem

    def _exchange(self, call: Call[Any]) -> Answer | None:
        """Give the whole answer, None if it is too large."""
        with self._http.stream(**request_options(call.request, self.timeouts)) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > ANSWER_BYTES_MAX:
                    return None
            return Answer(response.status_code, response.headers, bytes(body))
