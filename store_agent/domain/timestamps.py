"""Times as POS systems write them.

Documented is `yyyy-MM-ddTHH:mm:ss.fffZ` (SessionM POS API, Transaction); recorded traffic also has a space for
the `T`, no zone, and seven digits of fraction. A time is a label, never an order (G14).
"""

import re
from datetime import UTC, datetime
from typing import Any

_DOCUMENTED = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z"
).fullmatch
_FORM = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?(?P<zone>Z|z|[+-]\d\d:?\d\d)?"
)


def read_time(value: Any) -> datetime | None:
    """Return the moment in UTC, or None if `value` is not a time. A missing zone means UTC, as documented."""
    match = _FORM.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    micros = (match["fraction"] or "").ljust(6, "0")[:6]
    zone = "+00:00" if match["zone"] in (None, "Z", "z") else match["zone"]
    try:
        return datetime.fromisoformat(f"{match['date']}T{match['time']}.{micros}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_label(value: Any) -> str | None:
    """Return the moment in the documented form, in UTC, or None if `value` is not a time."""
    if isinstance(value, str) and _DOCUMENTED(value):
        return value
    moment = read_time(value)
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp(wall: float) -> str:
    """Write wall time in seconds since 1970 in the documented form, in UTC."""
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
