"""What the log says of faults of the agent itself; the caller is told nothing of them but to send the same again."""

import structlog
from starlette.types import Scope

FAULT = "fault"
"""In the state of a request: the agent itself failed at it."""

_log = structlog.get_logger("api")


def note_bug(problem: Exception, scope: Scope, **names: str) -> None:
    """Log a fault with its traceback, and mark the request; `names` tell what it was about."""
    scope.setdefault("state", {})[FAULT] = True
    words = (
        "A request failed by a fault of the agent; nothing of it was answered as taken. Tell whoever looks after it."
    )
    _log.error("api.bug", words=words, path=scope["path"], exc_info=problem, **names)
