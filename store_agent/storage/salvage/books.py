"""Makes the sums of the fresh database fit its rows, and keeps what the old ones say of rows that are gone (G2)."""

from collections.abc import Mapping

from store_agent.domain.lifecycle import State
from store_agent.storage import sqlite
from store_agent.storage.queries import load
from store_agent.storage.salvage.finds import Finds
from store_agent.storage.salvage.rules import FINAL

_SQL = load("salvage")

Sums = Mapping[str, tuple[int, int]]
_NONE = (0, 0)


def old_tallies(finds: Finds) -> Sums | None:
    """Read the old books, revisions and amount by state with `accepted`; None unless they are whole and balance."""
    found = _sums(finds, "tally")
    if set(found) != {"accepted", *State}:
        return None
    states = [found[state] for state in State]
    summed = (sum(count for count, _ in states), sum(amount for _, amount in states))
    return found if summed == found["accepted"] and all(count >= 0 for count, _ in states) else None


def old_purged(finds: Finds) -> int:
    """Read how many revisions retention had deleted, 0 if that is unreadable."""
    return sum(count for count, _ in _sums(finds, "purged").values())


def _sums(finds: Finds, name: str) -> dict[str, tuple[int, int]]:
    return {
        str(copy.row["state"]): (_whole(copy.row["revisions"]), _whole(copy.row["amount"]))
        for copy in finds.rows(name)
        if copy.certain
    }


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def rebuild_books(fresh: sqlite.Connection, old: Sums | None) -> dict[str, int]:
    """Set tallies and what was purged; gives the number of rows by state.

    Settled revisions that the old books count and that are not there any more, purged or lost, stay in the sums.
    """
    kept = {state: (count, amount) for state, count, amount in fresh.execute(_SQL["count_states"]).fetchall()}
    accepted = [0, 0]
    for state in State:
        count, amount = kept.get(state, _NONE)
        gone = _gone((old or {}).get(state, _NONE), (count, amount)) if state in FINAL else _NONE
        if state in FINAL:
            fresh.execute(_SQL["set_purged"], (*gone, state))
        fresh.execute(_SQL["set_tally"], (count + gone[0], amount + gone[1], state))
        accepted = [accepted[0] + count + gone[0], accepted[1] + amount + gone[1]]
    fresh.execute(_SQL["set_tally"], (*accepted, "accepted"))
    return {state: count for state, (count, _) in kept.items()}


def _gone(old: tuple[int, int], kept: tuple[int, int]) -> tuple[int, int]:
    count = old[0] - kept[0]
    return (count, old[1] - kept[1]) if count > 0 else _NONE
