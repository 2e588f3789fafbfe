"""A receipt code in the answer for a sale."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Receipt:
    """A code to print: for the payment named, or for the whole sale (`payment_id` None). `url` is what the QR holds.

    `rendered` is what the terminal's `render` asked for: the bytes of a picture, of a text in UTF-8, or for a printer.
    None if it could not be made, which a warning tells.
    """

    payment_id: str | None
    code: str
    url: str | None
    rendered: bytes | None = None


def read_receipt(found: Mapping[str, Any]) -> Receipt:
    """Read one of `receipts`. Raises ValueError."""
    if not found.get("code"):
        raise ValueError("a receipt has no code")
    payment_id, url = (None if found.get(name) is None else str(found[name]) for name in ("payment_id", "url"))
    return Receipt(payment_id, str(found["code"]), url, _rendered(found.get("rendered")))


def _rendered(found: Any) -> bytes | None:
    """Read the content; a sale that was taken is not in doubt because of it."""
    content = found.get("content") if isinstance(found, dict) else None
    if not isinstance(content, str):
        return None
    if found.get("encoding") != "base64":
        return content.encode()
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return None
