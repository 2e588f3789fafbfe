"""The terminals that may call the local API, and the hashes of their tokens (DESIGN, section 8)."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, NamedTuple

from store_agent.clock import Clock
from store_agent.domain.card_numbers import find_numbers
from store_agent.domain.repair import Action, Deed
from store_agent.domain.roles import Role
from store_agent.domain.summary import duration
from store_agent.errors import BadInput, FieldError
from store_agent.storage import sqlite
from store_agent.storage.audit import audit
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("terminals")
MANAGER = "manager"
"""The user name of the machine's own manager; no terminal can have it."""

OVERLAP_SECONDS_MAX = 604_800
"""For how long a rotation may leave the token before good (7 days): a lost one must not open the door for ever."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A POS lane. Times are milliseconds since 1970, labels only; `seen_at` is when it last called.

    `former_hash` is that of the token before the present one, which is good for `former_seconds` more of the time that
    the agent runs.
    """

    name: str
    token_hash: bytes
    added_at: int
    revoked_at: int | None
    seen_at: int | None = None
    role: Role = Role.CASHIER
    former_hash: bytes | None = None
    former_seconds: int | None = None


class Overlap(NamedTuple):
    """A terminal's token of before a rotation, and for how many seconds it is good."""

    name: str
    former_hash: bytes
    seconds: float


class Terminals:
    """Adds, lists, rotates and revokes terminals. `mint` makes tokens of 256 bits; only their SHA-256 is kept."""

    def __init__(self, database: Database, clock: Clock, mint: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock
        self._mint = mint

    async def add(self, name: str, by: str, reason: str = "", role: Role = Role.CASHIER) -> str:
        """Let a terminal in and return its token, which is not shown again; noted in the audit with who and why.

        Raises BadInput: `invalid_field` for a name that cannot be, `terminal_exists` (409) for one in use.
        """
        check_name(name)
        token = self._mint()
        deed = _deed(Action.TERMINAL_ADD, name, by, _and("manager" if role is Role.MANAGER else "", reason))
        if not await self._change("add", deed, name=name, token_hash=hash_token(token), role=role.value):
            raise BadInput("terminal_exists", f"There is already a terminal {name}; revoke it first.", status=409)
        return token

    async def rotate(self, name: str, overlap: float, by: str, reason: str = "") -> str:
        """Give a terminal another token and return it; the one before is good for `overlap` seconds more.

        They count while the agent runs, so that no clock ends them (G14); a token that was still good from a rotation
        before ends now. Noted in the audit. Raises BadInput `invalid_field` for an overlap that
        cannot be, `terminal_unknown` (404).
        """
        if not 0 <= overlap <= OVERLAP_SECONDS_MAX:
            message = f"must be 0 to {OVERLAP_SECONDS_MAX} seconds"
            raise BadInput(
                "invalid_field", f"overlap_seconds {message}.", fields=(FieldError("overlap_seconds", message),)
            )
        token = self._mint()
        kept = (
            f"the token before is good for {duration(overlap)} more" if overlap else "the token before is good no more"
        )
        deed = _deed(Action.TERMINAL_ROTATE, name, by, _and(kept, reason))
        if not await self._change("rotate", deed, name=name, token_hash=hash_token(token), seconds=int(overlap)):
            raise _unknown(name)
        return token

    async def keep(self, overlaps: Iterable[Overlap]) -> None:
        """Keep what is left to tokens of before a rotation, and forget those whose time is over.

        Raises Busy or StorageFailure.
        """
        rows = [one._asdict() | {"seconds": ceil(one.seconds)} for one in overlaps]
        await self._database.write(partial(_keep, rows))

    async def revoke(self, name: str, by: str, reason: str = "") -> None:
        """Shut a terminal out; noted in the audit with who and why. Raises BadInput `terminal_unknown` (404)."""
        deed = _deed(Action.TERMINAL_REVOKE, name, by, reason)
        if not await self._change("revoke", deed, name=name):
            raise _unknown(name)

    async def all(self) -> list[Terminal]:
        """Give every terminal that ever was, by name."""
        return await self._database.read(_all)

    async def saw(self, seen: Mapping[str, float]) -> None:
        """Note when terminals last called (seconds since 1970). Raises Busy or StorageFailure."""
        await self._database.write(partial(_saw, [(int(at * 1000), name) for name, at in seen.items()]))

    async def _change(self, query: str, deed: Deed, **values: Any) -> bool:
        now = int(self._clock.wall() * 1000)
        return await self._database.write(partial(_do, query, {"now": now, **values}, deed))


def check_name(name: str) -> None:
    """Raise BadInput `invalid_field` for a name that no terminal can have."""
    if not _NAME.fullmatch(name) or name == MANAGER or find_numbers(name):
        message = (
            "must be 1 to 64 letters, digits, dots, dashes or underscores, begin with a letter or digit, "
            f"and not be {MANAGER} or the number of a payment card"
        )
        raise BadInput("invalid_field", f"name {message}.", fields=(FieldError("name", message),))


def hash_token(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256. Tokens are random, so that no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def _unknown(name: str) -> BadInput:
    return BadInput("terminal_unknown", f"There is no terminal {name} in use.", status=404)


def _and(fact: str, reason: str) -> str:
    return "; ".join(part for part in (fact, reason) if part)


def _deed(action: Action, name: str, by: str, reason: str) -> Deed:
    return Deed(action, by, f"{name}: {reason}" if reason else name)


def _keep(rows: list[dict[str, Any]], raw: sqlite.Connection) -> None:
    raw.executemany(_SQL["keep_former"], rows)


def _do(query: str, values: Mapping[str, Any], deed: Deed, raw: sqlite.Connection) -> bool:
    """Change a terminal, and note in the audit what was done; gives whether anything was."""
    done = raw.execute(_SQL[query], values).rowcount == 1
    if done:
        audit(deed, None, values["now"], raw)
    return done


def _saw(rows: list[tuple[int, str]], raw: sqlite.Connection) -> None:
    raw.executemany(_SQL["saw"], rows)


def _all(raw: sqlite.Connection) -> list[Terminal]:
    rows = raw.execute(_SQL["all"]).fetchall()
    return [
        Terminal(name, token_hash, added, revoked, seen, Role(role), former_hash, former_seconds)
        for name, token_hash, added, revoked, seen, role, former_hash, former_seconds in rows
    ]
