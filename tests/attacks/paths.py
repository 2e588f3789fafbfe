"""Paths written in odd ways: past the door by way of an open path, and past the roles."""

from collections.abc import Iterator

from tests.attacks.attempt import Attempt, turned_away
from tests.attacks.store import Store

ATTACK = "path tricks"
STRANGER = (
    "/healthz/../v1/status", "/healthz/%2e%2e/v1/status", "/healthz%2f..%2fv1%2fstatus", "/healthz/..;/v1/status",
    "/healthz;/v1/status", "/healthz%00/v1/status", "/healthz%0a/v1/status", "/healthz\\..\\v1\\status",
    "/healthz%5c..%5cv1%5cstatus", "/openapi.json/../v1/outbox", "//healthz/v1/status", "//v1/status",
    "/v1/status?/healthz", "/v1/status%3f/healthz", "/v1/status#/healthz", "/%c0%ae%c0%ae/v1/status", "/v1/%ff",
    "/HEALTHZ/../v1/status", "/v1/%73tatus", "/v1/./status", "http:/v1/status", "*", "/v1/%252e%252e/v1/status",
)  # fmt: skip
CASHIER = (
    "/v1/terminals", "/v1/terminals/", "/v1//terminals", "//v1/terminals", "/V1/TERMINALS", "/v1/terminals;a=b",
    "/v1/%74erminals", "/v1/terminals%00", "/v1/outbox/../terminals", "/v1/outbox/%2e%2e/terminals",
    "/v1/terminals/%2e", "/v1/terminals%20", "/v1/terminals.json", "/v1/terminals%2f",
)  # fmt: skip
LONG = (8_000, 60_000, 70_000)


def paths(store: Store) -> Iterator[Attempt]:
    """Ask for what is not ours in each way of writing it."""
    for path in STRANGER:
        yield turned_away(ATTACK, f"stranger: {path}", store.ask(f"GET {path} HTTP/1.1"))
    for path in CASHIER:
        said = store.ask(f"GET {path} HTTP/1.1", who=store.lane)
        yield turned_away(ATTACK, f"cashier: {path}", said)
    for length in LONG:
        said = store.ask(f"GET /{'a' * length} HTTP/1.1", who=store.lane)
        yield turned_away(ATTACK, f"a path of {length:,} letters", said)
