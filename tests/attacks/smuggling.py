"""Request smuggling (RFC 9112, 11.2): a sale hidden in what another program would take for a body."""

from collections.abc import Iterator

from tests.attacks.attempt import Attempt, turned_away
from tests.attacks.store import JSON, SALE, Store, known

ATTACK = "request smuggling"
FORMS = {
    "CL.TE": ("Content-Length: 5", "Transfer-Encoding: chunked"),
    "TE.CL": ("Transfer-Encoding: chunked", "Content-Length: 5"),
    "TE.TE": ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
    "TE.TE, unknown coding": ("Transfer-Encoding: xchunked",),
    "TE.TE, two codings": ("Transfer-Encoding: gzip, chunked",),
    "TE with a vertical tab": ("Transfer-Encoding:\x0bchunked",),
    "TE with a blank before the colon": ("Transfer-Encoding : chunked",),
    "TE folded (obs-fold)": ("Transfer-Encoding:", " chunked"),
    "TE behind a bare LF": ("X: a\nTransfer-Encoding: chunked",),
    "TE behind a bare CR": ("X: a\rTransfer-Encoding: chunked",),
    "two lengths": ("Content-Length: 5", "Content-Length: 6"),
    "the same length twice": ("Content-Length: 5", "Content-Length: 5"),
    "a list of lengths": ("Content-Length: 5, 5",),
    "a length with a sign": ("Content-Length: +5",),
    "a length in hexadecimal": ("Content-Length: 0x5",),
    "a length of 23 digits": ("Content-Length: 99999999999999999999999",),
    "upgrade to h2c": ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
}


def smuggling(store: Store) -> Iterator[Attempt]:
    """Send each form with a good sale behind it; the only answer is a refusal."""
    hidden = store.sale("smuggled")
    for how, more in FORMS.items():
        said = store.say(store.head(SALE, JSON, *more, who=store.lane) + b"0\r\n\r\n" + hidden)
        yield turned_away(ATTACK, how, said, answers_max=1)
    yield turned_away(ATTACK, "lines end with LF only", store.say(hidden.replace(b"\r\n", b"\n")))
    for how, inside in _wrapped(store, hidden).items():
        yield turned_away(ATTACK, how, store.say(inside), answers_max=1)
    trailer = f"2\r\n{{}}\r\n0\r\n{known(*store.lane)[0]}\r\n\r\n".encode()
    said = store.say(store.head(SALE, JSON, "Transfer-Encoding: chunked") + trailer)
    yield turned_away(ATTACK, "credentials behind the body (trailer)", said, answers_max=1)
    said = store.say(store.head(SALE, JSON, "Content-Length: 2") + b"{}" + store.head("GET /v1/me HTTP/1.1"))
    yield turned_away(ATTACK, "pipelined without credentials", said, answers_max=2)


def _wrapped(store: Store, hidden: bytes) -> dict[str, bytes]:
    """Put the sale into bodies of requests that are refused before their body is read."""
    length = f"Content-Length: {len(hidden)}"
    lines = {
        "in the body of a call without credentials": store.head(SALE, JSON, length),
        "in the body of a path that is not there": store.head("POST /nothing HTTP/1.1", JSON, length, who=store.lane),
        "in the body of a form": store.head(SALE, "Content-Type: text/plain", length, who=store.lane),
        "in the body of a page's call": store.head(SALE, JSON, length, "Origin: null", who=store.lane),
        "in the body of a GET": store.head("GET /nothing HTTP/1.1", JSON, length, who=store.lane),
    }
    return {how: head + hidden for how, head in lines.items()}
