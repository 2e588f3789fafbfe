"""Who hears of the calls to the platform, to measure and to trace them."""

from typing import NamedTuple

from store_agent.domain.outcome import Outcome

PROBE = "probe"
"""Named as endpoint of the question whether the platform is there, which carries no sale."""


class Call(NamedTuple):
    """A call to the platform.

    `sequences` are those that it carries, none at the counter; `attempt` counts from 1, for as long as the agent runs.
    """

    endpoint: str
    request_id: str
    sequences: tuple[int, ...] = ()
    attempt: int = 1


class Observer:
    """Takes no notice; whoever measures stands in its place. It never fails and never waits."""

    def request_made(self, sales: int) -> None:
        """Hear that a request was made of so many sales; on the writer's thread, and again if a commit is repeated."""

    def call_ended(self, call: Call, outcome: Outcome, seconds: float) -> None:
        """Hear what a call came to, and how long it took from its first byte to the last of its answer.

        Heard by the task that made the call, as it ends.
        """


UNOBSERVED = Observer()
