"""What becomes of kept sales: one pass over the directory, deciding after each answer, without HTTP.

Order is kept per transaction: while one of its revisions has no definite answer, later ones wait. A
refusal is definite, since each revision carries the whole sale.
"""

from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Self

from .call import Call
from .calls import Calls, written_id
from .exact import write_json
from .kept import DAMAGED, REFUSED, KeptSales, TurnTaken
from .problems import AgentProblem, NotKept, NotNow, OutcomeUnknown, Refused
from .results import Taken

DOUBTS_MAX = 3
"""Sales without a definite answer before a pass ends.

One that the agent fails at must not hold up the others, but a cashier may be waiting for the pass.
"""

_SALE_AT_FAULT = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}


@dataclass(frozen=True, slots=True)
class SetAside:
    """A sale that will not be sent again by itself.

    It was refused, and its error lies beside the file; or its file is damaged (`transaction_id` and `problem` None).
    """

    transaction_id: str | None
    file: Path
    problem: Refused | None


@dataclass(frozen=True, slots=True)
class Flushed:
    """What a pass did. `left` sales of it still wait, None if that is not known; `problem` tells why, if any."""

    taken: tuple[Taken, ...]
    set_aside: tuple[SetAside, ...]
    left: int | None
    problem: AgentProblem | None

    def of(self, transaction_id: str) -> Taken | None:
        """Give the answer for the newest state of a transaction that was taken, None if none was."""
        return next((one for one in reversed(self.taken) if one.transaction_id == transaction_id), None)


class Pass:
    """Ask `next_call`, make the call, tell `settle`, until there is none; then see `flushed`. A context manager."""

    def __init__(self, kept: KeptSales, calls: Calls) -> None:
        self._kept = kept
        self._calls = calls
        self._turn = ExitStack()
        self._waiting: deque[str] = deque()
        self._name = self._transaction_id = ""
        self._blocked: set[str] = set()
        self._doubts = 0
        self._taken: list[Taken] = []
        self._set_aside: list[SetAside] = []
        self._left: int | None = None
        self._problem: AgentProblem | None = None

    def __enter__(self) -> Self:
        """Take the turn and see what waits; where that fails there is nothing to send, and `flushed` tells why."""
        try:
            self._turn.enter_context(self._kept.flush_turn())
            self._waiting.extend(self._kept.names())
            self._left = len(self._waiting)
        except TurnTaken:
            self._problem = NotNow("busy", "Another plugin is sending these sales right now.")
        except NotKept as problem:
            self._problem = problem
        return self

    def __exit__(self, *_: object) -> None:
        """Let others have their turn."""
        self._turn.close()

    @property
    def flushed(self) -> Flushed:
        """Tell what was done so far."""
        return Flushed(tuple(self._taken), tuple(self._set_aside), self._left, self._problem)

    def next_call(self) -> Call[Taken] | None:
        """Give the call for the next sale that may go, None at the end of the pass."""
        while self._waiting:
            self._name = self._waiting.popleft()
            try:
                body = self._kept.read(self._name)
                self._transaction_id = written_id(body)
            except ValueError:
                self._put_aside(DAMAGED, None)
            except NotKept as problem:
                self._stop(problem)
            else:
                if self._transaction_id not in self._blocked:
                    return self._calls.send_written(self._transaction_id, body)
        return None

    def settle(self, outcome: Taken | AgentProblem) -> None:
        """Decide on the sale of the last call."""
        match outcome:
            case Taken():
                self._taken.append(outcome)
                self._end(partial(self._kept.remove, self._name))
            case Refused() if _is_about_the_sale(outcome):
                self._put_aside(REFUSED, outcome)
            case OutcomeUnknown():
                self._pass_over(outcome)
            case _:
                self._stop(outcome)

    def _put_aside(self, folder: str, problem: Refused | None) -> None:
        transaction_id = None if problem is None else self._transaction_id
        note = None if problem is None else _note(problem)
        self._set_aside.append(SetAside(transaction_id, self._kept.place(self._name, folder), problem))
        self._end(partial(self._kept.set_aside, self._name, folder, note))

    def _end(self, leave: Callable[[], None]) -> None:
        """Have a sale leave the queue."""
        try:
            leave()
        except NotKept as problem:
            self._stop(problem)
        else:
            self._left = (self._left or 1) - 1

    def _pass_over(self, problem: OutcomeUnknown) -> None:
        """Leave a transaction for the next pass, all its states in order, and go on with others."""
        self._problem = self._problem or problem
        self._blocked.add(self._transaction_id)
        self._doubts += 1
        if self._doubts >= DOUBTS_MAX:
            self._waiting.clear()

    def _stop(self, problem: AgentProblem) -> None:
        self._problem = problem
        self._waiting.clear()


def _is_about_the_sale(problem: Refused) -> bool:
    """Tell a sale that can never be taken from a wrong member of the container, which would refuse every sale."""
    own = [field for field in problem.fields if field.path.startswith("request_payload")]
    return problem.status in _SALE_AT_FAULT and (bool(own) or not problem.fields)


def _note(problem: Refused) -> str:
    fields = [{"path": field.path, "message": field.message} for field in problem.fields]
    return write_json({"code": problem.code, "message": problem.message, "fields": fields})
