"""One relayed call: of the core upstream (`/priv/...`, `/api/v1/...`) or of the connect upstream."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from store_agent.errors import BadInput
from store_agent.sandbox.world.refusals import declined

CORE = "core"
CONNECT = "connect"

_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


@dataclass(slots=True, kw_only=True)
class Call:
    """A call as it came, and what became of it.

    `path`: as sent, without the query. `names`: the parts of the path that its route gives names to. `key`: of
    `Idempotency-Key`. `body`: None when it is not kept. `digest`: its SHA-256. `at`: monotonic seconds of its arrival.
    `status`: of the answer, None while there is none or when a fault took its place. `repeated`: it got the answer of
    an earlier call with its key.
    """

    upstream: str
    method: str
    path: str
    query: str
    parameters: Mapping[str, str]
    names: Mapping[str, str]
    authorised: bool
    key: str | None
    body: bytes | None
    digest: str
    at: float
    status: int | None = None
    repeated: bool = False

    @property
    def container(self) -> None:
        """A relayed call carries no transactions, so that faults about those pass it by."""
        return

    def fields(self, inner: str | None = None) -> dict[str, Any]:
        """Read the body's object, or the object of that name in it. Raises `BadInput`."""
        value = _read(self.body or b"")
        if inner is not None:
            value = value.get(inner) if isinstance(value, dict) else None
        if not isinstance(value, dict):
            raise declined("missing_data", f"{inner or 'The body'} must be an object")
        return value

    def flag(self, name: str) -> bool:
        """Tell whether a parameter of the query is true."""
        return self.parameters.get(name, "").lower() == "true"

    def count(self, name: str, usual: int) -> int:
        """Read a whole number from 1 of the query. Raises `BadInput` argument_error."""
        text = self.parameters.get(name, str(usual))
        if re.fullmatch(r"[1-9][0-9]{0,8}", text) is None:
            raise declined("argument_error", f"{name} must be a whole number from 1")
        return int(text)

    def as_json(self, *, bodies: bool) -> dict[str, Any]:
        """Render one row of the account."""
        return {
            **{name: getattr(self, name) for name in ("upstream", "method", "path", "query", "authorised")},
            "idempotency_key": self.key,
            "status": self.status,
            "repeated": self.repeated,
            "sha256": self.digest,
            "at": self.at,
            **({"body": None if self.body is None else self.body.decode(errors="replace")} if bodies else {}),
        }


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """Read a text that must be there. Raises `BadInput` missing_data."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise declined("missing_data", f"{name} is required")
    return value


def objects_of(fields: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Read a list of objects that must be there. Raises `BadInput` missing_data."""
    value = fields.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise declined("missing_data", f"{name} must be a list of objects")
    return value


def amount_of(fields: Mapping[str, Any], name: str) -> int | float:
    """Read a positive number. Raises `BadInput` argument_error."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise declined("argument_error", f"{name} must be a number above 0")
    return value


def page_of(rows: list[Any], fields: Mapping[str, Any]) -> list[Any]:
    """Cut the page that `skip` and `take` ask for. Raises `BadInput` argument_error."""
    skip, take = fields.get("skip") or 0, fields.get("take") or len(rows)
    if not isinstance(skip, int) or not isinstance(take, int) or skip < 0 or take < 0:
        raise declined("argument_error", "skip and take must be whole numbers from 0")
    return rows[skip : skip + take]


def _read(body: bytes) -> Any:
    """Read JSON; recorded requests to the connect upstream carry comments, which it takes."""
    try:
        text = _COMMENT.sub(lambda found: found[1] or " ", body.decode())
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BadInput("argument_error", f"The body is not JSON: {error}") from None


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
