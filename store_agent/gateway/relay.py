"""The platform's other calls, relayed by the table: the POS never holds the credentials, the agent adds them."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from store_agent.clock import Clock
from store_agent.domain.batch import Request
from store_agent.domain.counter_answer import Answer, NotDone, Queued
from store_agent.domain.jsontext import read_root, read_text
from store_agent.domain.outcome import Delivered, Refused
from store_agent.domain.relayed import RelayAsked, Target, Upstream
from store_agent.domain.roles import Role
from store_agent.errors import DiskFull
from store_agent.gateway.afterwards import Afterwards
from store_agent.gateway.forward import Forward
from store_agent.gateway.recollect import find_answer, keep_answer, recollected
from store_agent.gateway.seams import Line, Memory, Offers, Platform, Room
from store_agent.gateway.table import Offline, Route, find_route
from store_agent.gateway.verdict import not_done, passed
from store_agent.storage.deferral import Deferral

_KIND = "relayed"
"""Under this name answers to relayed calls are remembered."""


class Relay:
    """Relays calls. `forwards` has the way to each upstream; `remember_seconds` is how old an answer may be."""

    def __init__(
        self,
        platform: Platform,
        *,
        forwards: Mapping[Upstream, Forward],
        memory: Memory,
        afterwards: Afterwards,
        offers: Offers,
        line: Line,
        room: Room,
        clock: Clock,
        remember_seconds: float,
    ) -> None:
        self._platform = platform
        self._forwards = forwards
        self._memory = memory
        self._afterwards = afterwards
        self._offers = offers
        self._line = line
        self._room = room
        self._clock = clock
        self._remember_seconds = remember_seconds

    def use(self, platform: Platform) -> None:
        """Ask another adapter of the platform from now on."""
        self._platform = platform

    async def relay(self, terminal: str, role: Role, asked: RelayAsked) -> Answer:
        """Make a call, if the table has it and the caller may."""
        found = find_route(asked)
        if found is None:
            words = "The agent relays no such call; its documentation lists those that it does."
            return NotDone(HTTPStatus.NOT_FOUND, "not_found", words)
        route, target = found
        if route.role is Role.MANAGER and role is not Role.MANAGER:
            return NotDone(HTTPStatus.FORBIDDEN, "forbidden", "Only the manager may do this.")
        return await self._call(terminal, route, target, asked.body)

    async def _call(self, terminal: str, route: Route, target: Target, body: bytes) -> Answer:
        subject = f"{target.method} {target.path.partition('?')[0]}"
        later = Deferral(terminal, target.endpoint, subject, payload="")
        if route.offline is Offline.DEFERRED and await self._offers.must_wait(later):
            return await self._later(later, body)
        request_id = self._platform.mint()
        reply = await self._forwards[target.upstream].ask(
            lambda seconds: self._platform.relay(target, request_id, body, seconds), repeatable=route.idempotent
        )
        answer = passed(reply)
        if answer is not None:
            if route.offline is Offline.REMEMBERED and isinstance(reply.outcome, Delivered):
                self._afterwards.do(keep_answer(self._memory, [(_KIND, target.endpoint)], (), reply.body))
            return answer
        if isinstance(reply.outcome, Refused):  # without a body it was not made at all
            return NotDone(HTTPStatus.SERVICE_UNAVAILABLE, "not_configured", reply.outcome.words)
        if route.offline is Offline.DEFERRED:
            tried = Request(request_id, target.endpoint, body) if reply.sent else None
            return await self._later(replace(later, request=tried), body)
        remembered = await self._recollect(target) if route.offline is Offline.REMEMBERED else None
        return remembered or not_done(reply, changes=not route.idempotent)

    async def _recollect(self, target: Target) -> Answer | None:
        await self._afterwards.settle()
        kept = await find_answer(self._memory, _KIND, target.endpoint)
        return recollected(kept, self._clock.wall(), self._remember_seconds, marked=False)

    async def _later(self, deferral: Deferral, body: bytes) -> Answer:
        """Keep a call for later; one that may have arrived goes again under its request_id (G3).

        Raises BadInput `invalid_json`, DiskFull.
        """
        read_root(read_text(body))  # what is kept for later must be what a platform can read
        if not self._room.admit(len(body)):
            raise DiskFull(self._room.words)
        sequence = await self._offers.defer(replace(deferral, payload=body.decode()))
        if deferral.request is None:
            self._line.wake(sequence)
        else:
            self._line.adopt(sequence)
        return Queued(sequence)
