"""The OpenAPI document where FastAPI does not know it: the ingest routes, which are plain ones, and all refusals."""

from typing import Any

_TEXT = {"type": "string"}


def ingest_paths() -> dict[str, Any]:
    """Give the OpenAPI paths of the two routes that take sales."""
    transaction: dict[str, Any] = {
        "type": "object",
        "required": ["transaction_id"],
        "properties": {"transaction_id": {"type": "string", "minLength": 1, "maxLength": 64}},
        "description": "The Transaction object of the SessionM POS API; unknown fields are kept.",
    }
    batch = {
        "type": "object",
        "required": ["transactions"],
        "properties": {"transactions": {"type": "array", "minItems": 1, "maxItems": 1000, "items": transaction}},
    }
    answers = {"type": "object", "properties": {"transactions": {"type": "array", "items": _accepted()}}}
    return {
        "/api/2.0/send_transaction": {"post": _operation("Take a sale", transaction, _accepted())},
        "/api/2.0/send_batch_transaction": {"post": _operation("Take sales, all or none", batch, answers)},
    }


def refusals() -> dict[int | str, dict[str, Any]]:
    """Give the OpenAPI answers that every other route may give when it does not do what it is asked for."""
    refused = _json(_container({"type": "null"}))
    return {
        "4XX": {"description": "Refused; `errors` name the reason and the fields", **refused},
        "5XX": {"description": "It did not work now; try again in a moment", **refused},
    }


def _accepted() -> dict[str, Any]:
    receipt = {
        "type": "object",
        "properties": {"payment_id": _optional(_TEXT), "code": _TEXT, "url": _optional(_TEXT)},
    }
    warning = {"type": "object", "properties": {"code": _TEXT, "message": _TEXT, "path": _optional(_TEXT)}}
    return {
        "type": "object",
        "properties": {
            "transaction": {"type": "object", "properties": {"id": _TEXT}},
            "sequence": {"type": "integer"},
            "digest": {"type": "string", "description": "SHA-256 of the transaction object as sent"},
            "delivery": {"type": "string", "enum": ["live", "queued"]},
            "receipts": {"type": "array", "items": receipt},
            "warnings": {"type": "array", "items": warning},
        },
    }


def _optional(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _operation(summary: str, payload: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
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
        "tags": ["sales"],
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {
            "200": {"description": "Stored", **_json(_container(answer))},
            **{
                status: {"description": meaning, **_json(_container({"type": "null"}))}
                for status, meaning in _REFUSALS.items()
            },
        },
    }


_REFUSALS = {
    "400": "It can never be right; nothing was stored",
    "401": "Unknown terminal",
    "403": "Called from elsewhere",
    "408": "The body did not arrive in time; nothing was stored",
    "413": "Too large; nothing was stored",
    "415": "Not JSON by its header; nothing was stored",
    "503": "Send the same again in a moment",
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
