"""DNS rebinding: a web page makes its own name point here, and calls the agent by it."""

from collections.abc import Iterator

from tests.attacks.attempt import Attempt, turned_away
from tests.attacks.store import Store

ATTACK = "DNS rebinding"
PATHS = ("/healthz", "/openapi.json", "/v1/status", "/docs", "/nothing")
NAMES = (
    "evil.example.com", "evil.example.com:8750", "127.0.0.1.evil.example.com", "localhost.evil.example.com",
    "localhost.", "user@localhost", "localhost:x@evil.example.com", "127.1", "2130706433", "0x7f.1",
    "[::ffff:127.0.0.1]", "[::1].evil.example.com", "127.0.0.1, evil.example.com", "127.0.0.1 evil.example.com", "",
)  # fmt: skip


def rebinding(store: Store) -> Iterator[Attempt]:
    """Call by other names in every form; with a good token, as if the page had one."""
    for name in NAMES:
        yield _tried(store, f"Host: {name or '(empty)'}", "", f"Host: {name}")
    yield _tried(store, "no Host", "", None)
    yield _tried(store, "two Hosts, the right one first", "", "Host: 127.0.0.1", "Host: evil.example.com")
    yield _tried(store, "two Hosts, the right one last", "", "Host: evil.example.com", "Host: 127.0.0.1")
    yield _tried(store, "absolute form, another name", "http://evil.example.com", "Host: 127.0.0.1")
    yield _tried(store, "absolute form, our name, Host another", "http://127.0.0.1", "Host: evil.example.com")
    yield _tried(store, "X-Forwarded-Host ours", "", "Host: evil.example.com", "X-Forwarded-Host: 127.0.0.1")


def _tried(store: Store, how: str, before: str, host: str | None, *more: str) -> Attempt:
    said = [store.ask(f"GET {before}{path} HTTP/1.1", *more, host=host, who=store.lane) for path in PATHS]
    return turned_away(ATTACK, f"{how}, on {len(PATHS)} paths", *said)
