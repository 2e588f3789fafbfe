"""What of a configuration can be kept and compared: a digest of each value, and of a secret only that there is one."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from store_agent.config.settings import Settings

DIGEST_CHARACTERS = 16
"""64 bits tell two values apart."""


def digests_of(settings: Settings) -> dict[str, str]:
    """Give a digest of each setting by its dotted key; of a secret it only tells whether there is one."""
    return {key: _digest(value) for key, value in _flattened("", settings.model_dump(mode="json"))}


def _flattened(prefix: str, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flattened(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def _digest(value: Any) -> str:
    """JSON writes a SecretStr as stars (pydantic), so that no secret gets into the digest."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:DIGEST_CHARACTERS]
