"""Receipt codes, and printing."""

from pydantic import Field

from store_agent.api.shapes.container import Moment, Shape, Words
from store_agent.domain.prints import PrintState


class ReceiptCode(Shape):
    """A code; `payment_id` is null for that of the whole sale, `url` where `receipts.base_url` is not set."""

    payment_id: str | None
    code: str
    url: str | None


class Minted(Shape):
    """Codes before their sale."""

    transaction_id: str
    receipts: list[ReceiptCode]


class Job(Shape):
    """A print job; `error` is why the last try did not print, or why the job was given up."""

    job: int = Field(ge=1)
    printer: str
    about: str
    state: PrintState
    words: Words
    attempts: int = Field(ge=0)
    error: Words | None
    created_at: Moment
    settled_at: Moment | None


class Jobs(Shape):
    """What waits for printers, the oldest first."""

    prints: list[Job]


class Printer(Shape):
    """A printer; `terminals` is null for the one of all that have none of their own, `trouble` where it prints."""

    name: str
    kind: str
    where: str
    terminals: list[str] | None
    waiting: int = Field(ge=0)
    last_printed_at: Moment | None
    trouble: Words | None


class Printers(Shape):
    """The printers of the store."""

    printers: list[Printer]
