"""Gives up what could not be printed for so long that its guest has left, and forgets what was settled."""

from store_agent.clock import Clock
from store_agent.domain.events import Event, Tell
from store_agent.domain.prints import PrintJob, job_words
from store_agent.domain.summary import duration
from store_agent.storage.prints import Prints


class StalePrintsChore:
    """`seconds` is for how long a job may wait, in time that the agent ran (G14)."""

    def __init__(self, prints: Prints, clock: Clock, seconds: float, tell: Tell) -> None:
        self._prints = prints
        self._clock = clock
        self._seconds = seconds
        self._tell = tell
        self._last = clock.monotonic()

    async def run_once(self) -> None:
        """Let waiting jobs grow older, and end those that are too old. Raises Busy or StorageFailure."""
        passed = int(self._clock.monotonic() - self._last)
        await self._prints.grow_older(passed)
        self._last += passed
        words = f"It could not be printed within {duration(self._seconds)}."
        while given_up := await self._prints.give_up_older(int(self._seconds), words):
            for job in given_up:
                self._say(job)
        while await self._prints.purge():
            pass

    def _say(self, job: PrintJob) -> None:
        details = {"job": job.number, "printer": job.printer, "who": None}
        self._tell(Event("print.given_up", job_words(job, "", ""), details))
