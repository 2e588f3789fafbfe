"""The names by which the agent may be called: against web pages that re-point their own name here (DNS rebinding)."""

import re
from collections.abc import Iterable
from http import HTTPStatus

from starlette.responses import Response

from store_agent.api import answers

_HOST = re.compile(rb"(\[[0-9a-f:.]+\]|[^:@\[\]]+)(?::\d{1,5})?").fullmatch


class Hosts:
    """The allowed names, without ports."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(host.lower().encode() for host in allowed)

    def refuse(self, headers: dict[bytes, bytes]) -> Response | None:
        """Answer a request that calls the agent by another name; None if it does not."""
        host = _HOST(headers.get(b"host", b"").lower())
        if host is not None and host[1] in self._allowed:
            return None
        message = "This name of the agent is not allowed; use http://127.0.0.1 or add the name to api.allowed_hosts."
        return answers.error(HTTPStatus.FORBIDDEN, "host_not_allowed", message)
