"""Whether the agent makes progress (G17): the writer and the drain, not the process."""

from store_agent.drain.drain import Drain
from store_agent.storage.writer import Writer

STALLED_SECONDS = 15.0
"""A commit or a turn of the drain that takes longer hangs; a slow disk needs well under a second."""


class AgentHealth:
    """Looks at what must move."""

    def __init__(self, writer: Writer, drain: Drain) -> None:
        self._writer = writer
        self._drain = drain

    def problems(self) -> list[str]:
        """Say what does not work or does not move; empty when all is well."""
        if not self._writer.alive:
            return ["The agent takes no sales: it is stopping."]
        failure = self._writer.failure
        return ([f"Sales cannot be stored: {failure}"] if failure else []) + self.hanging()

    def hanging(self) -> list[str]:
        """Say what does not move; only a new start can help there."""
        found = []
        if self._writer.stalled_seconds() > STALLED_SECONDS:
            found.append(f"The disk has not confirmed a sale for {self._writer.stalled_seconds():.0f} seconds.")
        if self._drain.stalled_seconds() > STALLED_SECONDS:
            found.append(f"Sending has not moved for {self._drain.stalled_seconds():.0f} seconds.")
        return found
