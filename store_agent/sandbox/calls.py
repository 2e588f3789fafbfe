"""The account of relayed calls, and the answers that are given again."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from store_agent.sandbox.answer import Answer
from store_agent.sandbox.call import Call


@dataclass(slots=True)
class CallTotals:
    """Counts since the start, or since the account was last forgotten.

    `calls_received`: calls that reached the server, with whatever happened to them. `calls_answered`: those that got
    an answer of the platform. `calls_repeated`: those that got the answer of an earlier call. `calls_failed_by_fault`:
    those that a fault kept from their answer. `call_conflicts`: those with a known key and another body or path.
    """

    calls_received: int = 0
    calls_answered: int = 0
    calls_repeated: int = 0
    calls_failed_by_fault: int = 0
    call_conflicts: int = 0


class Calls:
    """What arrived, in order. `changed` is called after every change of the totals."""

    def __init__(self, *, keep_bodies: bool, changed: Callable[[], None]) -> None:
        self._keep_bodies = keep_bodies
        self._changed = changed
        self.forget()

    def forget(self) -> None:
        """Start from nothing."""
        self._totals = CallTotals()
        self._heard: list[Call] = []
        self._stored: dict[str, tuple[Call, Answer]] = {}

    def arrived(self) -> None:
        """Count a call, before anything is known about it."""
        self._totals.calls_received += 1
        self._changed()

    def failed(self) -> None:
        """Count a call that a fault kept from its answer."""
        self._totals.calls_failed_by_fault += 1
        self._changed()

    def hear(self, call: Call) -> None:
        """Note a call that could be read."""
        self._heard.append(call)
        self._changed()

    def stored_answer(self, call: Call) -> Answer | None:
        """Find the answer that an earlier POST with the same `Idempotency-Key` got."""
        if call.method != "POST" or call.key is None or call.key not in self._stored:
            return None
        first, answer = self._stored[call.key]
        self._totals.call_conflicts += (first.path, first.digest) != (call.path, call.digest)
        self._totals.calls_repeated += 1
        call.repeated = True
        return answer

    def answered(self, call: Call, answer: Answer) -> None:
        """Note an answer of the platform, and keep it for repetitions."""
        call.status = answer.status
        if not self._keep_bodies:
            call.body = None
        self._totals.calls_answered += 1
        if call.method == "POST" and call.key is not None and call.authorised:
            self._stored.setdefault(call.key, (call, answer))
        self._changed()

    def totals(self) -> dict[str, int]:
        """Render the counts."""
        return asdict(self._totals)

    def as_json(self, *, bodies: bool) -> list[dict[str, Any]]:
        """Render the calls in order of arrival."""
        return [call.as_json(bodies=bodies) for call in self._heard]
