"""The real agent, which trips over every seventh sale by the length of its body, for the control.

python -m tests.support.fragile_agent run -c ...
"""

from typing import Any

from store_agent.api.ingest import Ingest
from store_agent.cli.main import main

_take_one = Ingest._take_one


async def trip(ingest: Ingest, terminal: str, body: bytes, wish: Any) -> dict[str, Any]:
    """Fail inside, now and then."""
    if len(body) % 7 == 0:
        raise RuntimeError("tripped")
    return await _take_one(ingest, terminal, body, wish)


if __name__ == "__main__":
    Ingest._take_one = trip  # type: ignore[assignment, method-assign]
    main()
