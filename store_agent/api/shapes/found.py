"""Receipts as they are found, with their sale."""

from pydantic import Field

from store_agent.api.shapes.container import Shape, Words
from store_agent.api.shapes.queue import Revision
from store_agent.api.shapes.receipts import ReceiptCode


class Receipt(ReceiptCode):
    """A receipt and what became of its sale, which is null when it is not kept any more."""

    minted: bool = Field(description="made here, not brought by the POS")
    used: bool = Field(description="a sale came with it")
    retired: bool = Field(description="its guest is known by now")
    claimable: bool = Field(description="it is handed out")
    transaction_id: str
    terminal: str | None = Field(description="that sent the sale, or asked for the code before it")
    sale: Revision | None
    words: Words


class Receipts(Shape):
    """Newest first; `complete` tells that there are no others."""

    receipts: list[Receipt]
    complete: bool
