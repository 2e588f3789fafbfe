"""Who calls: terminals, and the machine's own manager with the storage directory's token, by HTTP Basic (G15).

Over the Unix socket, managers are known by their accounts on the machine.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from store_agent.api.peers import Peer, Peers
from store_agent.clock import Clock
from store_agent.domain.roles import Role
from store_agent.storage.terminals import MANAGER, Terminal, hash_token

_NOBODY = hash_token("")


@dataclass(frozen=True, slots=True)
class Caller:
    """A known caller; `name` is the terminal, or the login name of who calls over the Unix socket."""

    name: str
    role: Role


class Callers:
    """The known callers, in memory; only hashes of their tokens.

    `managers_group` is the number of the group whose members are managers over the Unix socket. `seen` is when each
    terminal was last recognised by this run of the agent (wall time in seconds, a label).
    """

    def __init__(self, manager_token: str, clock: Clock, managers_group: int | None = None) -> None:
        self._peers = Peers(managers_group)
        self._manager_hash = hash_token(manager_token)
        self._clock = clock
        self._terminals: dict[str, bytes] = {}
        self.seen: dict[str, float] = {}

    def replace(self, terminals: Iterable[Terminal]) -> None:
        """Know exactly these terminals from now on; revoked ones are shut out at once, new ones were not seen yet."""
        before = self._terminals
        self._terminals = {terminal.name: terminal.token_hash for terminal in terminals if terminal.revoked_at is None}
        for name in self._terminals.keys() - before.keys():
            self.seen.pop(name, None)

    def recognise(self, authorization: bytes) -> Caller | None:
        """Return who holds these Basic credentials; takes as long for an unknown name as for a wrong token."""
        name, token = _credentials(authorization)
        given = hash_token(token)
        if name == MANAGER:
            return Caller(name, Role.MANAGER) if hmac.compare_digest(self._manager_hash, given) else None
        kept = self._terminals.get(name, _NOBODY)
        if not hmac.compare_digest(kept, given) or kept is _NOBODY:
            return None
        self.seen[name] = self._clock.wall()
        return Caller(name, Role.CASHIER)

    async def recognise_peer(self, peer: Peer) -> Caller | None:
        """Return who is at the other end of the Unix socket, if that is a manager."""
        name = await self._peers.manager(peer)
        return None if name is None else Caller(name, Role.MANAGER)


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
