"""Receipt codes as they are answered, with a sale or before it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .answers import Said


@dataclass(frozen=True, slots=True)
class Receipt:
    """A code to print: for the payment named, or for the whole sale (`payment_id` None). `url` is what the QR holds.

    `rendered` is what the terminal's `render` asked for: the bytes of a picture, of a text in UTF-8, or for a printer.
    None if it could not be made, which a warning tells, and for a code before its sale.
    """

    payment_id: str | None
    code: str
    url: str | None
    rendered: bytes | None = None


def read_receipts(payload: Mapping[str, Any]) -> tuple[Receipt, ...]:
    """Read the receipts in an answer. Raises ValueError for one without a code."""
    receipts = payload.get("receipts")
    found = [one for one in receipts if isinstance(one, dict)] if isinstance(receipts, list) else []
    return tuple(_receipt(one) for one in found)


def read_minted(transaction_id: str, said: Said) -> tuple[Receipt, ...]:
    """Read the answer for codes before a sale; it must name this sale, since they are printed for it."""
    payload = said.payload
    if not isinstance(payload, dict) or payload.get("transaction_id") != transaction_id:
        raise ValueError(f"it does not give the receipt codes of sale {transaction_id}")
    return read_receipts(payload)


def _receipt(found: Mapping[str, Any]) -> Receipt:
    code = found.get("code")
    if not code:
        raise ValueError("a receipt has no code")
    return Receipt(_text(found.get("payment_id")), str(code), _text(found.get("url")), _rendered(found.get("rendered")))


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


def _text(found: Any) -> str | None:
    return None if found is None else str(found)
