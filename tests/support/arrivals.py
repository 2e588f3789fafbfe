"""Sales as they reach the storage layer, and requests as a platform would make them."""

import itertools
import json
import uuid
from collections.abc import Sequence
from typing import Any

from store_agent.domain.batch import Member, Request
from store_agent.domain.jsontext import ObjectText, read_root
from store_agent.domain.transaction import read_sale
from store_agent.storage.intake import Arrival
from tests.support.sales import sale

_numbers = itertools.count(1)


def arrival(
    transaction_id: str = "T-1", *, terminal: str = "lane-1", forwarded: str = "", alone: bool = False, **fields: Any
) -> Arrival:
    text = json.dumps(sale(transaction_id, **fields))
    body = ObjectText(text, 0, len(text), {name: span.value for name, span in read_root(text).items()})
    return Arrival(terminal, read_sale(body, ""), forwarded, alone, live=True, at="")


def another(transaction_id: str) -> Arrival:
    """Make a state of the transaction that was never sent before."""
    return arrival(transaction_id, custom_data={"revision": next(_numbers)})


def assemble(members: Sequence[Member]) -> Request:
    body = b"[" + b",".join(member.payload for member in members) + b"]"
    return Request(str(uuid.uuid4()), "send_batch_transaction", body)
