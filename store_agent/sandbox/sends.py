"""What makes a send call acceptable; a batch is accepted as a whole or not at all.

"SessionM POS API, Send Transaction" and "Batch Send Transaction". Only what the platform must have to name a
transaction is required: recorded traffic leaves out fields that the tables call required.
"""

from collections.abc import Iterator

from store_agent.errors import BadInput, FieldError
from store_agent.sandbox.container import BATCH, Container, Sent
from store_agent.sandbox.fault import Fault


def check_sends(container: Container, batch_max: int) -> None:
    """Raise `BadInput` for an empty or oversized batch and for transactions without a name."""
    if container.endpoint == BATCH:
        _check_count(container, batch_max)
    if not container.sent:
        raise BadInput("invalid_payload", "request_payload must be an object")
    nameless = [f"{path}transaction_id" for path, sent in _paths(container) if sent.transaction_id is None]
    if nameless:
        fields = tuple(FieldError(f"request_payload.{path}", "a text is required") for path in nameless)
        raise BadInput("missing_field", f"{fields[0].path} is required", fields=fields)


def check_refusal(container: Container, fault: Fault) -> None:
    """Raise `BadInput` when a transaction of the call is one that the fault refuses."""
    culprits = [(path, name) for path, sent in _paths(container) if (name := sent.transaction_id) in fault.ids]
    if not culprits:
        return
    fields = tuple(
        FieldError(f"{path}{fault.field}", f"{fault.message} (transaction {name})") for path, name in culprits
    )
    words = f"{fault.message}: {', '.join(str(name) for _, name in culprits)}"
    raise BadInput("invalid_transaction", words, fields=fields, status=fault.answered_with)


def _check_count(container: Container, batch_max: int) -> None:
    if not container.sent:
        path = "request_payload.transactions"
        words = "a list of at least one transaction is required"
        raise BadInput("invalid_payload", f"{path}: {words}", fields=(FieldError(path, words),))
    if len(container.sent) > batch_max:
        words = f"{len(container.sent)} transactions in one call, at most {batch_max} are allowed"
        raise BadInput("too_many_transactions", words)


def _paths(container: Container) -> Iterator[tuple[str, Sent]]:
    """Pair each transaction with the prefix of its fields: `transactions.3.` in a batch, nothing alone."""
    for index, sent in enumerate(container.sent):
        yield (f"transactions.{index}." if container.endpoint == BATCH else ""), sent
