"""Times as the platform's upstreams write them: four spellings, always UTC, from seconds since 1970."""

from datetime import UTC, datetime


def spaced(seconds: float) -> str:
    """Write as profiles do: `2025-04-08 13:56:39`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def iso(seconds: float) -> str:
    """Write as cards do: `2025-04-08T13:56:39Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def milli(seconds: float) -> str:
    """Write as referrals do, with three fractional digits: `2025-04-08T13:56:39.126Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def fine(seconds: float) -> str:
    """Write as offers do, with seven fractional digits: `2025-04-08T13:56:39.7206030Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
