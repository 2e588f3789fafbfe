"""The platform's request container, read with the exact text of each transaction in it.

"SessionM POS API, General Request Container": `store_id`, `client_id`, `request_id`, `culture`, `request_payload`.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from store_agent.errors import BadInput, FieldError
from store_agent.sandbox.spans import read_array, read_object, read_value, skip_blanks

SINGLE = "send_transaction"
BATCH = "send_batch_transaction"


@dataclass(frozen=True, slots=True)
class Sent:
    """One transaction of a request: decoded, and the characters it stood in."""

    value: Any
    text: str

    @property
    def transaction_id(self) -> str | None:
        """Its name, or None when it has none that is a text."""
        name = self.value.get("transaction_id") if isinstance(self.value, dict) else None
        return name if isinstance(name, str) and name else None


@dataclass(frozen=True, slots=True)
class Container:
    """A request that can be answered under its `request_id`.

    `digest`: SHA-256 of the body. `sent`: the transactions of a send call, in order.
    """

    endpoint: str
    body: bytes
    digest: bytes
    members: dict[str, Any]
    request_id: str
    sent: tuple[Sent, ...]

    @property
    def payload(self) -> Any:
        """The `request_payload`, decoded, or None."""
        return self.members.get("request_payload")

    @property
    def transaction_ids(self) -> tuple[str, ...]:
        """Names of the transactions sent, in order; nameless ones are left out."""
        return tuple(name for sent in self.sent if (name := sent.transaction_id) is not None)


def read_container(body: bytes, endpoint: str) -> Container:
    """Read the body of a call of `endpoint`.

    Raises `BadInput` when it is not a JSON object or has no request_id; such a call cannot be remembered.
    """
    reader = _Reader(body)
    try:
        members = reader.read()
    except (ValueError, RecursionError) as error:
        raise BadInput("malformed_json", f"The body is not a JSON object: {error}") from None
    request_id = members.get("request_id")
    if not isinstance(request_id, str) or not request_id:
        raise missing("request_id")
    sent = {SINGLE: reader.whole, BATCH: reader.listed}.get(endpoint, [])
    return Container(endpoint, body, hashlib.sha256(body).digest(), members, request_id, tuple(sent))


def missing(path: str) -> BadInput:
    """Build the refusal of a request in which the text at `path` is missing."""
    return BadInput("missing_field", f"{path} is required", fields=(FieldError(path, "a text is required"),))


class _Reader:
    """Walks the container, the payload and the list of transactions; the decoder reads everything below."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._text = ""
        self.whole: list[Sent] = []
        self.listed: list[Sent] = []

    def read(self) -> dict[str, Any]:
        self._text = self._body.decode()
        members, end = read_object(self._text, skip_blanks(self._text, 0), self._member)
        if skip_blanks(self._text, end) != len(self._text):
            raise ValueError(f"more text follows at character {end}")
        return members

    def _member(self, key: str, at: int) -> tuple[Any, int]:
        if key != "request_payload":
            return read_value(self._text, at)
        # A name that comes twice means its last value, as for the decoder.
        self.whole, self.listed = [], []
        if not self._text.startswith("{", at):
            return read_value(self._text, at)
        payload, end = read_object(self._text, at, self._payload_member)
        self.whole = [Sent(payload, self._text[at:end])]
        return payload, end

    def _payload_member(self, key: str, at: int) -> tuple[Any, int]:
        if key != "transactions":
            return read_value(self._text, at)
        self.listed = []
        if not self._text.startswith("[", at):
            return read_value(self._text, at)
        return read_array(self._text, at, self._transaction)

    def _transaction(self, at: int) -> tuple[Any, int]:
        value, end = read_value(self._text, at)
        self.listed.append(Sent(value, self._text[at:end]))
        return value, end
