"""Deferred calls: what the platform is to be told once the line is back, in the outbox with the sales (G1, G2, G3).

A call is a revision with an endpoint of its own. It goes by itself, after what was taken before it of the transaction
that it follows (DESIGN, section 6: unlock and reinstate offline are queued, in order with their sales).
"""

import hashlib
from dataclasses import dataclass

from store_agent.domain.batch import Request
from store_agent.storage import sqlite
from store_agent.storage.attempts import note_attempts
from store_agent.storage.packing import pack
from store_agent.storage.queries import load
from store_agent.storage.seal import Facts, seal_of_request, seal_of_sale

_SQL = load("deferral")

AGENT = "(agent)"
"""The terminal of calls that the agent makes by itself; no real one can have this name."""

_KEY = "\x1f"
"""Begins the key of a call; the id of a transaction holds no control character."""

_NAME_MAX = 56

_NO_ANSWER = "The platform did not answer in time; it is asked again."


@dataclass(frozen=True, slots=True)
class Deferral:
    """A call to be made later. `call` is its endpoint, `payload` the JSON it carries, `forwarded` its container fields.

    Calls of one `subject` go in order of arrival. `follows` is the transaction it belongs to, if it is known. `request`
    is the one under which it was tried already with an unknown outcome: it goes again as it is (G3).
    """

    terminal: str
    call: str
    subject: str
    payload: str
    forwarded: str = ""
    follows: str | None = None
    request: Request | None = None

    @property
    def key(self) -> str:
        """What stands in the place of a transaction's id."""
        name = self.subject
        return _KEY + (name if len(name) <= _NAME_MAX else hashlib.sha256(name.encode()).hexdigest()[:_NAME_MAX])

    @property
    def digest(self) -> bytes:
        """What tells whether two calls are the same."""
        return hashlib.sha256(f"{self.call}\n{self.payload}".encode()).digest()


def defer(raw: sqlite.Connection, deferral: Deferral, now: int) -> int:
    """Take a call; gives its sequence, or that of the same call if that is still on its way."""
    asked = (deferral.key, deferral.digest, deferral.terminal, deferral.forwarded, deferral.follows)
    same = raw.execute(_SQL["same_open"], asked).fetchone()
    if same is not None:
        return int(same[0])
    (sequence,) = raw.execute(_SQL["next_sequence"]).fetchone()
    _insert(raw, deferral, sequence, now)
    return int(sequence)


def must_wait(deferral: Deferral, raw: sqlite.Connection) -> bool:
    """Tell whether something goes before a call: of its subject, or of the transaction that it follows (G4)."""
    return bool(raw.execute(_SQL["in_flight"], {"key": deferral.key, "follows": deferral.follows}).fetchone()[0])


def _insert(raw: sqlite.Connection, deferral: Deferral, sequence: int, now: int) -> None:
    free = not must_wait(deferral, raw)
    body = deferral.payload.encode()
    named = (sequence, deferral.key, deferral.terminal, deferral.digest, deferral.forwarded)
    raw.execute(_SQL["insert_call"], (*named, len(body), now, deferral.call, deferral.follows))
    facts = Facts(*named, 1, None, None, deferral.call, deferral.follows)
    raw.execute(_SQL["insert_payload"], (sequence, pack(body), seal_of_sale(facts, body)))
    if deferral.request is not None and free:
        values = (*deferral.request, now, seal_of_request(*deferral.request))
        number = raw.execute(_SQL["insert_batch"], values).lastrowid
        assert number is not None  # noqa: S101 - an INSERT has a row id
        raw.execute(_SQL["freeze"], (number, _NO_ANSWER, sequence))
        note_attempts(raw, number, _NO_ANSWER, "", now)
