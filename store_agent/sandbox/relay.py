"""The desk of the relayed calls: checks credentials, finds the route, answers in the upstream's own shape.

"Generic Statuses and Errors": `{"status": "error", "errors": {"code": ...}}`, with status 401 for callers that are not
known. A POST whose `Idempotency-Key` was answered before gets that answer again, and nothing happens twice.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from store_agent.clock import Clock
from store_agent.errors import BadInput
from store_agent.sandbox.answer import Answer, encode
from store_agent.sandbox.ask import is_authorised
from store_agent.sandbox.call import CONNECT, CORE, Call
from store_agent.sandbox.fault import Fault
from store_agent.sandbox.line import Line
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.platform import Platform
from store_agent.sandbox.routes import find_route, names_in
from store_agent.sandbox.world.refusals import unknown


class Relay:
    """Takes the calls of one upstream."""

    def __init__(self, upstream: str, options: SandboxOptions, platform: Platform, clock: Clock) -> None:
        self._upstream = upstream
        self._options = options
        self._platform = platform
        self._clock = clock
        self._calls = platform.account.calls

    def arrived(self) -> None:
        """Count a call."""
        self._calls.arrived()

    def failed(self) -> None:
        """Count a call that a fault kept from its answer."""
        self._calls.failed()

    def read(self, line: Line, body: bytes) -> Call:
        """Read a call; an unknown path has no names and is found out when it is answered."""
        names = {name: unquote(value) for name, value in names_in(line.method, line.path).items()}
        return Call(
            upstream=self._upstream,
            method=line.method,
            path=line.path,
            query=line.query,
            parameters=dict(parse_qsl(line.query, keep_blank_values=True)),
            names=names,
            authorised=self._knows(line) and self._is_app_key(names),
            key=line.header("idempotency-key") or None,
            body=body,
            digest=hashlib.sha256(body).hexdigest(),
            at=self._clock.monotonic(),
        )

    def hear(self, call: Call) -> None:
        """Note that a call arrived."""
        self._calls.hear(call)

    def answer(self, call: Call, refusal: Fault | None = None) -> Answer:  # noqa: ARG002 - refuses transactions only
        """Process a call, or repeat the answer that its key had."""
        answer = self._calls.stored_answer(call) if call.authorised else None
        if answer is None:
            answer = self._process(call)
        self._calls.answered(call, answer)
        return answer

    def _process(self, call: Call) -> Answer:
        try:
            self._refuse_strangers(call)
            route = find_route(call.method, call.path)
            if route is None:
                raise unknown("not_found", f"There is no {call.method} {call.path}")
            result = route.handler(self._platform.world, call)
        except BadInput as problem:
            return _refused(problem)
        return _accepted({"payload": result} if self._upstream == CONNECT else result)

    def _knows(self, line: Line) -> bool:
        options = self._options
        core, connect = (options.app_key, options.app_secret), (options.connect_key, options.connect_secret)
        return is_authorised(line.header("authorization"), *(core if self._upstream == CORE else connect))

    def _is_app_key(self, names: Mapping[str, str]) -> bool:
        """Tell whether the key in a path, if there is one, is the key of the credentials."""
        return names.get("api_key", self._options.app_key) == self._options.app_key

    def _refuse_strangers(self, call: Call) -> None:
        if not self._is_app_key(call.names):
            raise BadInput("invalid_api_key", "The key in the path is not that of the credentials", status=401)
        if not call.authorised:
            raise BadInput("access_denied", "The key and secret are not those of this upstream", status=401)


def _accepted(members: Mapping[str, Any]) -> Answer:
    return Answer(200, encode({"status": "ok", **members}))


def _refused(problem: BadInput) -> Answer:
    errors = {"code": problem.code, "message": problem.message}
    return Answer(problem.status, encode({"status": "error", "errors": errors}))
