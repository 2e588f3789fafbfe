"""The terminals that may call the local API, and the hashes of their tokens (DESIGN, section 8)."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from store_agent.clock import Clock
from store_agent.domain.card_numbers import find_numbers
from store_agent.domain.repair import Action, Deed
from store_agent.errors import BadInput, FieldError
from store_agent.storage import sqlite
from store_agent.storage.audit import audit
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("terminals")
MANAGER = "manager"
"""The user name of the machine's own manager; no terminal can have it."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A POS lane. Times are milliseconds since 1970, labels only; `seen_at` is when it last called."""

    name: str
    token_hash: bytes
    added_at: int
    revoked_at: int | None
    seen_at: int | None = None


class Terminals:
    """Adds, lists and revokes terminals. `mint` makes tokens of 256 bits; only their SHA-256 is kept."""

    def __init__(self, database: Database, clock: Clock, mint: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock
        self._mint = mint

    async def add(self, name: str, by: str, reason: str = "") -> str:
        """Let a terminal in and return its token, which is not shown again; noted in the audit with who and why.

        Raises BadInput: `invalid_field` for a name that cannot be, `terminal_exists` (409) for one in use.
        """
        if not _NAME.fullmatch(name) or name == MANAGER or find_numbers(name):
            message = (
                "must be 1 to 64 letters, digits, dots, dashes or underscores, begin with a letter or digit, "
                f"and not be {MANAGER} or the number of a payment card"
            )
            raise BadInput("invalid_field", f"name {message}.", fields=(FieldError("name", message),))
        token = self._mint()
        deed = _deed(Action.TERMINAL_ADD, name, by, reason)
        added = await self._database.write(partial(_add, name, hash_token(token), deed, self._now()))
        if not added:
            raise BadInput("terminal_exists", f"There is already a terminal {name}; revoke it first.", status=409)
        return token

    async def revoke(self, name: str, by: str, reason: str = "") -> None:
        """Shut a terminal out; noted in the audit with who and why. Raises BadInput `terminal_unknown` (404)."""
        deed = _deed(Action.TERMINAL_REVOKE, name, by, reason)
        if not await self._database.write(partial(_revoke, name, deed, self._now())):
            raise BadInput("terminal_unknown", f"There is no terminal {name} in use.", status=404)

    async def all(self) -> list[Terminal]:
        """Give every terminal that ever was, by name."""
        return await self._database.read(_all)

    async def saw(self, seen: Mapping[str, float]) -> None:
        """Note when terminals last called (seconds since 1970). Raises Busy or StorageFailure."""
        await self._database.write(partial(_saw, [(int(at * 1000), name) for name, at in seen.items()]))

    def _now(self) -> int:
        return int(self._clock.wall() * 1000)


def hash_token(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256. Tokens are random, so that no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def _deed(action: Action, name: str, by: str, reason: str) -> Deed:
    return Deed(action, by, f"{name}: {reason}" if reason else name)


def _add(name: str, token_hash: bytes, deed: Deed, now: int, raw: sqlite.Connection) -> bool:
    return _noted(raw.execute(_SQL["add"], (name, token_hash, now)).rowcount == 1, deed, now, raw)


def _revoke(name: str, deed: Deed, now: int, raw: sqlite.Connection) -> bool:
    return _noted(raw.execute(_SQL["revoke"], (now, name)).rowcount == 1, deed, now, raw)


def _noted(done: bool, deed: Deed, now: int, raw: sqlite.Connection) -> bool:  # noqa: FBT001 - private
    """Note in the audit what was done; gives whether anything was."""
    if done:
        audit(deed, None, now, raw)
    return done


def _saw(rows: list[tuple[int, str]], raw: sqlite.Connection) -> None:
    raw.executemany(_SQL["saw"], rows)


def _all(raw: sqlite.Connection) -> list[Terminal]:
    return [Terminal(*row) for row in raw.execute(_SQL["all"]).fetchall()]
