"""Does repairs of any size: in parts, so that sales get their turn between, and tells what was done."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from store_agent.api.seams import Line, Outbox, Repair
from store_agent.domain.events import Event, Tell
from store_agent.domain.repair import Action, Deed
from store_agent.domain.summary import count
from store_agent.errors import AgentError, Busy, StorageFailure
from store_agent.storage.repair import REPAIR_MAX, Repaired
from store_agent.storage.revisions import Filter

RESULTS_MAX = 1_000
"""Results that are kept to be shown; the counts are always complete."""

_WORDS = {
    Action.RETRY: ("refused sale goes out again", "refused sales go out again"),
    Action.HOLD: ("sale is held back", "sales are held back"),
    Action.RELEASE: ("held sale goes out again", "held sales go out again"),
    Action.DISCARD: ("refused sale was discarded", "refused sales were discarded"),
}


@dataclass(slots=True)
class Account:
    """What came of a repair. `failure` is set when storage failed after a part was done; the rest was not tried."""

    done: int = 0
    not_done: int = 0
    failure: AgentError | None = None
    _problems: list[Repaired] = field(default_factory=list)
    _fine: list[Repaired] = field(default_factory=list)

    def add(self, results: Sequence[Repaired]) -> None:
        """Count the results of a part."""
        for result in results:
            kept = self._problems if result.problem else self._fine
            if len(kept) < RESULTS_MAX:
                kept.append(result)
            self.done += not result.problem
            self.not_done += bool(result.problem)

    @property
    def results(self) -> list[Repaired]:
        """Return what became of the sales, problems first."""
        return [*self._problems, *self._fine][:RESULTS_MAX]


class Mender:
    """Repairs the queue, lets the drain know, and tells it once for each call."""

    def __init__(self, outbox: Outbox, repair: Repair, line: Line, tell: Tell) -> None:
        self._outbox = outbox
        self._repair = repair
        self._line = line
        self._tell = tell

    async def mend(self, deed: Deed, sequences: Sequence[int]) -> Account:
        """Repair these, each once. Raises Busy or StorageFailure; nothing is done then."""
        account = Account()
        await self._part(deed, list(dict.fromkeys(sequences)), account)
        self._say(deed, account.done)
        return account

    async def mend_all(self, deed: Deed, which: Filter) -> Account:
        """Repair everything that matches. Raises Busy or StorageFailure if that happens before anything is done."""
        account = Account()
        try:
            await self._walk(deed, which, account)
        except (Busy, StorageFailure) as failure:
            if not account.done:
                raise
            account.failure = failure
        finally:
            self._say(deed, account.done)
        return account

    async def drain(self, deed: Deed) -> int:
        """Have sending tried now; gives how many refused sales go again. Raises Busy or StorageFailure."""
        await self._repair.note(deed)
        again = await self._line.resume()
        self._tell(_event(deed, again, f"Sending is tried now, asked for by {deed.who}."))
        return again

    async def _walk(self, deed: Deed, which: Filter, account: Account) -> None:
        after: int | None = 0
        while after is not None:
            page = await self._outbox.page(after, REPAIR_MAX, which)
            await self._part(deed, [row.sequence for row in page.rows], account)
            after = page.next_after

    async def _part(self, deed: Deed, sequences: Sequence[int], account: Account) -> None:
        before = account.done
        try:
            account.add(await self._repair.do(deed, sequences))
        except StorageFailure:
            self._line.wake()  # the commit may have been done all the same
            raise
        if account.done > before:
            self._line.wake()

    def _say(self, deed: Deed, done: int) -> None:
        if done:
            words = f"{count(done, *_WORDS[deed.action])}, asked for by {deed.who}."
            self._tell(_event(deed, done, words))


def _event(deed: Deed, done: int, words: str) -> Event:
    return Event("queue.repaired", words, {"action": deed.action.value, "who": deed.who, "done": done})
