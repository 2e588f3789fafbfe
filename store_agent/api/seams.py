"""What the API needs of its neighbours."""

from collections.abc import Sequence
from typing import Protocol

from store_agent.domain.counter import GiveBackAsked, LookupAsked, OfferAsked
from store_agent.domain.counter_answer import Answer
from store_agent.domain.day import DayBooks
from store_agent.domain.lifecycle import Listed
from store_agent.domain.link import Link
from store_agent.domain.receipts import Code
from store_agent.domain.relayed import RelayAsked
from store_agent.domain.repair import Deed
from store_agent.domain.roles import Role
from store_agent.domain.space import Outlook, Room
from store_agent.storage.attempts import Attempt
from store_agent.storage.attention import Found as Grouped
from store_agent.storage.books import Books
from store_agent.storage.days import ClosedDay
from store_agent.storage.desk import AmountAsked, Found
from store_agent.storage.exports import Exported
from store_agent.storage.incidents import Incident
from store_agent.storage.intake import Accepted, Arrival
from store_agent.storage.receipts import Receipt
from store_agent.storage.repair import Entry, Repaired
from store_agent.storage.revisions import Detail, Extent, Filter, Page
from store_agent.storage.terminals import Terminal


class Intake(Protocol):
    """Where sales are accepted."""

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Accepted]:
        """Commit sales together."""
        ...

    async def known(self, arrivals: Sequence[Arrival]) -> list[Accepted] | None:
        """Answer as before where all of them were stored before; else None."""
        ...


class Counter(Protocol):
    """The gateway: calls that need the platform now."""

    async def lookup(self, terminal: str, asked: LookupAsked) -> Answer:
        """Look a guest up."""
        ...

    async def apply(self, terminal: str, asked: OfferAsked) -> Answer:
        """Lock or redeem an offer."""
        ...

    async def give_back(self, terminal: str, asked: GiveBackAsked) -> Answer:
        """Unlock or reinstate an offer."""
        ...

    async def relay(self, terminal: str, role: Role, asked: RelayAsked) -> Answer:
        """Make a call to one of the platform's other upstreams."""
        ...


class Outbox(Protocol):
    """Where the queue is looked at."""

    async def books(self) -> Books:
        """Count everything."""
        ...

    async def counts(self) -> dict[str, int]:
        """Count the revisions of every state, and what was accepted."""
        ...

    async def page(self, after: int, limit: int, which: Filter) -> Page:
        """List revisions."""
        ...

    async def page_before(self, before: int, limit: int, which: Filter) -> Page:
        """List revisions backwards."""
        ...

    async def kept(self, state: Listed | None) -> Extent:
        """Tell how far the rows of a state reach."""
        ...

    async def show(self, sequence: int) -> Detail | None:
        """Give one revision."""
        ...

    async def tries(self, sequence: int) -> list[Attempt]:
        """Give what the tries to send one came to, oldest first."""
        ...


class Attention(Protocol):
    """What waits for a person."""

    async def groups(self) -> Grouped:
        """Group what is parked by cause."""
        ...


class Receipts(Protocol):
    """Whose the receipt codes are."""

    async def find(self, codes: Sequence[str]) -> Receipt | None:
        """Give the receipt of the first code that is known."""
        ...

    async def of_transaction(self, transaction_id: str) -> list[Code]:
        """Give the codes of a transaction."""
        ...


class Ahead(Protocol):
    """Where receipt codes come from before their sale."""

    async def codes(self, terminal: str, transaction_id: str, payments: Sequence[str]) -> tuple[Code, ...]:
        """Give the codes of a transaction with payments of these ids."""
        ...

    async def known(self, transaction_id: str, payments: Sequence[str]) -> tuple[Code, ...] | None:
        """Give the same if no code is missing, else None."""
        ...


class Desk(Protocol):
    """Where receipts are found by what a guest knows of them."""

    async def of_transaction(self, transaction_id: str) -> Found:
        """Find the receipts of a transaction."""
        ...

    async def ending(self, end: str) -> Found:
        """Find by the last letters of a code or a transaction."""
        ...

    async def of_amount(self, asked: AmountAsked) -> Found:
        """Find by amount and time."""
        ...


class Repair(Protocol):
    """What people do to the queue."""

    async def do(self, deed: Deed, sequences: Sequence[int]) -> list[Repaired]:
        """Do something to revisions, audited."""
        ...

    async def note(self, deed: Deed) -> None:
        """Note something that concerns no single revision."""
        ...

    async def history(self, sequence: int) -> list[Entry]:
        """Give what was done to one revision."""
        ...

    async def audit(self, before: int | None, limit: int) -> list[Entry]:
        """Give what was done, newest first."""
        ...


class Exports(Protocol):
    """Notes what is given out."""

    async def note(self, deed: Deed, sequences: Sequence[int]) -> Exported:
        """Note each of some revisions, or none."""
        ...


class Days(Protocol):
    """The business days."""

    async def books(self) -> DayBooks:
        """Give the books of the open day."""
        ...

    async def close(self, deed: Deed) -> tuple[DayBooks, bool]:
        """Close the day; tells whether it was closed."""
        ...

    async def closed(self, limit: int) -> list[ClosedDay]:
        """List closed days, newest first."""
        ...


class Terminals(Protocol):
    """Who may call."""

    async def add(self, name: str, by: str, reason: str = "", role: Role = Role.CASHIER) -> str:
        """Let a terminal in; gives its token."""
        ...

    async def rotate(self, name: str, overlap: float, by: str, reason: str = "") -> str:
        """Give a terminal another token, beside which the one before is good for so many seconds; gives the new one."""
        ...

    async def revoke(self, name: str, by: str, reason: str = "") -> None:
        """Shut a terminal out."""
        ...

    async def all(self) -> list[Terminal]:
        """List terminals."""
        ...


class Line(Protocol):
    """The drain, as far as answers speak of it."""

    @property
    def link(self) -> Link:
        """The line as last seen."""
        ...

    @property
    def live(self) -> bool:
        """Whether a sale goes out at once."""
        ...

    async def resume(self) -> int:
        """Try now, whatever the line was; gives how many refused sales go again with it."""
        ...

    def wake(self, newest: int | None = None) -> None:
        """Say that sales were stored, up to the sequence `newest`, or that something else may go."""
        ...


class Space(Protocol):
    """The room on the disk."""

    def admit(self, size: int) -> bool:
        """Whether so many bytes of sales may be taken."""
        ...

    @property
    def words(self) -> str:
        """What a manager is told; empty when there is plenty."""
        ...

    @property
    def room(self) -> Room:
        """How much there is."""
        ...

    @property
    def free(self) -> int:
        """Bytes that are free, beside the reserve."""
        ...

    @property
    def reserved(self) -> int:
        """Bytes that are kept for sending."""
        ...

    @property
    def outlook(self) -> Outlook | None:
        """How long the room lasts; None before anything was measured."""
        ...


class Incidents(Protocol):
    """Damage that was found and mended."""

    async def open(self) -> list[Incident]:
        """List what nobody has acknowledged."""
        ...

    async def acknowledge(self, number: int, who: str, reason: str) -> bool:
        """Note that somebody took notice; tells whether there was such an open incident."""
        ...
