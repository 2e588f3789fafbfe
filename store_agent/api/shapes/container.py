"""The platform's container around every payload (SessionM POS API, General Response Container; DESIGN, section 6)."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")

Moment = Annotated[float, Field(description="seconds since 1970, a label by the machine's clock")]
Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", description="in the store's currency, decimal")]
Words = Annotated[str, Field(description="for a person: what happened and what to do")]


class Shape(BaseModel):
    """What the agent alone makes: nothing but these fields."""

    model_config = ConfigDict(extra="forbid")


class Container(Shape, Generic[T]):
    """It was done."""

    status: Literal["OK"]
    payload: T
    errors: None


class FieldRefused(Shape):
    """A field of the request and what is wrong with it; `path` is dotted, positions in lists are numbers."""

    path: str
    message: str


class Errors(Shape):
    """`code` is for the program, `message` for the cashier, the manager or the operator."""

    code: str
    message: Words
    fields: list[FieldRefused]


class Refused(Shape):
    """It was not done, or nobody knows; `errors` say why."""

    status: Literal["Error"]
    payload: None
    errors: Errors


def answered(payload: Any) -> dict[int | str, dict[str, Any]]:
    """Describe the good answer of a route, for its decorator."""
    return {200: {"model": Container[payload], "description": "Done"}}
