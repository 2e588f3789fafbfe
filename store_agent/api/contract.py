"""The OpenAPI document where FastAPI does not know it: refusals, who may call, and the plain routes (`drop_in`)."""

from collections.abc import Iterable
from typing import Any

from store_agent.api import document, refusals
from store_agent.api.door import OPEN_PATHS
from store_agent.api.drop_in import RelayedCall, drop_in_paths, relayed_paths, schemas

_SECURITY = {
    "caller": {
        "type": "http",
        "scheme": "basic",
        "description": "The name of a terminal and its token (`store-agent terminal add NAME`). Over the Unix socket "
        "members of the managers' group (`api.managers_group`) need none: the kernel says who they are. From another "
        "machine a certificate of the terminal may be wanted beside it (`api.tls`).",
    }
}
_ABOUT = (
    "What a POS plugin, a manager's tool or a screen may ask of the agent on its machine. Answers are in the "
    "platform's container: `payload` where it was done, `errors` with a code and words for a person where it was not. "
    "Times are seconds since 1970 unless they say otherwise, amounts text in the store's currency."
)
_UNASKED = ("HTTPValidationError", "ValidationError")
"""What FastAPI adds of its own; the agent answers in the container."""


def complete(
    described: dict[str, Any], calls: Iterable[RelayedCall], open_paths: frozenset[str] = OPEN_PATHS
) -> dict[str, Any]:
    """Complete FastAPI's description of the managed routes; `calls` are those that are relayed."""
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            operation["responses"] = _responses(path, method, operation["responses"], open_paths)
    described["paths"] |= drop_in_paths() | relayed_paths(calls) | {document.PATH: _own_path(open_paths)}
    for path in open_paths:
        described["paths"][path]["get"]["security"] = []
    parts = described.setdefault("components", {})
    kept = {name: shape for name, shape in parts.get("schemas", {}).items() if name not in _UNASKED}
    parts |= {"schemas": {**kept, **schemas()}, "securitySchemes": _SECURITY}
    described["info"]["description"] = _ABOUT
    return {**described, "security": [{"caller": []}]}


def _responses(path: str, method: str, own: dict[str, Any], open_paths: frozenset[str]) -> dict[str, Any]:
    """Add to the answers of a route what every route may answer; its own refusals come first in words."""
    meanings = {status: words for status, words in refusals.ALWAYS.items() if _may(status, path, method, open_paths)}
    good = {status: answer for status, answer in own.items() if status.startswith("2")}
    for status in own.keys() - good.keys() - {"422"}:
        words = own[status]["description"]
        meanings[status] = f"{words}; {meanings[status]}" if status in meanings else words
    return good | refusals.refusals(meanings)


def _may(status: str, path: str, method: str, open_paths: frozenset[str]) -> bool:
    if status == "404":
        return "{" in path
    if status == "415":
        return method not in {"get", "delete"}
    return status != "401" or path not in open_paths


def _own_path(open_paths: frozenset[str]) -> dict[str, Any]:
    written = {"application/json": {"schema": {"type": "object", "description": "OpenAPI 3.1"}}}
    good = {"200": {"description": "The contract", "content": written}}
    return {
        "get": {
            "tags": ["status"],
            "summary": "This document",
            "operationId": "contract",
            "responses": _responses(document.PATH, "get", good, open_paths),
        }
    }
