"""JSON whose numbers keep every digit: read as `int` or `Decimal`, written from them, never a float in between."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn


def read_json(text: str | bytes) -> Any:
    """Read JSON text. Raises ValueError for anything else, also for NaN, and for nesting too deep to follow."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError(
            "This JSON cannot be read: it is nested too deep, or holds a number beyond all size."
        ) from error


def write_json(value: Any, at: str = "") -> str:
    """Write JSON text; the same value gives the same text. `at` is the path of the value, for messages.

    Raises TypeError for what JSON cannot hold and for floats, ValueError for numbers that are not finite.
    """
    match value:
        case None | bool() | str():
            return json.dumps(value)
        case int():
            return int.__repr__(value)
        case Decimal():
            return _write_decimal(value, at)
        case Mapping():
            return "{" + ", ".join(_write_member(name, member, at) for name, member in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(write_json(one, _below(at, number)) for number, one in enumerate(value)) + "]"
        case float():
            raise TypeError(f"{at or 'value'} is the float {value!r}, which is not exact; give a Decimal or text.")
        case _:
            raise TypeError(f"{at or 'value'} is of type {type(value).__name__}, which JSON cannot hold.")


def _write_decimal(value: Decimal, at: str) -> str:
    if not value.is_finite():
        raise ValueError(f"{at or 'value'} is {value}, which is no number that JSON can hold.")
    return str(value)


def _write_member(name: Any, member: Any, at: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{at or 'value'} has the name {name!r}; names in JSON are text.")
    return f"{json.dumps(name)}: {write_json(member, _below(at, name))}"


def _below(at: str, name: object) -> str:
    return f"{at}.{name}" if at else str(name)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")
