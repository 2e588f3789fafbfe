"""What the log says of sales at the door: those that are refused, each once; those that are taken, only at debug."""

import json
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import structlog
from starlette.types import Scope

from store_agent.api.bugs import note_bug
from store_agent.api.rates import Rates
from store_agent.clock import Clock
from store_agent.domain.card_numbers import mask_text
from store_agent.domain.jsontext import clip
from store_agent.errors import AgentError, BadInput
from store_agent.storage.intake import Accepted

REFUSED_MAX = 1_000
"""Refusals that are remembered, so that a till that sends the same again and again is told of once."""

TOLD_PER_SECOND = 1 / 10
TOLD_BURST = 100
"""How often those of one terminal are told: a POS that has run wild must not fill the log."""

READ_BYTES_MAX = 262_144
"""Refused bodies are read once more for the names in them; a larger one would hold up the tills."""

NAME_MAX = 64
"""Letters of a name that are logged; ids are shorter."""

READ_LETTERS_MAX = 4 * NAME_MAX
"""Letters of a name that are looked at: a card number that begins in what is logged ends before, spaced out or not."""

_UNSEEN = "Whoever looks after the POS has to correct that; it is logged once."


class SaleLog:
    """Knows which refusals were told. Which terminal calls is bound by the door."""

    def __init__(self, clock: Clock) -> None:
        self._log = structlog.get_logger("api").bind()  # made once: a sale must not pay for a line that nobody wants
        self._refused: OrderedDict[tuple[str, ...], None] = OrderedDict()
        self._telling = Rates(clock, TOLD_PER_SECOND, TOLD_BURST)
        self.verbose = self._log.is_enabled_for(logging.DEBUG)

    def taken(self, body: bytes, accepted: Sequence[Accepted]) -> None:
        """Log sales that are about to be answered."""
        asked = names_in(body).get("pos_request_id")
        for one in accepted:
            self._log.debug(
                "sale.taken",
                words=f"Sale {one.sequence} was taken{' before' if one.repeated else ''} and is on disk.",
                sequence=one.sequence,
                transaction_id=_name(one.transaction_id),
                pos_request_id=asked,
                repeated=one.repeated,
                delivery="live" if one.live else "queued",
            )

    def refused(self, terminal: str, body: bytes, problem: AgentError) -> None:
        """Log why sales are not stored: once what is wrong with them; the agent's own trouble is told elsewhere."""
        if not isinstance(problem, BadInput):
            self._log.debug("sale.not_stored", words=f"Sales were not stored. {problem}", reason=str(problem))
            return
        path = problem.fields[0].path if problem.fields else ""
        names = names_in(body, path)
        words = f"A call with sales of {terminal} was refused, and nothing of it is stored: {problem.message} {_UNSEEN}"
        told = self._may_tell(terminal, (terminal, problem.code, path, names.get("transaction_id", "")))
        level = logging.WARNING if told else logging.DEBUG
        self._log.log(level, "sale.refused", words=words, code=problem.code, path=path, **names)

    def bug(self, body: bytes, problem: Exception, scope: Scope) -> None:
        """Log a fault of the agent with the names of the sale."""
        note_bug(problem, scope, **names_in(body))

    def _may_tell(self, terminal: str, refusal: tuple[str, ...]) -> bool:
        if refusal in self._refused:
            self._refused.move_to_end(refusal)
            return False
        if self._telling.wait(terminal) > 0:
            return False
        self._refused[refusal] = None
        if len(self._refused) > REFUSED_MAX:
            self._refused.popitem(last=False)
        return True


def names_in(body: bytes, path: str = "") -> dict[str, str]:
    """Find the POS's own request_id and the id of the transaction, as far as a body can be read.

    `path` is that of a field: in a call with many sales it tells which one is meant.
    """
    container = _read(body)
    payload = container.get("request_payload")
    sale = _sale(payload, path) if isinstance(payload, dict) else None
    found = {
        "pos_request_id": container.get("request_id"),
        "transaction_id": sale.get("transaction_id") if isinstance(sale, dict) else None,
    }
    return {name: _name(str(value)) for name, value in found.items() if isinstance(value, str | int)}


def _name(text: str) -> str:
    """Shorten a name; masked before, since half a card number is not known for one (G16)."""
    return clip(mask_text(text[:READ_LETTERS_MAX]), NAME_MAX)


def _read(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body) if len(body) <= READ_BYTES_MAX else None
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _sale(payload: dict[str, Any], path: str) -> Any:
    sales, position = payload.get("transactions"), path.removeprefix("request_payload.transactions.").partition(".")[0]
    if not isinstance(sales, list):
        return payload
    return sales[int(position)] if position.isdecimal() and int(position) < len(sales) else None
