"""The real agent, but what is deleted stays in the file until something else is written there: a baseline."""

import sys
from pathlib import Path

from store_agent.agent import runtime
from store_agent.storage import connection

if __name__ == "__main__":
    kept = tuple(pragma for pragma in connection._WRITER if "secure_delete" not in pragma)  # noqa: SLF001 - a baseline
    connection._WRITER = kept  # type: ignore[assignment]  # noqa: SLF001 - fewer than there are
    runtime.run(Path(sys.argv[1]))
