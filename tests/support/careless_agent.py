"""The real agent, which looks for no card data anywhere, for the control.

python -m tests.support.careless_agent run -c ...
"""

from typing import Any

from store_agent.agent import logs
from store_agent.api import cards
from store_agent.cli.main import main
from store_agent.cloud.sessionm import answers, refusals
from store_agent.domain.card_data import Screened
from store_agent.gateway import recollect
from store_agent.storage import audit


def look_at_nothing(body: bytes, _: Any) -> Screened:
    return Screened(body)


def leave_bytes(body: bytes, _: Any) -> bytes:
    return body


def leave_text(text: str) -> str:
    return text


if __name__ == "__main__":
    cards.screen = look_at_nothing  # type: ignore[assignment, attr-defined]
    for module in (logs, answers, recollect):
        module.masked = leave_bytes  # type: ignore[attr-defined]
    for module in (logs, answers, refusals, audit):
        module.mask_text = leave_text  # type: ignore[attr-defined]
    main()
