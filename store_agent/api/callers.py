"""Who calls: terminals, and the machine's own manager with the storage directory's token, by HTTP Basic (G15).

Over the Unix socket, managers are known by their accounts on the machine.
"""

import asyncio
import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from store_agent.api.connections import Connection, Connections
from store_agent.api.peers import Peer, Peers
from store_agent.api.seams import Terminals
from store_agent.clock import Clock
from store_agent.domain.roles import Role
from store_agent.storage.terminals import MANAGER, Overlap, Terminal, hash_token


@dataclass(frozen=True, slots=True)
class Caller:
    """A known caller; `name` is the terminal, or the login name of who calls over the Unix socket.

    `token` is the hash of the token that it gave.
    """

    name: str
    role: Role
    token: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """A caller and the hash of its token; that of the token before is good until then, by the monotonic clock."""

    caller: Caller
    token: bytes
    former: bytes
    former_until: float = 0.0

    def accepts(self, given: bytes, now: float) -> bool:
        """Compare with both, so that it takes as long whichever it is."""
        newest = hmac.compare_digest(self.token, given)
        former = hmac.compare_digest(self.former, given)
        return newest or (former and now < self.former_until)


_UNGUESSABLE = secrets.token_bytes(32)
"""A hash of no token."""

_NOBODY = _Known(Caller("", Role.CASHIER), _UNGUESSABLE, _UNGUESSABLE)


class Callers:
    """The known callers, in memory; only hashes of their tokens.

    `managers_group` is the number of the group whose members are managers over the Unix socket. Connections of callers
    who are known no more are closed. `seen` is when each terminal was last recognised by this run of the agent (wall
    time in seconds, a label).
    """

    def __init__(
        self,
        manager_token: str,
        clock: Clock,
        managers_group: int | None = None,
        connections: Connections | None = None,
    ) -> None:
        self._peers = Peers(managers_group)
        self._manager = _Known(Caller(MANAGER, Role.MANAGER), hash_token(manager_token), _UNGUESSABLE)
        self._clock = clock
        self._connections = connections
        self._terminals: dict[str, _Known] = {}
        self._learning = asyncio.Lock()
        self.seen: dict[str, float] = {}

    def overlaps(self) -> list[Overlap]:
        """Give the tokens of before a rotation, with the seconds for which they are good."""
        now = self._clock.monotonic()
        return [
            Overlap(name, known.former, max(known.former_until - now, 0.0))
            for name, known in self._terminals.items()
            if known.former is not _UNGUESSABLE
        ]

    async def learn(self, terminals: Terminals, asking: Connection | None = None) -> None:
        """Know the terminals as they are kept now: one after the other, so that no older list comes behind a newer one.

        Raises StorageFailure; then this is to be asked for again.
        """
        async with self._learning:
            self.replace(await terminals.all(), asking)

    def replace(self, terminals: Iterable[Terminal], asking: Connection | None = None) -> None:
        """Know exactly these terminals from now on. New ones were not seen yet.

        Who is shut out, or gave a token that is good no more, loses its connections at once; all but that of who asks
        for it, which still gets its answer.
        """
        before = self._terminals
        self._terminals = {one.name: self._know(one) for one in terminals if one.revoked_at is None}
        for name in self._terminals.keys() - before.keys():
            self.seen.pop(name, None)
        for name, known in before.items():
            now_known = self._terminals.get(name)
            good = frozenset() if now_known is None else _tokens(now_known)
            if self._connections is not None and not _tokens(known) <= good:
                self._connections.cut(name, asking, good)

    def recognise(self, authorization: bytes) -> Caller | None:
        """Return who holds these Basic credentials; takes as long for an unknown name as for a wrong token."""
        name, token = _credentials(authorization)
        known = self._manager if name == MANAGER else self._terminals.get(name, _NOBODY)
        given = hash_token(token)
        if not known.accepts(given, self._clock.monotonic()):
            return None
        if known is not self._manager:
            self.seen[name] = self._clock.wall()
        return Caller(known.caller.name, known.caller.role, given)

    def claimed(self, authorization: bytes) -> tuple[str, bool]:
        """Return the name in credentials that were refused, and whether a caller has it."""
        name, _ = _credentials(authorization)
        return name, name == MANAGER or name in self._terminals

    async def recognise_peer(self, peer: Peer) -> Caller | None:
        """Return who is at the other end of the Unix socket, if that is a manager."""
        name = await self._peers.manager(peer)
        return None if name is None else Caller(name, Role.MANAGER)

    def _know(self, terminal: Terminal) -> _Known:
        """Know a terminal. What is left to its former token is kept once a minute only: what is known here counts."""
        former = terminal.former_hash or _UNGUESSABLE
        before = self._terminals.get(terminal.name)
        if before is not None and before.former == former:
            until = before.former_until
        else:
            until = self._clock.monotonic() + (terminal.former_seconds or 0)
        return _Known(Caller(terminal.name, terminal.role), terminal.token_hash, former, until)


def _tokens(known: _Known) -> frozenset[bytes]:
    return frozenset({known.token, known.former} - {_UNGUESSABLE})


def _credentials(authorization: bytes) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return "", ""
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, token = decoded.partition(":")
    return name, token
