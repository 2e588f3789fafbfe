"""One POS request as it came in: who asks, and for what."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Protocol

from store_agent.errors import BadInput
from store_agent.sandbox.container import Container, read_container


class Asked(Protocol):
    """What faults need to know of a request, of whichever side of the platform."""

    @property
    def authorised(self) -> bool:
        """Whether key and secret are right."""
        ...

    @property
    def container(self) -> Container | None:
        """The request container, if it is one."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """A request before anything is decided about it: its container, or why there is none."""

    authorised: bool
    request: Container | BadInput

    @property
    def container(self) -> Container | None:
        """The container, if the body was one."""
        return None if isinstance(self.request, BadInput) else self.request


def read_ask(endpoint: str, body: bytes, *, authorised: bool, content_type: str) -> Ask:
    """Read a request of a POS endpoint."""
    try:
        _check_content_type(content_type)
        return Ask(authorised, read_container(body, endpoint))
    except BadInput as problem:
        return Ask(authorised, problem)


def is_authorised(header: str, key: str, secret: str) -> bool:
    """Check a Basic `Authorization` header ("SessionM POS API, Required Headers")."""
    scheme, _, token = header.partition(" ")
    try:
        given = base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(given, f"{key}:{secret}".encode())


def _check_content_type(content_type: str) -> None:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadInput("unsupported_media_type", "Content-Type must be application/json", status=415)
