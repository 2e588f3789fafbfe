"""Who holds the other end of a connection over the managers' Unix socket: the kernel says so, and nobody can pretend.

The credentials are those of the process that connected, at that moment (SO_PEERCRED, unix(7)).
"""

import asyncio
import os
import pwd
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from weakref import WeakKeyDictionary

PEER = "store_agent.peer"
"""The extension of the ASGI scope that holds the Peer of a request's connection; over TCP there is none."""

LOOK_UPS_AT_A_TIME = 2
"""Threads that ask the system for users and groups, which may ask a server of the network and wait for it."""

_ROOT = 0
_CREDENTIALS = struct.Struct("iII")
"""`struct ucred`: process, user, group."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Peer:
    """The user and group at the other end of one connection; the same object for all of its requests."""

    uid: int
    gid: int


def peer_of(transport: asyncio.BaseTransport) -> Peer | None:
    """Return who connected over a Unix socket; None over TCP."""
    connected = transport.get_extra_info("socket")
    if connected is None or connected.family != socket.AF_UNIX:
        return None
    _, uid, gid = _CREDENTIALS.unpack(connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return Peer(uid, gid)


class Peers:
    """Tells managers from others: root, the agent's own user, and the members of `group`, a number, if there is one.

    Users and groups are looked up once for each connection, when it is first needed; a membership that is given or
    taken away counts from the next connection.
    """

    def __init__(self, group: int | None) -> None:
        self._group = group
        self._always = {_ROOT, os.geteuid()}
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_A_TIME, thread_name_prefix="peers")
        self._known: WeakKeyDictionary[Peer, asyncio.Future[str | None]] = WeakKeyDictionary()

    async def manager(self, peer: Peer) -> str | None:
        """Return the login name of a manager, such as `uid 1234` where the user has none; None for anybody else."""
        found = self._known.get(peer)
        if found is None:
            found = asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, peer)
            self._known[peer] = found
        return await asyncio.shield(found)

    def _look_up(self, peer: Peer) -> str | None:
        try:
            user = pwd.getpwuid(peer.uid)
        except KeyError:
            user = None
        if peer.uid in self._always or self._belongs(peer, user):
            return f"uid {peer.uid}" if user is None else user.pw_name
        return None

    def _belongs(self, peer: Peer, user: pwd.struct_passwd | None) -> bool:
        if self._group is None or peer.gid == self._group:
            return self._group is not None
        return user is not None and self._group in os.getgrouplist(user.pw_name, user.pw_gid)
