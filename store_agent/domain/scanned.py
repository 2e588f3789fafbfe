"""What a scanner types, or a person reads off a receipt, as the receipt codes it may mean.

A QR code holds the address of a page with the code at its end (SessionM POS API, Send Transaction API).
"""

import re
from urllib.parse import unquote

SCANNED_MAX = 500
"""Letters of what is scanned: an address with a code behind it has some 100."""

_UUID = re.compile("([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})", re.IGNORECASE)


def codes_meant(text: str) -> tuple[str, ...]:
    """Give the codes that a text may mean, the likeliest first: as it stands, then the end of an address.

    A UUID is meant in any case, with or without dashes: a POS may have brought it in either.
    """
    whole = text.strip()
    end = unquote(re.split("[?#]", whole, maxsplit=1)[0].rstrip("/").rpartition("/")[2])
    return tuple(dict.fromkeys(code for one in (whole, end) for code in _written(one) if code))


def _written(code: str) -> tuple[str, ...]:
    """Give a code as it may have been stored."""
    found = _UUID.fullmatch(code)
    if found is None:
        return (code,)
    plain = "-".join(found.groups()).lower()
    short = plain.replace("-", "")
    return (code, plain, plain.upper(), short, short.upper())
