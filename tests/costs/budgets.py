"""What the work of every sale may cost: one table, held to by all tests beside it.

Seconds are not in it: a machine that is busy would fail the tests, and a fast one would let a doubled cost pass.
"""

MEASURED: dict[str, dict[str, float]] = {
    "reading a sale of 3 KB": {"opcodes": 9_091},
    "taking a sale": {"opcodes": 2_258, "statements": 9, "steps of SQLite": 455, "pages": 13},
    "taking 32 sales together": {"opcodes": 47_394, "statements": 102, "steps of SQLite": 11_168, "pages": 56},
    "freezing a batch of ten": {"opcodes": 4_483, "statements": 56, "steps of SQLite": 3_885, "pages": 11.4},
    "settling a batch of ten": {"opcodes": 317, "statements": 56, "steps of SQLite": 2_680, "pages": 10.8},
    "keeping a sale of 3 KB": {"bytes on disk": 1_360},
    "looking for card data, ASCII": {"times json.loads": 1.82},
    "looking for card data, letters beyond ASCII, escaped": {"times json.loads": 1.89},
    "looking for card data, letters beyond ASCII": {"times json.loads": 1.94},
}
"""What was measured, by work and kind of count: Python 3.11, SQLite 3.53, a database that is not encrypted.

A batch has ten sales; with pages and bytes, some 500 sales are in the database.
"""

ROOM = 1.3
"""What may be added by small changes and other versions of Python or SQLite; a doubled cost is beyond it."""

ROOM_OF_SECONDS = 1.7
"""The same for the one ratio of processor time: regular expressions differ more from one version to another."""


def budget(work: str, count: str) -> float:
    """Give what some work may cost at most."""
    return MEASURED[work][count] * (ROOM_OF_SECONDS if count == "times json.loads" else ROOM)


def hold(work: str, count: str, found: float) -> None:
    """Fail with words when some work costs more than its budget."""
    most = budget(work, count)
    assert found <= most, (
        f"{work}: {round(found, 2):,} {count}, and the budget is {round(most, 2):,}. "
        f"The table says {MEASURED[work][count]:,}. Find what became dearer; "
        "raise the budget only with a reason in the commit."
    )


def beyond(work: str, count: str, found: float) -> None:
    """Fail with words when a control, which costs about twice as much or more, is still within the budget."""
    most = budget(work, count)
    assert found > most, (
        f"{work}: the control takes {round(found, 2):,} {count}, which the budget of {round(most, 2):,} lets pass. "
        "If the work became cheaper, put the new figure into the table."
    )
