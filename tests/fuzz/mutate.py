"""Makes request number n of a seed: a recording with something wrong in it, always the same for the same numbers."""

import copy
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.attacks.store import known
from tests.fuzz.recordings import SALES, Recording, written

Callers = Sequence[tuple[str, str]]
"""Names and tokens."""

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 2**63, 2**64, -(2**63) - 1, 10**400, 0.1, "", " ", "\x00", "\x1b[31m", "a" * 5_000,
    "\u202e", "\ud800", "é" * 100, "null", "-0", "1e5", "2026-02-30T25:61:00Z", "../../etc/passwd", "%00", [], {},
    [[]] * 50, {"": ""}, {"a": {"b": {"c": []}}}, "4111111111111111", 4111111111111111, "' OR 1=1 --", "{{7*7}}",
)  # fmt: skip
"""Values that programs trip over."""

LINES = (
    "Content-Length: -1", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Expect: 100-continue",
    "Connection: upgrade", "Upgrade: websocket", "Origin: null", "Sec-Fetch-Site: cross-site", "Host: evil.example.com",
    "Content-Encoding: gzip", "Range: bytes=0-", "Accept: \x80", "X-HTTP-Method-Override: DELETE", "Content-Type: a/b",
    "Accept-Encoding: br", "Idempotency-Key: x", "Cookie: a=b", "If-None-Match: *", "X: " + "x" * 70_000,
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE")
QUERIES = ("?", "?limit=0", "?limit=-1", "?after=9999999999999999999", "?state=%00", "?text=%ff", "?%", "?render=svg",
           "?older=1&older=2", "?text=" + "a" * 3_000)  # fmt: skip
BRACKETS_MAX = 200
WRONG_TOKEN_SHARE = 0.0005
"""Few: they are answered late, which is their purpose, and would make the fuzzer wait."""


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """`whole`: its head is right, so that there is exactly one answer, and the connection can go on."""

    sent: bytes
    whole: bool


class Mutator:
    """Makes requests of recordings for some callers."""

    def __init__(self, recordings: Sequence[Recording], callers: Callers, seed: int) -> None:
        self._recordings = recordings
        self._callers = callers
        self._seed = seed

    def make(self, number: int) -> Fuzzed:
        """Make one request."""
        chance = random.Random(f"{self._seed}/{number}")  # noqa: S311 - a course must repeat, not surprise
        chosen = chance.choice(self._recordings)
        path = chosen.path if chance.random() < 0.7 else _odd_path(chosen.path, chance)
        method = chosen.method if chance.random() < 0.95 else chance.choice(METHODS)
        body = _fuzzed_body(chosen, number, chance)
        who = known(*self._caller(chance))[0]
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
        rest = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\nContent-Length: %d" % len(body)
        whole = chance.random() < 0.9
        if not whole:
            rest = _fuzzed_head(rest + b"\r\nConnection: close", chance)
        return Fuzzed(rest + f"\r\n{who}\r\n\r\n".encode() + body, whole and method != "HEAD")

    def _caller(self, chance: random.Random) -> tuple[str, str]:
        if chance.random() < WRONG_TOKEN_SHARE:
            return f"lane-{chance.randrange(10_000)}", "wrong"
        return chance.choice(self._callers)


def _fuzzed_body(chosen: Recording, number: int, chance: random.Random) -> bytes:
    body = copy.deepcopy(chosen.body)
    if isinstance(body, dict) and isinstance(sold := body.get("request_payload"), dict):
        sold["transaction_id"] = f"T-{number % SALES}"
    if chance.random() < 0.6:
        for _ in range(chance.randint(1, 3)):
            body = _bent(body, chance)
    text = written(body)
    return chance.choice(_BYTES)(text, chance) if text and chance.random() < 0.4 else text


def _bent(value: Any, chance: random.Random) -> Any:
    """Put something odd somewhere into a value."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        return _bent_field(value, name, chance)
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        value[place] = _bent(value[place], chance)
        return value * chance.choice((1, 1, 1, 30))
    return copy.deepcopy(chance.choice(ODD))  # it may be bent again


def _bent_field(fields: dict[str, Any], name: str, chance: random.Random) -> dict[str, Any]:
    drawn = chance.random()
    if drawn < 0.1:
        del fields[name]
    elif drawn < 0.2:
        fields[str(chance.choice(ODD))[:100]] = fields.pop(name)
    else:
        fields[name] = _bent(fields[name], chance)
    return fields


def _flipped(text: bytes, chance: random.Random) -> bytes:
    changed = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text))]


def _doubled(text: bytes, chance: random.Random) -> bytes:
    start, end = sorted((chance.randrange(len(text)), chance.randrange(len(text))))
    return text[:end] + text[start:end] * chance.randint(1, 20) + text[end:]


def _deep(text: bytes, chance: random.Random) -> bytes:
    depth = chance.randrange(BRACKETS_MAX)
    return text.replace(b"[", b"[" * (depth + 1), 1).replace(b"]", b"]" * (depth + 1), 1)


def _noise(_: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(200))


_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flipped, _cut, _doubled, _deep, _noise)


def _odd_path(path: str, chance: random.Random) -> str:
    drawn = chance.random()
    if drawn < 0.4:
        return path + chance.choice(QUERIES)
    parts = path.split("/")
    odd = json.dumps(str(chance.choice(ODD))[:300], ensure_ascii=True)[1:-1].replace(" ", "%20")
    parts[chance.randrange(1, len(parts))] = odd
    return "/".join(parts)


def _fuzzed_head(head: bytes, chance: random.Random) -> bytes:
    drawn = chance.random()
    if drawn < 0.5:
        return _flipped(head, chance)
    lines = head.split(b"\r\n")
    line = chance.choice(LINES).encode("latin-1")
    lines.insert(chance.randint(1, len(lines)), line)
    return (b"\n" if drawn > 0.95 else b"\r\n").join(lines)
