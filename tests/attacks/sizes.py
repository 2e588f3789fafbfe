"""Bodies that are too large, too deep, packed, or not as long as they say."""

import gzip
from collections.abc import Iterator

from tests.attacks.attempt import Attempt, turned_away
from tests.attacks.store import JSON, SALE, Store

LARGE, LYING = "30 MB body, nested JSON, bombs", "sizes that lie"
BODY_BYTES = 30_000_000
DEPTH = 10_000
CHUNKED = "Transfer-Encoding: chunked"


def large(store: Store) -> Iterator[Attempt]:
    """Send more than a sale may have, in length, depth and number."""
    yield _refused(store, "30 MB with its length", LARGE, b" " * BODY_BYTES)
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    said = store.say(store.head(SALE, JSON, CHUNKED, who=store.lane) + chunk * (BODY_BYTES // 65_536))
    yield turned_away(LARGE, "30 MB in chunks", said)
    for how, deep in {
        "10,000 arrays deep": b"[" * DEPTH + b"]" * DEPTH,
        "10,000 objects deep": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
        "10,000 arrays that never close": b"[" * DEPTH,
        "a number of 200,000 digits": b"1" * 200_000,
        "a number with an exponent of nine digits": b"1e999999999",
        "20,000 fields": b"{" + b",".join(b'"k%d":0' % number for number in range(20_000)) + b"}",
        "the same field 20,000 times": b"{" + b",".join([b'"a":0'] * 20_000) + b"}",
    }.items():
        yield _refused(store, how, LARGE, b'{"request_payload": ' + deep + b"}")
    bomb = gzip.compress(b'{"request_payload": {"note": "' + b"a" * BODY_BYTES + b'"}}')
    yield _refused(store, f"{len(bomb):,} bytes that unpack to 30 MB", LARGE, bomb, "Content-Encoding: gzip")


def lying(store: Store) -> Iterator[Attempt]:
    """Say another length than is sent."""
    whole = store.sale("lying")
    length = len(whole.partition(b"\r\n\r\n")[2])
    lies = {"too long": length + 10, "too short": length - 10, "of 30 MB": BODY_BYTES, "of zero": 0}
    for how, said in lies.items():
        sent = whole.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % said)
        yield turned_away(LYING, f"a Content-Length {how}", store.say(sent))
    head = store.head(SALE, JSON, CHUNKED, who=store.lane)
    for how, body in {
        "a chunk of 2^63 bytes": b"7fffffffffffffff\r\n{}",
        "a chunk of more than 2^64 bytes": b"fffffffffffffffff\r\n{}",
        "a chunk of a negative size": b"-1\r\n{}\r\n0\r\n\r\n",
        "a chunk longer than it says": b"1\r\n{}\r\n0\r\n\r\n",
        "a chunk that never comes": b"ff\r\n{}",
        "300,000 chunks of one byte": b"1\r\n \r\n" * 300_000,
        "chunk extensions without end": b"1;" + b"a" * 1_000_000,
    }.items():
        yield turned_away(LYING, how, store.say(head + body))


def _refused(store: Store, how: str, attack: str, body: bytes, *more: str) -> Attempt:
    return turned_away(attack, how, store.say(store.sale("large", *more, body=body)))
