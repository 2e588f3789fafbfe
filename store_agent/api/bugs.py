"""What the log says of faults of the agent itself; the caller is told nothing of them but to send the same again."""

import structlog

_log = structlog.get_logger("api")


def note_bug(problem: Exception, path: str, **names: str) -> None:
    """Log a fault with its traceback; `names` tell what the request was about."""
    words = (
        "A request failed by a fault of the agent; nothing of it was answered as taken. Tell whoever looks after it."
    )
    _log.error("api.bug", words=words, path=path, exc_info=problem, **names)
