"""The way into one POS endpoint: reads the request, lets the faults happen, answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from store_agent.errors import BadInput
from store_agent.sandbox.answer import Answer, refused
from store_agent.sandbox.ask import Ask, is_authorised, read_ask
from store_agent.sandbox.faults import Standing
from store_agent.sandbox.line import Line
from store_agent.sandbox.sandbox import Sandbox

_POISONED = refused(BadInput("internal_error", "The request could not be processed", status=500))
_CAPTIVE = Answer(
    200,
    b"<!DOCTYPE html><html><head><title>Guest network</title></head>"
    b"<body><h1>Welcome to the guest network</h1><form method='post'><button>Connect</button></form></body></html>",
    "text/html; charset=utf-8",
)

_Act = Callable[[Line, Ask, Standing], Awaitable[None]]


class Door:
    """One POS endpoint as an ASGI application."""

    def __init__(self, endpoint: str, sandbox: Sandbox) -> None:
        self._endpoint = endpoint
        self._sandbox = sandbox
        self._acts: Mapping[str, _Act] = {
            "hang": self._hang,
            "drop_before": self._drop_before,
            "drop_after": self._drop_after,
            "status": self._status,
            "captive": self._captive,
            "pending": self._pending,
            "refuse": self._refuse,
            "poison": self._poison,
            "drip": self._drip,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        line = Line(scope, receive, send)
        self._sandbox.account.arrived()
        if self._sandbox.faults.is_down():
            await self._drop(line)
            return
        try:
            body = await line.body(self._sandbox.options.body_bytes_max)
        except OverflowError as error:
            await line.answer(refused(BadInput("body_too_large", str(error), status=413)))
            return
        if body is not None:
            await self._serve(line, self._read(line, body))

    async def _serve(self, line: Line, ask: Ask) -> None:
        self._sandbox.platform.hear(ask)
        treatment = self._sandbox.faults.choose(ask)
        await self._wait(treatment.delay_ms + self._sandbox.options.latency_ms)
        if treatment.standing is None:
            await line.answer(self._sandbox.platform.answer(ask))
        else:
            await self._acts[treatment.standing.fault.kind](line, ask, treatment.standing)

    async def _wait(self, ms: int) -> None:
        """Let time pass; a server that stops does not wait, a client that leaves changes nothing."""
        if ms:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._sandbox.stopping.wait(), ms / 1000)

    async def _hang(self, line: Line, ask: Ask, standing: Standing) -> None:
        self._sandbox.account.hanging(+1)
        try:
            left = await line.gone_before(standing.cleared)
        finally:
            self._sandbox.account.hanging(-1)
        if left:
            self._sandbox.account.failed()
        else:
            await line.answer(self._sandbox.platform.answer(ask))

    async def _drop_before(self, line: Line, _ask: Ask, _standing: Standing) -> None:
        await self._drop(line)

    async def _drop_after(self, line: Line, ask: Ask, _standing: Standing) -> None:
        self._sandbox.platform.answer(ask)
        await self._drop(line)

    async def _status(self, line: Line, _ask: Ask, standing: Standing) -> None:
        await self._fail(line, _status_answer(standing))

    async def _captive(self, line: Line, _ask: Ask, _standing: Standing) -> None:
        await self._fail(line, _CAPTIVE)

    async def _poison(self, line: Line, _ask: Ask, _standing: Standing) -> None:
        await self._fail(line, _POISONED)

    async def _pending(self, line: Line, ask: Ask, standing: Standing) -> None:
        self._sandbox.platform.answer(ask)
        status = standing.fault.answered_with
        await self._fail(
            line, refused(BadInput("pending processing", "Ask again with the same request", status=status))
        )

    async def _refuse(self, line: Line, ask: Ask, standing: Standing) -> None:
        await line.answer(self._sandbox.platform.answer(ask, standing.fault))

    async def _drip(self, line: Line, ask: Ask, standing: Standing) -> None:
        await line.drip(self._sandbox.platform.answer(ask), standing.fault.ms / 1000)

    async def _drop(self, line: Line) -> None:
        self._sandbox.account.failed()
        await line.reset()

    async def _fail(self, line: Line, answer: Answer) -> None:
        self._sandbox.account.failed()
        await line.answer(answer)

    def _read(self, line: Line, body: bytes) -> Ask:
        options = self._sandbox.options
        authorised = is_authorised(line.header("authorization"), options.key, options.secret)
        return read_ask(self._endpoint, body, authorised=authorised, content_type=line.header("content-type"))


def _status_answer(standing: Standing) -> Answer:
    fault = standing.fault
    headers = {} if fault.retry_after is None else {"retry-after": fault.retry_after}
    if fault.body is not None:
        return Answer(fault.code, fault.body.encode(), "text/plain; charset=utf-8", headers)
    usual = refused(BadInput("fault", _phrase(fault.code), status=fault.code))
    return replace(usual, headers=headers)


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return f"Status {code}"
