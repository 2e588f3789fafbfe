"""The real agent with short days: `python -m tests.soak.hurried_agent DAY_SECONDS run -c ...`.

Retention counts days that the agent ran; nothing would grow old in an hour of real days. Only how long a day lasts is
changed.
"""

import sys

from store_agent.cli.main import main
from store_agent.storage import retention

CODES_KEEP_DAYS = 8
"""Short days for which receipt codes outlive their sale, so that they too come to an end within the hour."""


def hurry() -> None:
    """Run the agent that the command line asks for."""
    retention.DAY_SECONDS = int(sys.argv.pop(1))
    retention.MILESTONE_SECONDS = max(1, retention.DAY_SECONDS // 4)
    retention.CODES_KEEP_DAYS = CODES_KEEP_DAYS
    main()


if __name__ == "__main__":
    hurry()
