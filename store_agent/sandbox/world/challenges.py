"""Skills tests: small sums that Canadian contests ask for ("Skills Test Challenge API")."""

import itertools
from dataclasses import dataclass

from store_agent.sandbox.world.refusals import declined


@dataclass(frozen=True, slots=True)
class Question:
    """A sum and its result."""

    question_id: int
    text: str
    response: int


QUESTIONS = (
    Question(100, "(2+2) + (2-2)", 4),
    Question(101, "(3*4) - (5-1)", 8),
    Question(102, "(9/3) + (7*2)", 17),
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A guest's answer to a question, for one offer."""

    challenge_id: int
    user_id: str
    offer_id: str
    valid: bool


class Challenges:
    """Asks in turn, so that runs repeat."""

    def __init__(self) -> None:
        self._asked = itertools.cycle(QUESTIONS)
        self._ids = itertools.count(1_111_111)
        self._challenges: list[Challenge] = []

    def ask(self) -> Question:
        """Give the next question."""
        return next(self._asked)

    def take(self, user_id: str, offer_id: str, question_id: str, response: object) -> Challenge:
        """Take an answer, right or wrong. Raises `BadInput` skills_test_not_found."""
        question = next((one for one in QUESTIONS if str(one.question_id) == question_id), None)
        if question is None:
            raise declined("skills_test_not_found", f"There is no skills test {question_id}")
        valid = str(response).strip() == str(question.response)
        challenge = Challenge(next(self._ids), user_id, offer_id, valid)
        self._challenges.append(challenge)
        return challenge

    def has_passed(self, user_id: str, offer_id: str) -> bool:
        """Tell whether a guest answered rightly for an offer."""
        return any((one.user_id, one.offer_id, one.valid) == (user_id, offer_id, True) for one in self._challenges)
