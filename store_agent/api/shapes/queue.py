"""The queue: sales in it, what was done to them, and what waits for a person."""

from typing import Annotated

from pydantic import Field

from store_agent.api.shapes.container import Amount, Moment, Shape, Words
from store_agent.api.shapes.receipts import ReceiptCode
from store_agent.api.shapes.sales import Delivery, Digest, Warned
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action

Sequence = Annotated[int, Field(ge=1, description="the place in the queue; never used twice")]
Count = Annotated[int, Field(ge=0)]


class Revision(Shape):
    """A state of a sale, or a deferred call, with its place in the queue."""

    sequence: Sequence
    transaction_id: str | None = Field(description="of a call, that of the sale it belongs to")
    call: str | None = Field(description="the endpoint of a deferred call, null for a sale")
    terminal: str
    state: State
    amount: Amount | None
    opened_at: str | None = Field(description="as the POS says, in UTC")
    modified_at: str | None = Field(description="as the POS says, in UTC")
    is_closed: bool
    is_voided: bool
    attempts: Count
    error: Words | None
    accepted_at: Moment
    settled_at: Moment | None
    bytes: Count = Field(description="size of the text that is sent")


class Revisions(Shape):
    """A page of the list; the next one is after `next_after` or before `next_before`, both null at the end."""

    revisions: list[Revision]
    next_after: int | None
    next_before: int | None


class Reach(Shape):
    """How far the rows of a state reach; `first` and `last` are null if there are none."""

    first: int | None
    last: int | None
    sales: Count
    amount: Amount


class Tries(Shape):
    """Tries in a row that came to the same; `said` is what the platform answered, in its own words."""

    first_at: Moment
    last_at: Moment
    times: int = Field(ge=1)
    words: Words
    said: str | None


class Entry(Shape):
    """An entry of the audit; `sequence` is null for what concerns no single sale."""

    number: int = Field(ge=1)
    at: Moment
    who: str
    action: str = Field(examples=[action.value for action in Action])
    sequence: int | None
    reason: str


class Entries(Shape):
    """A page of the audit, newest first; `next_before` is null at the end."""

    entries: list[Entry]
    next_before: int | None


class RevisionDetail(Revision):
    """Everything kept of a revision; `payload` is the text that is sent, null where it was dropped to make room."""

    digest: Digest
    delivery: Delivery
    warnings: list[Warned]
    platform_said: str | None
    fields: list[str] = Field(description="those that the platform's refusal named")
    burst: bool = Field(description="refused as one of many in a row")
    request_id: str | None
    container_fields: str = Field(description="what the POS put beside the payload, as text")
    payload: str | None
    tries: list[Tries]
    receipts: list[ReceiptCode]
    history: list[Entry]


class Export(Shape):
    """Sales with their texts."""

    sales: list[RevisionDetail]


class Repaired(Shape):
    """What became of one; `state` is null if there is none with that sequence, `problem` null if it was done."""

    sequence: int
    state: State | None
    problem: Words | None


class Repairs(Shape):
    """What became of all; of very many, only the first results are listed, problems before others."""

    done: Count
    not_done: Count
    results: list[Repaired]


class Drained(Shape):
    """What goes out now."""

    refused_sent_again: Count
    words: Words


class Group(Shape):
    """Sales that the platform refused for the same cause."""

    cause: str
    what_to_do: Words
    fields: list[str]
    burst: bool
    sales: Count
    calls: Count
    amount: Amount
    oldest_at: Moment
    newest_at: Moment
    overtaken: Count = Field(description="those of whose sale a newer state is on its way or delivered")
    first_sequence: Sequence
    sequences: list[int]


class Groups(Shape):
    """Most sales first; `complete` is false if there is more than was looked at."""

    groups: list[Group]
    complete: bool


class Tally(Shape):
    """Sales and their amount together."""

    sales: int
    amount: Amount


class Books(Shape):
    """A day: what came in (`carried`, `accepted`) and where it is now; `since` is null for the first day."""

    number: int = Field(ge=1)
    since: Moment | None
    carried: Tally
    accepted: Tally
    waiting: Tally
    frozen: Tally
    held: Tally
    parked: Tally
    delivered: Tally
    superseded: Tally
    discarded: Tally
    balanced: bool
    unfinished: Tally


class ClosedBooks(Shape):
    """A day that was closed, by whom and why."""

    number: int = Field(ge=1)
    closed_at: Moment
    closed_by: str
    reason: str


class Day(Books):
    """The open day, the oldest sales that keep it open, and the last closed days."""

    keeps_open: list[Revision]
    closed: list[ClosedBooks]


class DayClosed(Books):
    """The day that was closed by this call."""

    closed: int = Field(ge=1)
