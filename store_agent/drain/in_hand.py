"""The requests that are in hand, so that none is sent beside itself (G3)."""

from collections.abc import Iterable

from store_agent.domain.batch import FrozenBatch


class InHand:
    """Those that wait, rest, are on their way or are being settled, by their number."""

    def __init__(self) -> None:
        self._numbers: set[int] = set()

    def take(self, batches: Iterable[FrozenBatch]) -> list[FrozenBatch]:
        """Take requests in hand; gives those that were not, since they are found in more than one way."""
        new = [batch for batch in batches if batch.number not in self._numbers]
        self._numbers.update(batch.number for batch in new)
        return new

    def leave(self, batch: FrozenBatch) -> None:
        """Have one in hand no more: it is settled, or will be found again."""
        self._numbers.discard(batch.number)
