"""The person who looks after the queue, and now and then does something to it."""

from collections.abc import Callable
from random import Random

from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action, Deed
from store_agent.errors import Busy, StorageFailure
from store_agent.storage.revisions import Filter
from tests.simulation.agent import Agent, Gone
from tests.simulation.plan import Act
from tests.simulation.trace import Trace
from tests.simulation.verdict import Verdict

WHO = "Kim"

_DEEDS = {
    Act.RETRY: (Action.RETRY, State.PARKED),
    Act.HOLD: (Action.HOLD, State.WAITING),
    Act.RELEASE: (Action.RELEASE, State.HELD),
    Act.DISCARD: (Action.DISCARD, State.PARKED),
}


class Manager:
    """Acts through the agent of the moment, as its API would."""

    def __init__(self, agent: Callable[[], Agent | None], chance: Random, verdict: Verdict, trace: Trace) -> None:
        self._agent = agent
        self._chance = chance
        self._verdict = verdict
        self._trace = trace

    async def act(self, act: Act) -> bool:
        """Do something to some of the revisions it fits; gives whether the agent did it."""
        agent = self._agent()
        if agent is None:
            return False
        self._trace.note("manager", act.value)
        try:
            await agent.ask(self._act(agent, act))
        except (Gone, Busy, StorageFailure) as failure:
            self._trace.note("manager is refused", type(failure).__name__)
            return False
        return True

    async def look(self) -> None:
        """Look at the books as a manager sees them."""
        agent = self._agent()
        if agent is None:
            return
        try:
            books = await agent.ask(agent.outbox.books())
        except (Gone, StorageFailure):
            return
        self._verdict.expect(books.balanced, "G2", f"the books do not balance: {books}")

    async def _act(self, agent: Agent, act: Act) -> None:
        if act is Act.RESUME:
            await agent.mender.drain(Deed(Action.DRAIN, WHO))
            return
        action, state = _DEEDS[act]
        page = await agent.outbox.page(0, 1_000, Filter(state=state))
        chosen = [row.sequence for row in page.rows if act is Act.RELEASE or self._chance.random() < 0.5]
        await agent.mender.mend(Deed(action, WHO, "it looked wrong"), chosen)
