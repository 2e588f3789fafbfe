"""What cashiers forget: offers that are locked for a sale that was never closed go back to their guests."""

from store_agent.clock import Clock
from store_agent.domain.events import Event, Tell
from store_agent.domain.offers import Use
from store_agent.domain.summary import duration
from store_agent.gateway.seams import Line, Offers


class Tidying:
    """A chore. `seconds` is for how long a lock may be open, in time that the agent ran (G14)."""

    def __init__(self, offers: Offers, line: Line, clock: Clock, seconds: float, tell: Tell) -> None:
        self._offers = offers
        self._line = line
        self._clock = clock
        self._seconds = seconds
        self._tell = tell
        self._last = clock.monotonic()

    async def run_once(self) -> None:
        """Take back what is open for too long, and forget what is long over. Raises Busy or StorageFailure."""
        now = self._clock.monotonic()
        passed = int(now - self._last)
        await self._offers.grow_older(passed)
        self._last += passed
        open_for = f"which was not closed within {duration(self._seconds)}"
        while forgotten := await self._offers.forget(int(self._seconds)):
            self._say(forgotten, open_for)
        while missed := await self._offers.miss():
            self._say(missed, "which does not arrive at the platform any more")
        while await self._offers.purge():
            pass

    def _say(self, uses: list[Use], why: str) -> None:
        for use in uses:
            words = f"Offer {use.name} was taken for sale {use.transaction_id}, {why}. {_fate(use)}"
            details = {"offer": use.name, "transaction_id": use.transaction_id, "offline": use.offline}
            self._tell(Event("offer.taken_back", words, details))
        self._line.wake()


def _fate(use: Use) -> str:
    if use.spent:
        return "It was redeemed at once; reinstate it if the guest shall have it back."
    return "It goes back to the guest." if use.ways_back else "The platform never heard of it."
