"""The real agent, which prints what waits before it answers a sale, for the control.

python -m tests.support.inline_agent run -c ...
"""

from collections.abc import Sequence
from typing import Any

from store_agent.agent.printing import Printing
from store_agent.cli.main import main
from store_agent.storage.intake import Accepted, Arrival, Intake

_make = Printing.__init__
_accept = Intake.accept
_made: list[Printing] = []


def make(self: Printing, *arguments: Any) -> None:
    """Remember what prints."""
    _make(self, *arguments)
    _made.append(self)


async def accept(self: Intake, arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Wait for every printer."""
    accepted = await _accept(self, arrivals)
    for chore in _made[-1]._chores.values():
        await chore.run_once()
    return accepted


if __name__ == "__main__":
    Printing.__init__ = make  # type: ignore[assignment, method-assign]
    Intake.accept = accept  # type: ignore[method-assign]
    main()
