"""The real agent, which looks at no name and at no web page, for the control.

python -m tests.support.open_agent run -c ...
"""

from typing import Any

from store_agent.api.sites import Sites
from store_agent.cli.main import main


def look_at_nothing(*_: Any) -> None:
    """Refuse nobody."""


if __name__ == "__main__":
    Sites._answer = look_at_nothing  # type: ignore[assignment, method-assign]
    main()
