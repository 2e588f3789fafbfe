"""What both clients tell httpx, and what httpx tells them."""

import ssl
from typing import Any

import httpx

from .call import Request, Timeouts

ANSWER_BYTES_MAX = 4_194_304
"""An answer larger than this is not read to its end; the agent lets none through that is larger."""

IDLE_SECONDS_MAX = 30.0
"""A connection unused for longer is not used again; the agent closes them after 75 s, and the two must not cross."""

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

TOO_LARGE = f"it is larger than {ANSWER_BYTES_MAX} bytes"


def client_options(url: str, trust: ssl.SSLContext | None) -> dict[str, Any]:
    """Give the options of a client: no proxy and no redirect may come between a till and its agent."""
    return {
        "base_url": url,
        "verify": trust or True,
        "trust_env": False,
        "follow_redirects": False,
        "limits": httpx.Limits(max_connections=16, keepalive_expiry=IDLE_SECONDS_MAX),
    }


def request_options(request: Request, timeouts: Timeouts) -> dict[str, Any]:
    """Give the arguments of `stream` for a request."""
    return {
        "method": request.method,
        "url": request.path,
        "headers": dict(request.headers),
        "content": request.body,
        "timeout": httpx.Timeout(request.answer_seconds, connect=timeouts.connect_seconds),
    }


def words(error: httpx.HTTPError) -> str:
    """Tell what went wrong with a connection; httpx says nothing about some time-outs."""
    return str(error) or type(error).__name__
