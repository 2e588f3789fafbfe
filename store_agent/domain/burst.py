"""The burst guard: many refusals in a row with nothing accepted are a fault of the configuration (G6)."""

from dataclasses import dataclass

from store_agent.domain.batch import FrozenBatch
from store_agent.domain.outcome import Delivered, Halted, Outcome, Refused, TooLarge

BURST_MAX = 20
"""Sales refused one by one, with none accepted between, until the link halts."""

_CURE = (
    "Check store.store_id, store.client_id and cloud.base_url, and ask the platform whether this store is set up. Then "
    "restart the agent, or, if nothing had to be changed here: store-agent outbox drain. Refused sales go again then."
)


@dataclass(frozen=True, slots=True)
class Burst:
    """`count` refusals so far; `unmarked` are the revisions that have to be marked once it is a burst."""

    count: int = 0
    unmarked: tuple[int, ...] = ()

    def reached(self, most: int) -> bool:
        """Tell whether it is a burst."""
        return self.count >= most

    def marked(self) -> "Burst":
        """Return the burst once its revisions are marked."""
        return Burst(self.count)


def after(burst: Burst, outcome: Outcome, batch: FrozenBatch, most: int) -> Burst:
    """Return the burst after an outcome.

    A sale that was refused before and comes again says nothing new, so that sales a person retries in vain do not
    halt the line; once it is a burst they belong to it too.
    """
    if isinstance(outcome, Delivered):
        return Burst()
    alone = isinstance(outcome, Refused | TooLarge) and len(batch.members) == 1
    if not alone or (batch.refused_before and not burst.reached(most)):
        return burst
    return Burst(min(burst.count + 1, most), (*burst.unmarked, batch.members[0]))


def halted(most: int, outcome: Refused | TooLarge) -> Halted:
    """Give what a burst means for the line."""
    words = f"The platform refused {most} sales in a row and took none; the last time: {outcome.words}"
    return Halted(words, _CURE, outcome.said)
