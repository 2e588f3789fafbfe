"""Which sales a request is about: the filters of a list, and of a repair of everything that matches."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from store_agent.domain import money
from store_agent.domain.lifecycle import Listed, State
from store_agent.storage.revisions import PAGE_MAX, Filter

TEXT_MAX = 100
"""Letters to look for: a transaction's id, or a few words of a reason."""

AGE_SECONDS_MAX = 10_000_000_000
"""Some 300 years: older than any sale."""

CAUSE_MAX = 2_000
"""Letters of a cause, which is looked for as a whole: the platform's words, and the fields it named."""

DECIMALS_MAX = 4
"""Decimals of an amount: what the books keep."""

SEQUENCE_MAX = 2**63 - 1

Sequence = Annotated[int, Field(strict=True, ge=1, le=SEQUENCE_MAX)]
_Text = Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
_Cause = Annotated[str, Field(min_length=1, max_length=CAUSE_MAX)]
_Amount = Annotated[Decimal, Field(ge=-money.LIMIT, le=money.LIMIT, decimal_places=DECIMALS_MAX, allow_inf_nan=False)]
_Seconds = Annotated[float, Field(ge=0, le=AGE_SECONDS_MAX, allow_inf_nan=False)]


class SaleFilter(BaseModel):
    """Filters, all of which must hold. An unknown one is refused: without it, too much would match."""

    model_config = ConfigDict(extra="forbid")

    terminal: _Text | None = Field(None, description="the terminal that sent the sale")
    text: _Text | None = Field(None, description="part of the transaction's id or of the reason, in any case")
    older_than_seconds: _Seconds | None = Field(None, description="taken at least so long ago")
    younger_than_seconds: _Seconds | None = Field(None, description="taken at most so long ago")
    amount_min: _Amount | None = Field(None, description="of at least this amount, in currency units")
    amount_max: _Amount | None = Field(None, description="of at most this amount, in currency units")
    cause: _Cause | None = Field(None, description="refused for exactly this: the whole of `error`")

    @field_validator("amount_max")
    @classmethod
    def _not_below_the_least(cls, most: Decimal | None, info: ValidationInfo) -> Decimal | None:
        least = info.data.get("amount_min")
        if most is not None and least is not None and most < least:
            raise PydanticCustomError("amount_range", "must not be below amount_min")
        return most

    def among(self, state: Listed | State | None, now: float) -> Filter:
        """Give the filter of the queue for a state; `now` is wall time in seconds."""
        return Filter(
            state=state,
            terminal=self.terminal,
            taken_before=_taken(self.older_than_seconds, now),
            taken_after=_taken(self.younger_than_seconds, now),
            text=self.text,
            amount_min=_units(self.amount_min),
            amount_max=_units(self.amount_max),
            cause=self.cause,
        )


class PageQuery(SaleFilter):
    """A page of the list: what comes after a sequence, oldest first, or what is before one, newest first."""

    state: Listed | None = Field(None, description="`open`: those on the way: waiting, frozen or held")
    after: int | None = Field(None, ge=0, le=SEQUENCE_MAX, description="only sequences above this one; 0 if not given")
    before: int | None = Field(None, ge=1, le=SEQUENCE_MAX, description="only sequences below this one, newest first")
    limit: int = Field(100, ge=1, le=PAGE_MAX)


def _taken(age: float | None, now: float) -> int | None:
    return None if age is None else int((now - age) * 1000)


def _units(amount: Decimal | None) -> int | None:
    return None if amount is None else money.to_units(amount)
