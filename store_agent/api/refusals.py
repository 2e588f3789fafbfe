"""Every status with which a route may say no, and its error codes, for `/openapi.json`."""

from collections.abc import Mapping
from typing import Any

REFUSED = {"$ref": "#/components/schemas/Refused"}

ALWAYS = {
    "400": "`invalid_field`, `invalid_json`, `invalid_http`: it can never be right; `card_data`: it holds card data",
    "401": "`unauthorized`: an unknown caller",
    "403": "`host_not_allowed`, `origin_not_allowed`: called from elsewhere; `forbidden`: only the manager may do this",
    "404": "`not_found`: there is no such address",
    "405": "`method`: the header Allow names the methods that it takes",
    "408": "`header_timeout`, `body_timeout`: the request did not arrive in time",
    "413": "`too_large`: the body is larger than `api.body_bytes_max`",
    "415": "`media_type`: the body is not JSON by its header",
    "429": "`too_many_requests`: this caller sends too many; Retry-After tells in how many seconds it may go on",
    "431": "`header_too_large`: the head of the request is too large",
    "500": "`internal`: a bug; whether it was done is not known",
    "503": "`busy`, `storage`, `starting`, `not_ready`: it did not work now; try again in a moment",
    "507": "`disk_full`: the disk has no room; nothing was changed",
}

SALE = {
    **{status: ALWAYS[status] for status in ("401", "403", "405", "408", "413", "415", "429", "431")},
    "400": "`invalid_field`, `invalid_json`: it can never be right; `card_data`: card data is in it; nothing is stored",
    "500": "`internal`: a bug; what became of it is unknown: send the same again",
    "503": "`busy`, `retry`, `starting`: send the same again in a moment; it is not counted twice",
    "507": "`disk_full`: nothing was stored: keep the sale in the till and send it again later",
}

COUNTER = {
    **SALE,
    "400": "`invalid_field`, `invalid_criteria`, `invalid_json`, `card_data`; or the platform refuses it",
    "409": "`offline_limit`: the offer cannot be applied without the platform",
    "429": "`throttled`: the platform asks to wait; `too_many_requests`: this caller sends too many",
    "502": "`bad_answer`: something answered that is not the platform",
    "503": "`offline`, `halted`: the platform cannot be reached; `pending`: it is still at it; `unknown`: it may be "
    "done: send the same call again; `busy`, `storage`, `starting`",
    "4XX": "As the platform refuses it",
    "5XX": "As the platform fails",
}

RELAYED = {
    **COUNTER,
    "404": "`not_found`: the agent does not relay this call; or as the platform answers",
    "503": f"{COUNTER['503']}; `not_configured`: the configuration has no address or key for this call",
}

_HEADERS = {
    "401": ("WWW-Authenticate", "how to say who calls"),
    "405": ("Allow", "the methods that this path takes"),
    "429": ("Retry-After", "seconds"),
    "503": ("Retry-After", "seconds, where it is known"),
    "507": ("Retry-After", "seconds, for a sale"),
}


def refusals(meanings: Mapping[str, str], schema: Mapping[str, Any] = REFUSED) -> dict[str, Any]:
    """Describe answers by status, from what they mean."""
    return {status: _refusal(status, meaning, schema) for status, meaning in sorted(meanings.items())}


def _refusal(status: str, meaning: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"description": meaning, "content": {"application/json": {"schema": schema}}}
    if status in _HEADERS:
        name, words = _HEADERS[status]
        found["headers"] = {name: {"description": words, "schema": {"type": "string"}}}
    return found
