"""How the store is, judged for machines that watch many of them: well, wants somebody's attention, or in trouble.

A line that is down is what the agent is made for: it is a finding only once sales have waited long. Findings name no
person, no amount and nothing that a sale or the platform said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from store_agent.domain.link import LinkState
from store_agent.domain.skew import CURE as SET_THE_CLOCK
from store_agent.domain.skew import NOTICEABLE_SECONDS
from store_agent.domain.space import Room
from store_agent.domain.summary import count, duration

WAITING_LONG_SECONDS = 3_600.0
"""After an hour without a line somebody should look at it: most outages of a line are over by then."""

WAITING_TOO_LONG_SECONDS = 86_400.0
"""After a day guests miss what they earned, and nobody seems to look after it."""

BACKUP_LATE_FACTOR = 2.0
"""A backup that is older than two intervals was missed once and not made up for."""

_LOOK_AT_LINE = "Look at the store's line, and at: store-agent doctor"
_HELD = "{} held back until somebody decides: store-agent outbox list --state held, then: store-agent outbox release"


class Verdict(StrEnum):
    """How the store is; the worst of its findings decides."""

    OK = "ok"
    ATTENTION = "attention"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: a stable name, how bad it is, what it means, and what to do."""

    name: str
    verdict: Verdict
    words: str
    cure: str


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the verdict looks at. Ages and times are in seconds, None where there is none or it is not known.

    `waiting` are sales and deferred calls, `calls` the calls among them, `held` those that somebody holds back.
    `stuck` tells that sales are not stored or not sent at all, `chores` how many regular tasks fail, `printers` how
    many printers keep somebody waiting, `backup_every` how often a backup is made.
    """

    link: LinkState
    waiting: int = 0
    calls: int = 0
    held: int = 0
    oldest: float | None = None
    parked: int = 0
    balanced: bool = True
    room: Room = Room.PLENTY
    stuck: bool = False
    incidents: int = 0
    chores: int = 0
    printers: int = 0
    clock_ahead: float | None = None
    backup_age: float | None = None
    backup_every: float = 86_400.0


@dataclass(frozen=True, slots=True)
class Health:
    """The verdict with its findings, the worst first; `words` are one line."""

    verdict: Verdict
    words: str
    findings: tuple[Finding, ...]


def judge(vitals: Vitals) -> Health:
    """Judge how the store is."""
    found = sorted((*_selling(vitals), *_sending(vitals), *_keeping(vitals), *_beside(vitals)), key=_urgency)
    verdict = found[0].verdict if found else Verdict.OK
    words = " ".join(one.words for one in found) or _well(vitals)
    return Health(verdict, words, tuple(found))


def _urgency(finding: Finding) -> int:
    return 0 if finding.verdict is Verdict.TROUBLE else 1


def _well(vitals: Vitals) -> str:
    line = "Online" if vitals.link is LinkState.ONLINE else "Offline, which the agent copes with by itself"
    return f"{line}; {_queue(vitals)}."


def _queue(vitals: Vitals) -> str:
    if vitals.calls:
        return count(vitals.waiting, "sale or call waits", "sales or calls wait")
    return count(vitals.waiting, "sale waits", "sales wait")


def _selling(vitals: Vitals) -> Iterator[Finding]:
    if vitals.stuck:
        words = "The agent makes no progress: sales may not be stored or sent."
        yield _trouble("stuck", words, "Look at: store-agent doctor. If it stays so: systemctl restart store-agent")
    if vitals.room is Room.FULL:
        words = "The disk is full: new sales are refused. Those taken before are safe and go on being sent."
        yield _trouble("disk_full", words, "Delete what is not needed on the store's machine; nothing else is needed.")
    if vitals.room is Room.LOW:
        words = "The disk is getting full; sales are refused once it is."
        yield _attention("disk_low", words, "Delete what is not needed on the store's machine.")


def _sending(vitals: Vitals) -> Iterator[Finding]:
    if vitals.link is LinkState.HALTED:
        words = "Sending has stopped until somebody mends the cause. Sales are safe and wait."
        yield _trouble("link_halted", words, "store-agent status says what is wrong and what to do.")
    if vitals.waiting and vitals.oldest is not None and vitals.oldest > WAITING_LONG_SECONDS:
        waits = f"{_queue(vitals)}, the oldest for {duration(vitals.oldest)}."
        make = _trouble if vitals.oldest > WAITING_TOO_LONG_SECONDS else _attention
        yield make("waiting_long", waits, _cure_of_waiting(vitals))
    if vitals.parked:
        refused = f"{count(vitals.parked, 'sale was', 'sales were')} refused by the platform and set aside."
        yield _attention("parked", refused, "store-agent outbox attention says why, and what to do.")


def _cure_of_waiting(vitals: Vitals) -> str:
    """Say what to do; what somebody holds back goes only once it is released, whatever the line does."""
    held = [_HELD.format(count(vitals.held, "is", "are"))] if vitals.held else []
    line = [_LOOK_AT_LINE] if vitals.held < vitals.waiting else []
    return ". ".join([*line, *held])


def _keeping(vitals: Vitals) -> Iterator[Finding]:
    if not vitals.balanced:
        words = "The books do not balance: a sale may be missing."
        yield _trouble("books", words, "Make a copy with store-agent backup, and tell the agent's developers.")
    if vitals.incidents:
        words = f"{count(vitals.incidents, 'damage of the database was', 'damages of the database were')} mended."
        yield _attention("incidents", words, "Read, then acknowledge: store-agent incidents list")
    if vitals.chores:
        words = f"{count(vitals.chores, 'regular task fails', 'regular tasks fail')}; sales are not affected so far."
        yield _attention("chores", words, "store-agent status says which, and why.")
    if vitals.backup_age is not None and vitals.backup_age > vitals.backup_every * BACKUP_LATE_FACTOR:
        words = f"The last backup is {duration(vitals.backup_age)} old."
        yield _attention("backup_old", words, "Make one and see what it says: store-agent backup")


def _beside(vitals: Vitals) -> Iterator[Finding]:
    if vitals.clock_ahead is not None and abs(vitals.clock_ahead) > NOTICEABLE_SECONDS:
        words = f"The clock of the store's machine is wrong by {duration(abs(vitals.clock_ahead))}; sales are safe."
        yield _attention("clock", words, SET_THE_CLOCK)
    if vitals.printers:
        words = f"{count(vitals.printers, 'printer keeps', 'printers keep')} receipts waiting; sales are not affected."
        yield _attention("printers", words, "store-agent printer list says what is wrong.")


def _trouble(name: str, words: str, cure: str) -> Finding:
    return Finding(name, Verdict.TROUBLE, words, cure)


def _attention(name: str, words: str, cure: str) -> Finding:
    return Finding(name, Verdict.ATTENTION, words, cure)
