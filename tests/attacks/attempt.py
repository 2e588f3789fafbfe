"""One attempt of an attack, and what counts as held."""

import re
from dataclasses import dataclass

_STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3}) ", re.MULTILINE)
_CODE = re.compile(rb'"code": ?"(\w+)"')
_LEAKS = (b"\naccess-control-", b"\nx-evil", b"traceback")
"""What no attacker may find in an answer: leave for its page, a header it wrote itself, the agent's inside."""


@dataclass(frozen=True, slots=True)
class Said:
    """All bytes that came back over a connection."""

    received: bytes

    @property
    def statuses(self) -> list[int]:
        """Give the status of each answer."""
        return [int(status) for status in _STATUS.findall(self.received)]

    @property
    def words(self) -> str:
        """Say in short what was answered."""
        codes = [code.decode() for code in _CODE.findall(self.received)]
        return " ".join([*map(str, self.statuses), *dict.fromkeys(codes)]) or "cut off"

    @property
    def harmless(self) -> bool:
        """Tell whether it neither failed inside nor gave anything away."""
        lower = self.received.lower()
        return all(status < 500 for status in self.statuses) and not any(leak in lower for leak in _LEAKS)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`held` is None where it could not be tried."""

    attack: str
    how: str
    answer: str
    held: bool | None


def turned_away(attack: str, how: str, *said: Said, answers_max: int | None = None) -> Attempt:
    """Hold that nothing was done: each answer refuses, or the connection was cut; and there are no more of them."""
    statuses = [status for one in said for status in one.statuses]
    held = all(400 <= status < 500 for status in statuses) and all(one.harmless for one in said)
    few = answers_max is None or len(statuses) <= answers_max
    return Attempt(attack, how, _together(said), held and few)


def unharmed(attack: str, how: str, *said: Said) -> Attempt:
    """Hold that what may be taken did no harm."""
    return Attempt(attack, how, _together(said), all(one.harmless for one in said))


def _together(said: tuple[Said, ...]) -> str:
    return ", ".join(dict.fromkeys(one.words for one in said))
