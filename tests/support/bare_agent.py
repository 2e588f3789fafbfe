"""The real agent where the extra `traces` is not installed: python -m tests.support.bare_agent run -c ..."""

import sys

from store_agent.cli.main import main

if __name__ == "__main__":
    sys.modules["opentelemetry.sdk"] = None  # type: ignore[assignment] # as if it were not there
    main()
