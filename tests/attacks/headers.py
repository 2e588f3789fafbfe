"""Header injection: line ends in values, so that the agent would write an attacker's header; and heads without end."""

from collections.abc import Iterator

from tests.attacks.attempt import Attempt, turned_away, unharmed
from tests.attacks.store import Store

ATTACK = "header injection"
LINE_END = "%0d%0aX-Evil:%20yes"
ECHOED = (
    f"/v1/outbox?text={LINE_END}",
    f"/v1/outbox?state={LINE_END}",
    f"/v1/receipts/{LINE_END}.svg",
    f"/nothing{LINE_END}",
    f"/v1/outbox/{LINE_END}",
    "/v1/receipts/%E5%98%8A%E5%98%8DX-Evil:yes.txt",
)


def headers(store: Store) -> Iterator[Attempt]:
    """Put line ends wherever a value might come back."""
    for path in ECHOED:
        said = store.ask(f"GET {path} HTTP/1.1", who=store.lane)
        yield unharmed(ATTACK, f"line end in {path.replace(LINE_END, '…')}", said)
    for how, line in {
        "a bare CR in a value": "Accept: a\rX-Evil: yes",
        "a bare LF in a value": "Accept: a\nX-Evil: yes",
        "a NUL in a value": "Accept: a\x00X-Evil: yes",
        "a line without a name": ": yes",
        "line end in Origin": "Origin: null\r\nX-Evil: yes",
    }.items():
        yield turned_away(ATTACK, how, store.ask("GET /v1/me HTTP/1.1", line, who=store.lane))
    many = [f"X-{number}: y" for number in range(10_000)]
    yield turned_away(ATTACK, "10,000 headers", store.ask("GET /v1/me HTTP/1.1", *many, who=store.lane))
    long = "X: " + "y" * 1_000_000
    yield turned_away(ATTACK, "a header of 1 MB", store.ask("GET /v1/me HTTP/1.1", long, who=store.lane))
