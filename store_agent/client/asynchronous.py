"""The client for plugins on asyncio: the same methods as the blocking one, to be awaited."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
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
Q = ParamSpec("Q")
R = TypeVar("R")
T = TypeVar("T")


def _awaited(
    build: Callable[Concatenate[Calls, P], Call[T]],
) -> Callable[Concatenate["AsyncAgentClient", P], Awaitable[T]]:
    """Make a method that does the call which a method of `Calls` builds."""

    @wraps(build)
    async def method(self: "AsyncAgentClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.do(build(self.calls, *args, **kwargs))

    return method


async def _to_its_end(step: Callable[Q, R], *args: Q.args, **kwargs: Q.kwargs) -> R:
    """Do a step with files on a thread; who is cancelled leaves after it, not in the middle with the turn given up."""
    running = asyncio.ensure_future(asyncio.to_thread(step, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        running.exception()  # looked at, or asyncio would complain of it
        raise


class AsyncAgentClient(Terminal):
    """Speaks with the agent as one terminal. Close it, or use it in an `async with` statement.

    For the arguments see Terminal, for the calls see Calls. Every call may raise AgentProblem. Files are written on a
    thread of their own, so that no sync holds up the event loop.
    """

    def __post_init__(self) -> None:
        """Make the connections' pool; nothing is connected yet."""
        super().__post_init__()
        self._http = httpx.AsyncClient(**client_options(self.url, self.trust))

    send_transaction = _awaited(Calls.send_transaction)
    send_transactions = _awaited(Calls.send_transactions)
    mint_receipts = _awaited(Calls.mint_receipts)
    lookup = _awaited(Calls.lookup)
    lock = _awaited(Calls.lock)
    redeem = _awaited(Calls.redeem)
    unlock = _awaited(Calls.unlock)
    reinstate = _awaited(Calls.reinstate)
    upload_catalog = _awaited(Calls.upload_catalog)
    upload_employees = _awaited(Calls.upload_employees)
    scan_card = _awaited(Calls.scan_card)
    status = _awaited(Calls.status)

    async def keep(self, sale: Mapping[str, Any]) -> None:
        """Write a sale to `kept_in`; when this returns it survives a power cut. Raises NotKept."""
        await _to_its_end(self._keep, sale)

    async def flush(self) -> Flushed:
        """Send what is kept, in order; raises nothing that the agent says. Call it after `keep`, and now and then."""
        sending = self._pass()
        try:
            await _to_its_end(sending.__enter__)
            while (call := await _to_its_end(sending.next_call)) is not None:
                await _to_its_end(sending.settle, await self._outcome(call))
        finally:
            sending.__exit__()
        return sending.flushed

    async def do(self, call: Call[T]) -> T:
        """Make a call that was built by `calls`."""
        try:
            answer = await self._exchange(call)
        except httpx.HTTPError as error:
            raise call.lost(words(error), sent=not isinstance(error, NEVER_SENT)) from error
        if answer is None:
            raise call.lost(TOO_LARGE, sent=True)
        return call.read(answer)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Give the client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.close()

    async def _outcome(self, call: Call[Taken]) -> Taken | AgentProblem:
        try:
            return await self.do(call)
        except AgentProblem as problem:
            return problem

    async def _exchange(self, call: Call[Any]) -> Answer | None:
        """Give the whole answer, None if it is too large."""
        async with self._http.stream(**request_options(call.request, self.timeouts)) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > ANSWER_BYTES_MAX:
                    return None
            return Answer(response.status_code, response.headers, bytes(body))
