"""Answers to sales (DESIGN, section 6)."""

from typing import Annotated, Literal

from pydantic import Field

from store_agent.api.shapes.container import Shape, Words

Digest = Annotated[
    str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the transaction object as sent, card numbers masked")
]
Delivery = Annotated[
    Literal["live", "queued"], Field(description="whether the line was up, so that it goes out at once")
]


class Warned(Shape):
    """Something odd about a sale that was taken all the same; `path` is the field, null for the whole sale."""

    code: str
    message: Words
    path: str | None


class Rendered(Shape):
    """A receipt to print or to show."""

    form: Literal["svg", "png", "escpos", "txt"]
    encoding: Literal["text", "base64"]
    content: str


class SaleReceipt(Shape):
    """A receipt code; `payment_id` is null for the code of the whole sale, `url` where no address is set up.

    `rendered` is there if `render` was asked for; null with the warning `not_rendered` if it could not be made.
    """

    payment_id: str | None
    code: str
    url: str | None
    rendered: Rendered | None = None


class SaleName(Shape):
    """The sale."""

    id: str


class Sale(Shape):
    """A sale that is stored: from now on the agent looks after it."""

    transaction: SaleName
    sequence: int = Field(ge=1, description="the place in the queue; the same when the sale is sent again")
    digest: Digest
    delivery: Delivery
    receipts: list[SaleReceipt]
    warnings: list[Warned]


class Sales(Shape):
    """The sales of a batch call, in its order."""

    transactions: list[Sale]


class GivenBack(Shape):
    """An offer that is given back without the platform: `here` where it never knew of its use, or else later."""

    delivery: Literal["here", "queued"]
    sequence: int | None = Field(None, ge=1)
    warnings: list[Warned] | None = None


class Queued(Shape):
    """A relayed call that is made later, in the form of its upstream."""

    status: Literal["ok"]
    delivery: Literal["queued"]
    sequence: int = Field(ge=1)
    warnings: list[Warned] | None = None
