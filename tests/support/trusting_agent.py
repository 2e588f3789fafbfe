"""The real agent, which takes everybody on its Unix socket for a manager, for the control.

python -m tests.support.trusting_agent run -c ...
"""

from typing import Any

from store_agent.api.peers import Peers
from store_agent.cli.main import main


def trust(*_: Any) -> bool:
    """Look at nobody."""
    return True


if __name__ == "__main__":
    Peers._belongs = trust  # type: ignore[assignment, method-assign]
    main()
