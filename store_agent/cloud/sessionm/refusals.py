"""A refusal of the platform in plain words for a manager, and the fields it names.

Source: SessionM POS API, General Response Container: `errors` holds error and validation details and is not described
further, so that it is read in every form that APIs of this kind use. The platform's own text is kept beside this.
"""

import re
from typing import Any, NamedTuple

from store_agent.domain.card_numbers import mask_text

WORDS_MAX = 300
"""Characters of the platform's message that are repeated to a manager."""

FIELDS_MAX = 20

_NAMES = {
    "employee": "employee",
    "pos_employee": "employee",
    "cashier": "employee",
    "item": "item",
    "product": "item",
    "sku": "item",
    "user": "customer",
    "customer": "customer",
    "member": "customer",
    "store": "store",
    "location": "store",
    "client": "client",
    "retailer": "client",
    "offer": "offer",
    "user_offer": "offer",
    "discount": "discount",
    "payment": "payment",
    "tender": "payment",
    "channel": "channel",
    "receipt_code": "receipt code",
    "guest_receipt_code": "receipt code",
}
_THING = r"(?P<thing>[A-Za-z_]+(?: code)?)(?:[_ ]?id)?"
_VALUE = r"[ :=#]*['\"]?(?P<value>[\w.-]*\d[\w.-]*?)['\"]?"
_UNKNOWN = (
    re.compile(rf"\b(?:unknown|unrecogni[sz]ed|no such|invalid) {_THING}{_VALUE}(?=[\s.,:;!]|$)", re.IGNORECASE),
    re.compile(
        rf"\b{_THING}{_VALUE} (?:was |is |could |can |does )?(?:not |never )?(?:be )?"
        r"(?:found|known|unknown|exist|recogni[sz]ed)\b",
        re.IGNORECASE,
    ),
)
_TWICE = re.compile(r"\b(duplicate|already (exists|processed|submitted|recorded|closed))\b", re.IGNORECASE)
_MISSING = re.compile(r"\b(?P<field>[\w.]+) (?:is |was )?(?:required|missing)\b|can'?t be blank", re.IGNORECASE)


class Refusal(NamedTuple):
    """`words` for the manager, `fields` as the platform names them."""

    words: str
    fields: tuple[str, ...]


def read_refusal(container: dict[str, Any]) -> Refusal:
    """Read the errors of a container whose status is not OK."""
    errors = container.get("errors") or container.get("error")
    fields = tuple(dict.fromkeys(_harmless(name) for name in _fields(errors)))[:FIELDS_MAX]
    message = _harmless(_message(errors))[:WORDS_MAX]
    if not message:
        named = f" (it names {', '.join(fields)})" if fields else ""
        return Refusal(f"The platform refuses it without a reason{named}.", fields)
    return Refusal(_plain(message), fields)


def _plain(message: str) -> str:
    for pattern in _UNKNOWN:
        found = pattern.search(message)
        thing = _NAMES.get(found["thing"].lower().replace(" ", "_").removesuffix("_id")) if found else None
        if found and thing:
            return f"The platform does not know {thing} {found['value']}."
    if _TWICE.search(message):
        return f"The platform says that it has this sale already: {message}"
    missing = _MISSING.search(message)
    if missing and missing["field"]:
        return f"The platform misses {missing['field']} in this sale: {message}"
    return f"The platform refuses it: {message}"


def _message(errors: Any) -> str:
    if isinstance(errors, list):
        return "; ".join(text for text in map(_message, errors) if text)
    if isinstance(errors, dict):
        said = errors.get("message") or errors.get("description") or errors.get("code")
        return "" if said is None or isinstance(said, dict | list) else str(said)
    return "" if errors is None else str(errors)


def _fields(errors: Any) -> list[str]:
    """Find the names of fields: a list of objects with a path, a list of names, or an object by name."""
    if isinstance(errors, list):
        return [name for one in errors for name in _fields(one)]
    if not isinstance(errors, dict):
        return []
    own = [str(errors[key]) for key in ("path", "field", "property", "parameter") if isinstance(errors.get(key), str)]
    for key in ("fields", "details", "validation", "validation_errors", "errors"):
        inner = errors.get(key)
        if isinstance(inner, dict):
            own += [str(name) for name in inner]
        elif isinstance(inner, list):
            own += [name for one in inner for name in ([one] if isinstance(one, str) else _fields(one))]
    return own


def _harmless(text: str) -> str:
    """Replace half a character, which JSON can carry and no database column can, and mask card numbers (G16)."""
    return mask_text(text.encode("utf-8", "replace").decode())
