"""Reads the agent's container (DESIGN, section 6)."""

import json
from typing import Any

from store_agent.cloud.transport import Answer
from store_agent.errors import FieldError, Unavailable
from store_agent.local.problems import Refused


def payload_of(answer: Answer) -> Any:
    """Return what was asked for. Raises Refused, or Unavailable when it is not the agent that answers."""
    try:
        container = json.loads(answer.body)
        refused = None if container["status"] == "OK" else _refused(answer.status, container["errors"])
        payload = container["payload"]
    except (ValueError, KeyError, TypeError):
        raise Unavailable("Another program answers on the agent's port; check api.port.") from None
    if refused is not None:
        raise refused
    return payload


def _refused(status: int, errors: dict[str, Any]) -> Refused:
    fields = tuple(FieldError(field["path"], field["message"]) for field in errors["fields"])
    return Refused(status, errors["code"], errors["message"], fields)
