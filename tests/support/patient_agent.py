"""The real agent, which waits for its callers for ever and makes no room, for the control.

python -m tests.support.patient_agent run -c ...
"""

from typing import Any

from store_agent.api.connections import Connections
from store_agent.api.protocol import BoundedProtocol
from store_agent.cli.main import main


def wait(*_: Any) -> bool:
    """Do nothing about it."""
    return False


if __name__ == "__main__":
    for deadline in ("_watch_head", "_watch_request", "_watch_untaken"):
        setattr(BoundedProtocol, deadline, wait)
    Connections._make_room = wait  # type: ignore[assignment, method-assign]
    main()
