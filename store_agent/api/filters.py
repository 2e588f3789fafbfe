"""Which sales a request is about: the filters of a list, and of a repair of everything that matches."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from store_agent.domain.lifecycle import State
from store_agent.storage.revisions import PAGE_MAX, Filter

TEXT_MAX = 100
"""Letters to look for: a transaction's id, or a few words of a reason."""

AGE_SECONDS_MAX = 10_000_000_000
"""Some 300 years: older than any sale."""

SEQUENCE_MAX = 2**63 - 1

Sequence = Annotated[int, Field(strict=True, ge=1, le=SEQUENCE_MAX)]
_Text = Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
_Seconds = Annotated[float, Field(ge=0, le=AGE_SECONDS_MAX, allow_inf_nan=False)]


class SaleFilter(BaseModel):
    """Filters, all of which must hold. An unknown one is refused: without it, too much would match."""

    model_config = ConfigDict(extra="forbid")

    terminal: _Text | None = Field(None, description="the terminal that sent the sale")
    text: _Text | None = Field(None, description="part of the transaction's id or of the reason, in any case")
    older_than_seconds: _Seconds | None = Field(None, description="taken at least so long ago")
    younger_than_seconds: _Seconds | None = Field(None, description="taken at most so long ago")

    def among(self, state: State | None, now: float) -> Filter:
        """Give the filter of the queue for a state; `now` is wall time in seconds."""
        return Filter(
            state=state,
            terminal=self.terminal,
            taken_before=_taken(self.older_than_seconds, now),
            taken_after=_taken(self.younger_than_seconds, now),
            text=self.text,
        )


class PageQuery(SaleFilter):
    """A page of the list."""

    state: State | None = None
    after: int = Field(0, ge=0, le=SEQUENCE_MAX, description="only sequences above this one")
    limit: int = Field(100, ge=1, le=PAGE_MAX)


def _taken(age: float | None, now: float) -> int | None:
    return None if age is None else int((now - age) * 1000)
