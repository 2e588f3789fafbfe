"""Keeps the store's own credentials out of what the far side says: some servers repeat what they were sent (G16)."""

import html
import json
from collections.abc import Iterator
from urllib.parse import quote

CHARACTERS_MIN = 6
"""A shorter secret could stand in an answer by chance, and the answer would be changed; it is left alone."""

REDACTED = b"[redacted]"


class Redaction:
    """Takes secrets out of answers, in each form in which an answer may hold them."""

    def __init__(self, *secrets: str) -> None:
        long = (secret for secret in secrets if len(secret) >= CHARACTERS_MIN)
        forms = {form.encode() for secret in long for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)

    def redact(self, body: bytes) -> bytes:
        """Return an answer without the secrets; one that has none is the same object."""
        for form in self._forms:
            if form in body:
                body = body.replace(form, REDACTED)
        return body


def _forms(secret: str) -> Iterator[str]:
    """Give it as it is, and as JSON, addresses and web pages write it."""
    for text in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield text
        yield text.replace("/", r"\/")
    yield quote(secret, safe="")
    yield quote(secret)
    yield html.escape(secret)
