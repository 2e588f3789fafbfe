"""What is told of a request once its answer is written down."""

from store_agent.domain.batch import FrozenBatch
from store_agent.domain.events import Event, Tell
from store_agent.domain.outcome import Outcome, Refused
from store_agent.domain.settle import Decision, Park


def tell_settled(batch: FrozenBatch, decision: Decision, tell: Tell) -> None:
    """Tell of a sale or a call that is set aside; what is delivered is told as a whole, when the queue is empty."""
    if isinstance(decision, Park):
        what = "a call about an offer or a card" if batch.deferred else "a sale"
        words = f"The platform refused {what}; it is set aside for the manager. {decision.words}"
        tell(Event("sale.parked", words, {"sequence": batch.members[0], "fields": list(decision.fields)}))


def tell_answered(batch: FrozenBatch, outcome: Outcome, tell: Tell) -> None:
    """Tell of an offer that the agent wanted to give back by itself, and the platform did not take."""
    if batch.tidying and isinstance(outcome, Refused):
        words = f"The platform did not take back what the agent gave back by itself. {outcome.words}"
        tell(Event("offer.not_taken_back", words, {"sequence": batch.members[0]}))
