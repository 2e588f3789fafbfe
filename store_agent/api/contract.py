"""The OpenAPI document where FastAPI does not know it: the plain routes, and all refusals."""

from collections.abc import Mapping
from typing import Any

_TEXT = {"type": "string"}


_REFUSALS = {
    "400": "It can never be right, or holds card data (`card_data`); nothing was stored",
    "401": "Unknown terminal",
    "403": "Called from elsewhere",
    "405": "Not called with POST",
    "408": "The body did not arrive in time; nothing was stored",
    "413": "Too large; nothing was stored",
    "415": "Not JSON by its header; nothing was stored",
    "429": "This caller sends too many requests; nothing was stored",
    "431": "The head is too large; nothing was stored",
    "500": "A bug; what became of it is unknown: send the same again",
    "503": "Send the same again in a moment",
    "507": "The disk is full; nothing was stored: keep the sale in the till and send it again later",
}
_COUNTER_REFUSALS = {
    **_REFUSALS,
    "400": "It can never be right, or the platform refuses it",
    "409": "The offer cannot be applied without the platform",
    "429": "The platform asks to wait, or this caller sends too many requests",
    "502": "Something answered that is not the platform",
    "503": "The platform cannot be reached (offline), or may have done it (unknown: send the same call again)",
}

_TRANSACTION: dict[str, Any] = {
    "type": "object",
    "required": ["transaction_id"],
    "properties": {"transaction_id": {"type": "string", "minLength": 1, "maxLength": 64}},
    "description": "The Transaction object of the SessionM POS API; unknown fields are kept.",
}


def ingest_paths() -> dict[str, Any]:
    """Give the OpenAPI paths of the two routes that take sales."""
    transaction = _TRANSACTION
    batch = {
        "type": "object",
        "required": ["transactions"],
        "properties": {"transactions": {"type": "array", "minItems": 1, "maxItems": 1000, "items": transaction}},
    }
    answers = {"type": "object", "properties": {"transactions": {"type": "array", "items": _accepted()}}}
    return {
        "/api/2.0/send_transaction": {"post": _rendering(_operation("Take a sale", transaction, _accepted()))},
        "/api/2.0/send_batch_transaction": {"post": _rendering(_operation("Take sales, all or none", batch, answers))},
    }


def counter_paths() -> dict[str, Any]:
    """Give the OpenAPI paths of the calls at the counter."""
    code = {"type": "string", "minLength": 1, "maxLength": 128}
    criteria = ("email", "phone", "user_id", "external_customer_id")
    lookup = {
        "type": "object",
        "description": "Exactly one criterion; those that are null or empty do not count.",
        "properties": {
            **{name: _optional({"type": "string", "maxLength": 254}) for name in criteria},
            "transaction": _optional(_TRANSACTION),
            "allow_remembered": {"type": "boolean", "description": "An answer from memory will do"},
        },
    }
    offer = {
        "type": "object",
        "required": ["offer_lookup_code", "offer_lookup_type", "transaction"],
        "properties": {
            "offer_lookup_code": code,
            "offer_lookup_type": {"type": "string", "enum": ["UserOfferId", "TTLCode", "userofferid", "ttlcode"]},
            "transaction": _TRANSACTION,
        },
    }
    give_back = {
        "type": "object",
        "required": ["user_offer_id", "employee_id"],
        "properties": {"user_offer_id": code, "employee_id": {"type": "string", "minLength": 1, "maxLength": 20}},
    }
    calls = {
        "lookup": ("Who is the guest", lookup),
        "redeem": ("Use an offer at once", offer),
        "lock": ("Keep an offer for a sale", offer),
        "unlock": ("Give a locked offer back; without a line it waits", give_back),
        "reinstate": ("Give a redeemed offer back; without a line it waits", give_back),
    }
    anything: dict[str, Any] = {"description": "As the platform answers"}
    return {
        f"/api/2.0/{name}": {"post": _operation(summary, payload, anything, "counter", _COUNTER_REFUSALS)}
        for name, (summary, payload) in calls.items()
    }


def refusals() -> dict[int | str, dict[str, Any]]:
    """Give the OpenAPI answers that every other route may give when it does not do what it is asked for."""
    refused = _json(_container({"type": "null"}))
    return {
        "4XX": {"description": "Refused; `errors` name the reason and the fields", **refused},
        "5XX": {"description": "It did not work now; try again in a moment", **refused},
    }


def _rendering(operation: dict[str, Any]) -> dict[str, Any]:
    """Add the query of what is to be rendered."""
    choices = {
        "render": (["svg", "png", "escpos", "txt"], "Have each receipt rendered in the answer"),
        "width": (["58", "80"], "Millimetres of the paper, for escpos; 80 by default"),
        "native": (["true", "false"], "Whether the printer draws the code, for escpos; true by default"),
    }
    parameters = [
        {"name": name, "in": "query", "description": words, "schema": {"type": "string", "enum": values}}
        for name, (values, words) in choices.items()
    ]
    return {**operation, "parameters": parameters}


def _accepted() -> dict[str, Any]:
    rendered = {
        "type": "object",
        "description": "There if `render` was asked for; null with the warning `not_rendered` if it could not be made",
        "properties": {
            "form": _TEXT,
            "encoding": {"type": "string", "enum": ["text", "base64"]},
            "content": _TEXT,
        },
    }
    receipt = {
        "type": "object",
        "properties": {
            "payment_id": _optional(_TEXT),
            "code": _TEXT,
            "url": _optional(_TEXT),
            "rendered": _optional(rendered),
        },
    }
    warning = {"type": "object", "properties": {"code": _TEXT, "message": _TEXT, "path": _optional(_TEXT)}}
    return {
        "type": "object",
        "properties": {
            "transaction": {"type": "object", "properties": {"id": _TEXT}},
            "sequence": {"type": "integer"},
            "digest": {
                "type": "string",
                "description": "SHA-256 of the transaction object as sent, card numbers masked",
            },
            "delivery": {"type": "string", "enum": ["live", "queued"]},
            "receipts": {"type": "array", "items": receipt},
            "warnings": {"type": "array", "items": warning},
        },
    }


def _optional(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _operation(
    summary: str,
    payload: dict[str, Any],
    answer: dict[str, Any],
    tag: str = "sales",
    refusals: Mapping[str, str] = _REFUSALS,
) -> dict[str, Any]:
    request = {
        "type": "object",
        "required": ["request_payload"],
        "properties": {
            "store_id": _optional(_TEXT),
            "client_id": _optional(_TEXT),
            "request_id": {},
            "culture": _optional(_TEXT),
            "request_payload": payload,
        },
    }
    return {
        "tags": [tag],
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {
            "200": {"description": "Done", **_json(_container(answer))},
            **{
                status: {"description": meaning, **_json(_container({"type": "null"}))}
                for status, meaning in refusals.items()
            },
        },
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _container(payload: dict[str, Any]) -> dict[str, Any]:
    field = {"type": "object", "properties": {"path": _TEXT, "message": _TEXT}}
    errors = {
        "type": "object",
        "properties": {"code": _TEXT, "message": _TEXT, "fields": {"type": "array", "items": field}},
    }
    return {
        "type": "object",
        "properties": {"status": _TEXT, "payload": payload, "errors": _optional(errors)},
    }
