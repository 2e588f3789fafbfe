"""The platform's own calls in `/openapi.json`: sales, the counter, uploads, and what is relayed.

Their routes are plain ASGI, so that FastAPI knows nothing of them. Requests are described as far as the agent looks at
them; what else a POS sends is passed on.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from store_agent.api import refusals
from store_agent.api.examples import BATCH, LOOKUP, SALE
from store_agent.api.shapes.container import Container, Refused
from store_agent.api.shapes.sales import GivenBack, Queued, Sale, Sales
from store_agent.api.shapes.shelf import Replaced
from store_agent.domain.roles import Role

Json = dict[str, Any]

_ANSWERS: dict[str, type[BaseModel]] = {
    "send_transaction": Container[Sale],
    "send_batch_transaction": Container[Sales],
    "given_back": Container[GivenBack],
    "replaced": Container[Replaced],
    "queued": Queued,
    "refused": Refused,
}
_PLATFORM: Json = {"$ref": "#/components/schemas/PlatformAnswer"}
_REFUSED_EITHER_WAY: Json = {"anyOf": [refusals.REFUSED, _PLATFORM]}
_NAMES, _FOUND = models_json_schema(
    [(model, "serialization") for model in _ANSWERS.values()], ref_template="#/components/schemas/{model}"
)

_TEXT: Json = {"type": "string"}
_CODE: Json = {"type": "string", "minLength": 1, "maxLength": 128}
_TRANSACTION: Json = {
    "type": "object",
    "required": ["transaction_id"],
    "properties": {"transaction_id": {"type": "string", "minLength": 1, "maxLength": 64}},
    "description": "The Transaction object of the SessionM POS API; unknown fields are kept.",
}


class RelayedCall(Protocol):
    """A call that is passed on to the platform, as far as it is described."""

    @property
    def method(self) -> str:
        """The method of HTTP."""
        ...

    @property
    def pattern(self) -> str:
        """The path; `{name}` is one part of it."""
        ...

    @property
    def role(self) -> Role:
        """The least that a caller must be."""
        ...

    @property
    def offline(self) -> str:
        """What happens without a line: refuse, remembered or deferred."""
        ...


def schemas() -> Json:
    """Give what the paths refer to."""
    platform = {
        "description": "As the platform answers; an answer from memory has `remembered` beside it, with its age"
    }
    return {**_FOUND["$defs"], "PlatformAnswer": platform}


def drop_in_paths() -> Json:
    """Give the paths of the POS API."""
    calls = _sales() | _counter() | _uploads()
    return {f"/api/2.0/{name}": {"post": {"operationId": name, **operation}} for name, operation in calls.items()}


def relayed_paths(calls: Iterable[RelayedCall]) -> Json:
    """Give the paths of the calls that are passed on to the platform's other addresses."""
    found: Json = {}
    for call in calls:
        found.setdefault(call.pattern, {})[call.method.lower()] = _relayed(call)
    return found


def _sales() -> Json:
    batch: Json = {
        "type": "object",
        "required": ["transactions"],
        "properties": {"transactions": {"type": "array", "minItems": 1, "maxItems": 1000, "items": _TRANSACTION}},
    }
    calls: dict[str, tuple[str, Json, Json]] = {
        "send_transaction": ("Take a sale", _TRANSACTION, SALE),
        "send_batch_transaction": ("Take sales, all or none", batch, BATCH),
    }
    return {
        name: {
            "tags": ["sales"],
            "summary": summary,
            "parameters": _rendering(),
            "requestBody": _request(payload, example),
            "responses": {"200": _good(_answer(name)), **refusals.refusals(refusals.SALE)},
        }
        for name, (summary, payload, example) in calls.items()
    }


def _counter() -> Json:
    given_back = {"anyOf": [_answer("given_back"), _PLATFORM]}
    calls: dict[str, tuple[str, Json, Json]] = {
        "lookup": ("Who is the guest", _lookup(), _PLATFORM),
        "redeem": ("Use an offer at once", _offer(), _PLATFORM),
        "lock": ("Keep an offer for a sale", _offer(), _PLATFORM),
        "unlock": ("Give a locked offer back; without a line it waits", _give_back(), given_back),
        "reinstate": ("Give a redeemed offer back; without a line it waits", _give_back(), given_back),
    }
    return {
        name: {
            "tags": ["counter"],
            "summary": summary,
            "requestBody": _request(payload, LOOKUP if name == "lookup" else None),
            "responses": {"200": _good(answer), **refusals.refusals(refusals.COUNTER, _REFUSED_EITHER_WAY)},
        }
        for name, (summary, payload, answer) in calls.items()
    }


def _uploads() -> Json:
    calls = {"upload_catalog": ("catalog", "items"), "upload_employees": ("employees", "employees")}
    return {
        name: {
            "tags": [noun],
            "summary": f"Keep the {noun} here, and upload what changed",
            "requestBody": _request(_list_of(member)),
            "responses": {"200": _good(_answer("replaced")), **refusals.refusals(refusals.SALE)},
        }
        for name, (noun, member) in calls.items()
    }


def _list_of(member: str) -> Json:
    entries = {"type": "array", "items": {"type": "object"}}
    return {"type": "object", "required": [member], "properties": {member: entries}}


def _lookup() -> Json:
    criteria = ("email", "phone", "user_id", "external_customer_id")
    return {
        "type": "object",
        "description": "Exactly one criterion; those that are null or empty do not count.",
        "properties": {
            **{name: _optional({"type": "string", "maxLength": 254}) for name in criteria},
            "transaction": _optional(_TRANSACTION),
            "allow_remembered": {"type": "boolean", "description": "An answer from memory will do"},
        },
    }


def _offer() -> Json:
    return {
        "type": "object",
        "required": ["offer_lookup_code", "offer_lookup_type", "transaction"],
        "properties": {
            "offer_lookup_code": _CODE,
            "offer_lookup_type": {"type": "string", "enum": ["UserOfferId", "TTLCode", "userofferid", "ttlcode"]},
            "transaction": _TRANSACTION,
        },
    }


def _give_back() -> Json:
    employee = {"type": "string", "minLength": 1, "maxLength": 20}
    return {
        "type": "object",
        "required": ["user_offer_id", "employee_id"],
        "properties": {"user_offer_id": _CODE, "employee_id": employee},
    }


def _relayed(call: RelayedCall) -> Json:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _TEXT}
        for name in re.findall(r"\{(\w+)\}", call.pattern)
    ]
    without = {"deferred": "it waits", "remembered": "an answer from memory is given", "refuse": "it is refused"}
    good = {"anyOf": [_answer("queued"), _PLATFORM]} if call.offline == "deferred" else _PLATFORM
    operation: Json = {
        "tags": ["relayed"],
        "summary": f"Passed on to the platform; without a line {without[call.offline]}",
        "description": f"For {'the manager' if call.role is Role.MANAGER else 'terminals and the manager'}. The agent "
        "puts its own key in the place of `{app}`, and the query is passed on.",
        "parameters": parameters,
        "responses": {"2XX": _good(good), **refusals.refusals(refusals.RELAYED, _REFUSED_EITHER_WAY)},
    }
    if call.method in {"POST", "PUT"}:
        operation["requestBody"] = {
            "content": {"application/json": {"schema": {"description": "As the platform says"}}}
        }
    return operation


def _rendering() -> list[Json]:
    """Give the query of what is to be rendered."""
    choices = {
        "render": (["svg", "png", "escpos", "txt"], "Have each receipt rendered in the answer"),
        "width": (["58", "80"], "Millimetres of the paper, for escpos; 80 by default"),
        "native": (["true", "false"], "Whether the printer draws the code, for escpos; true by default"),
    }
    return [
        {"name": name, "in": "query", "description": words, "schema": {"type": "string", "enum": values}}
        for name, (values, words) in choices.items()
    ]


def _request(payload: Mapping[str, Any], example: Json | None = None) -> Json:
    schema = {
        "type": "object",
        "required": ["request_payload"],
        "properties": {
            "store_id": _optional({**_TEXT, "description": "as configured, or left out"}),
            "client_id": _optional({**_TEXT, "description": "as configured, or left out"}),
            "request_id": {"description": "kept and shown, not looked at"},
            "culture": _optional(_TEXT),
            "request_payload": payload,
        },
    }
    content: Json = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"required": True, "content": {"application/json": content}}


def _good(schema: Json) -> Json:
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def _answer(name: str) -> Json:
    return _NAMES[_ANSWERS[name], "serialization"]


def _optional(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}
