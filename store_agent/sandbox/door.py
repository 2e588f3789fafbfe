"""The way in to one desk: reads the request, lets the faults happen, answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Generic

from starlette.types import Receive, Scope, Send

from store_agent.errors import BadInput
from store_agent.sandbox.answer import Answer, refused
from store_agent.sandbox.desk import AskT, Desk
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


class Door(Generic[AskT]):
    """What leads to a desk, as an ASGI application."""

    def __init__(self, desk: Desk[AskT], sandbox: Sandbox) -> None:
        self._desk = desk
        self._sandbox = sandbox
        self._acts: Mapping[str, Callable[[Line, AskT, Standing], Awaitable[None]]] = {
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
        self._desk.arrived()
        if self._sandbox.faults.is_down(line.path):
            await self._drop(line)
            return
        try:
            body = await line.body(self._sandbox.options.body_bytes_max)
        except OverflowError as error:
            await line.answer(refused(BadInput("body_too_large", str(error), status=413)))
            return
        if body is not None:
            await self._serve(line, self._desk.read(line, body))

    async def _serve(self, line: Line, ask: AskT) -> None:
        self._desk.hear(ask)
        treatment = self._sandbox.faults.choose(line.path, ask)
        await self._wait(treatment.delay_ms + self._sandbox.options.latency_ms)
        if treatment.standing is None:
            await line.answer(self._desk.answer(ask))
        else:
            await self._acts[treatment.standing.fault.kind](line, ask, treatment.standing)

    async def _wait(self, ms: int) -> None:
        """Let time pass; a server that stops does not wait, a client that leaves changes nothing."""
        if ms:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._sandbox.stopping.wait(), ms / 1000)

    async def _hang(self, line: Line, ask: AskT, standing: Standing) -> None:
        self._sandbox.account.hanging(+1)
        try:
            left = await line.gone_before(standing.cleared)
        finally:
            self._sandbox.account.hanging(-1)
        if left:
            self._desk.failed()
        else:
            await line.answer(self._desk.answer(ask))

    async def _drop_before(self, line: Line, _ask: AskT, _standing: Standing) -> None:
        await self._drop(line)

    async def _drop_after(self, line: Line, ask: AskT, _standing: Standing) -> None:
        self._desk.answer(ask)
        await self._drop(line)

    async def _status(self, line: Line, _ask: AskT, standing: Standing) -> None:
        await self._fail(line, _status_answer(standing))

    async def _captive(self, line: Line, _ask: AskT, _standing: Standing) -> None:
        await self._fail(line, _CAPTIVE)

    async def _poison(self, line: Line, _ask: AskT, _standing: Standing) -> None:
        await self._fail(line, _POISONED)

    async def _pending(self, line: Line, ask: AskT, standing: Standing) -> None:
        self._desk.answer(ask)
        status = standing.fault.answered_with
        await self._fail(
            line, refused(BadInput("pending processing", "Ask again with the same request", status=status))
        )

    async def _refuse(self, line: Line, ask: AskT, standing: Standing) -> None:
        await line.answer(self._desk.answer(ask, standing.fault))

    async def _drip(self, line: Line, ask: AskT, standing: Standing) -> None:
        await line.drip(self._desk.answer(ask), standing.fault.ms / 1000)

    async def _drop(self, line: Line) -> None:
        self._desk.failed()
        await line.reset()

    async def _fail(self, line: Line, answer: Answer) -> None:
        self._desk.failed()
        await line.answer(answer)


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
