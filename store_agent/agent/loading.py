"""What the agent need not load to run."""

import sys


def load_without_rich() -> None:
    """Load the libraries that load rich where it is there, without it; whoever wants it later can have it.

    structlog would write tracebacks in colours with it, and httpx would have a command line, neither of which the agent
    uses. It would take a twentieth of the memory and of the start.
    """
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment] # what makes `import rich` fail (The import system, 5.3.1)
    try:
        import structlog.dev  # noqa: F401, PLC0415 - looks for rich once, now

        import store_agent.cloud.transport  # noqa: F401, PLC0415 - loads httpx, which does likewise
    finally:
        del sys.modules["rich"]
