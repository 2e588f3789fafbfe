"""The real agent with a bug at the counter, for the controls.

python -m tests.support.forgetful_agent BUG run -c ...
"""

import sys
from collections.abc import Iterable
from typing import Any

from store_agent.cli.main import main
from store_agent.domain.offers import Use
from store_agent.storage import intake, offers, sqlite

_let_go = offers.let_go
_ask = offers._ask


def keep_locks(raw: sqlite.Connection, uses: Iterable[Use], give_back: Iterable[Use], now: int) -> int | None:
    """Forget to tell the platform what is given back."""
    return _let_go(raw, uses, (), now)


def ask_anew(asked: Any, now: int, raw: sqlite.Connection) -> offers.Noted:
    """Forget what was asked before."""
    raw.execute("UPDATE offer_use SET digest = zeroblob(32)")
    return _ask(asked, now, raw)


def not_offline(text: str, _: frozenset[str]) -> str:
    """Forget that an offer was applied offline."""
    return text


BUGS: dict[str, tuple[Any, str, Any]] = {
    "keep_locks": (intake, "let_go", keep_locks),
    "ask_anew": (offers, "_ask", ask_anew),
    "not_offline": (intake, "mark_offline", not_offline),
}

if __name__ == "__main__":
    setattr(*BUGS[sys.argv.pop(1)])
    main()
