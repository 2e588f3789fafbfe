"""The real agent, but every unit of work gets a commit of its own: the baseline of `slow_disk`."""

import sys
from pathlib import Path

from store_agent.agent import runtime
from store_agent.storage import writer

if __name__ == "__main__":
    assert writer.GROUP_MAX > 1  # else the name has moved, and this would be the agent as it is
    writer.GROUP_MAX = 1
    runtime.run(Path(sys.argv[1]))
