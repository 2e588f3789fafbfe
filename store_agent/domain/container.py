"""The request container of the POS API, read and checked.

Source: SessionM POS API, General Request Container. `store_id` and `client_id` may be left out, since the agent
knows them; `request_id` of a POS is not used upstream (G9). `culture` and unknown members belong to the request
and are passed on in their own text (G7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from store_agent.domain.jsontext import ObjectText, Span, read_root, read_text
from store_agent.errors import BadInput, FieldError

_OWN = frozenset({"store_id", "client_id", "request_id", "request_payload"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the store is to the platform; both are given by the platform."""

    store_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Container:
    """A request as far as all calls share it.

    `forwarded` is the text of the members to pass on, without braces, each as sent. `alone` is set when one of them is
    not documented, so that the request may not be merged with others (G7). `user_known` is set by a `user_id` beside
    the payload, as the Postman collection (5.4) sends it. `options` are the values of those asked for that are there.
    """

    payload: ObjectText
    forwarded: str
    alone: bool
    user_known: bool
    options: Mapping[str, Any] = field(default_factory=dict)


def read_container(body: bytes, identity: Identity, options: frozenset[str] = frozenset()) -> Container:
    """Read a request body. `options` are members that are meant for the agent and not passed on.

    Raises BadInput `invalid_json` or `invalid_field`.
    """
    text = read_text(body)
    root = read_root(text)
    errors = [error for name in ("store_id", "client_id") for error in _identity_errors(root, name, identity)]
    culture = root.get("culture")
    if culture is not None and not isinstance(culture.value, str | None):
        errors.append(FieldError("culture", "must be text"))
    payload = root.get("request_payload")
    if payload is None:
        errors.append(FieldError("request_payload", "is missing"))
    elif not isinstance(payload.value, dict):
        errors.append(FieldError("request_payload", "must be an object"))
    if errors or payload is None:
        raise BadInput("invalid_field", f"{errors[0].path} {errors[0].message}.", fields=tuple(errors))
    own = _OWN | options
    forwarded = [name for name, span in root.items() if name not in own and span.value is not None]
    return Container(
        payload=ObjectText(text, payload.start, payload.end, payload.value),
        forwarded=", ".join(text[root[name].name_start : root[name].end] for name in forwarded),
        alone=any(name != "culture" for name in forwarded),
        user_known="user_id" in forwarded and root["user_id"].value != "",
        options={name: root[name].value for name in options if name in root},
    )


def _identity_errors(root: dict[str, Span], name: str, identity: Identity) -> list[FieldError]:
    span = root.get(name)
    if span is None or span.value in (None, "") or str(span.value) == getattr(identity, name):
        return []
    return [FieldError(name, "is not the one this agent is configured for; leave it out or correct it")]
