"""Every open connection, and who holds it: so many in all, and so many for each caller (G11).

Whoever has not yet said who it is holds a stranger's place. When all are taken, the stranger that has been there
longest makes room: a till says who it is within milliseconds, so that stalled connections keep nobody out.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from store_agent.clock import Clock

CONNECTION = "store_agent.connection"
"""The extension of the ASGI scope that holds the connection of a request (`protocol.BoundedProtocol`)."""

STRANGER_SECONDS = 1.0
"""For so long a new connection is let alone: a head that takes longer is not a till's in a rush."""

FULL = "Too many connections to the agent are open; close some and try again."
FULL_FOR_CALLER = "Too many connections of this caller are open; close some and try again."


class Connection(Protocol):
    """What is counted. `address` is that of another machine; empty for this one, whose programs share theirs."""

    address: str

    def cut(self) -> None:
        """Close at once, whatever is under way."""
        ...


@dataclass(slots=True)
class _Held:
    since: float
    name: str = ""
    token: bytes = b""


class Connections:
    """The open ones. `each_max` is for an address and for a caller by its name."""

    def __init__(self, clock: Clock, connections_max: int, each_max: int) -> None:
        self._clock = clock
        self._max = connections_max
        self._each_max = each_max
        self._open: dict[Connection, _Held] = {}
        self._strangers: dict[Connection, float] = {}
        self._by_address: Counter[str] = Counter()
        self._by_name: dict[str, set[Connection]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: Connection) -> str:
        """Count a connection; gives why it cannot be, empty if it is or was. Whoever is not counted need not leave."""
        if connection in self._open:
            return ""
        if connection.address and self._by_address[connection.address] >= self._each_max:
            return FULL_FOR_CALLER
        now = self._clock.monotonic()
        if len(self._open) >= self._max and not self._make_room(now):
            return FULL
        self._open[connection] = _Held(now)
        self._strangers[connection] = now
        if connection.address:
            self._by_address[connection.address] += 1
        return ""

    def leave(self, connection: Connection) -> None:
        """Count it no more. Safe to call again."""
        held = self._open.pop(connection, None)
        if held is None:
            return
        self._strangers.pop(connection, None)
        self._let_go(connection, held.name)
        if connection.address:
            self._by_address[connection.address] -= 1
            if not self._by_address[connection.address]:
                del self._by_address[connection.address]

    def belongs(self, connection: Connection, name: str, token: bytes = b"") -> bool:
        """Note whose a connection is, by its last request; gives whether that caller may have it.

        `token` is what is kept of the caller's.
        """
        held = self._open.get(connection)
        if held is None:
            return True
        if held.name != name and not self._pass_on(connection, held, name):
            return False
        held.token = token
        return True

    def cut(self, name: str, spare: Connection | None = None, good: frozenset[bytes] = frozenset()) -> None:
        """Close all connections of a caller but one and those with good tokens; streams and requests in hand, too."""
        for connection in self._by_name.get(name, set()) - {spare}:
            if self._open[connection].token not in good:
                connection.cut()

    def _make_room(self, now: float) -> bool:
        """Close the connection of the stranger who has been there longest, unless even that one is new."""
        connection, since = next(iter(self._strangers.items()), (None, now))
        if connection is None or now - since < STRANGER_SECONDS:
            return False
        self.leave(connection)
        connection.cut()
        return True

    def _pass_on(self, connection: Connection, held: _Held, name: str) -> bool:
        own = self._by_name.setdefault(name, set())
        if len(own) >= self._each_max:
            return False
        self._strangers.pop(connection, None)
        self._let_go(connection, held.name)
        own.add(connection)
        held.name = name
        return True

    def _let_go(self, connection: Connection, name: str) -> None:
        own = self._by_name.get(name)
        if own is None:
            return
        own.discard(connection)
        if not own:
            del self._by_name[name]
