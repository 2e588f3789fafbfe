"""What a manager has to know in two seconds: are sales safe, how many wait, since when, and what is to be done."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from store_agent.tui import words

Status = dict[str, Any]


class Level(Enum):
    """How bad it is. Each has a sign and a word of its own, so that no colour is needed to tell them apart."""

    GOOD = ("✓", "ALL IS WELL")
    WAITING = ("…", "SALES WAIT")
    ATTENTION = ("!", "NEEDS YOU")
    DANGER = ("✗", "SALES ARE REFUSED")

    @property
    def sign(self) -> str:
        """Return its sign."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answers to a manager's questions; `to_do` is empty when there is nothing to do. `line` fits a heading."""

    level: Level
    line: str
    safe: str
    waiting: str
    since: str
    to_do: tuple[str, ...]


def judge(status: Status, now: float) -> Verdict:
    """Judge a status of the local API. `now` is wall time in seconds."""
    if status["link"] is None:
        return _starting(status)
    full = status["space"]["room"] == "full"
    state = status["link"]["state"]
    to_do = tuple(_to_do(status))
    return Verdict(
        level=_level(status, full=full, to_do=bool(to_do)),
        line=_line(status, now, full=full),
        safe=_safe(state, full=full),
        waiting=_waiting(status["outbox"], now),
        since=_since(status["link"], now),
        to_do=to_do,
    )


def _starting(status: Status) -> Verdict:
    said = " ".join(words.plain(one) for one in status["words"])
    return Verdict(
        Level.DANGER,
        "The agent is starting",
        f"✓ Sales taken before are safe. New ones cannot be taken yet: {said}",
        "Not known until the agent has opened its database.",
        "Not known yet.",
        ("Wait a moment. If this does not end, tell whoever looks after the agent.",),
    )


def _level(status: Status, *, full: bool, to_do: bool) -> Level:
    if full:
        return Level.DANGER
    if to_do:
        return Level.ATTENTION
    online = status["link"]["state"] == "online"
    return Level.GOOD if online and not _open_sales(status["outbox"]) else Level.WAITING


def _open_sales(outbox: Status) -> int:
    """Count the sales that are not yet at the platform and on the way there."""
    return int(outbox["waiting"] + outbox["frozen"] + outbox["held"]) - _open_calls(outbox)


def _open_calls(outbox: Status) -> int:
    """Count what waits among the sales: offers that go back to their guests, uploads."""
    return sum(int(outbox["calls"][state]) for state in ("waiting", "frozen", "held"))


def _line(status: Status, now: float, *, full: bool) -> str:
    if full:
        return "DISK FULL: new sales are refused"
    link = status["link"]
    since = words.clock_time(link["since"], now)
    if link["state"] == "halted":
        return f"STOPPED since {since}"
    if link["state"] == "backing_off":
        return f"OFFLINE since {since}"
    if not link["contacted"]:
        return "READY: nothing was sent yet"
    return f"ONLINE since {since}"


def _safe(state: str, *, full: bool) -> str:
    if full:
        return (
            "✗ NO: the disk is full and new sales are refused; the till must keep them. Sales taken before are safe on "
            "this machine and go on being sent."
        )
    then = {
        "online": "and sent to the platform by itself",
        "backing_off": "and will be sent when the line returns",
        "halted": "and will be sent once this is mended",
    }[state]
    return f"✓ Yes. Every sale is stored on this machine {then}."


def _waiting(outbox: Status, now: float) -> str:
    waits, calls = _open_sales(outbox), _open_calls(outbox)
    too = f" {words.count(calls, 'call about offers or cards waits', 'calls about offers or cards wait')} too."
    if not waits:
        said = "None. All others are at the platform." if outbox["parked"] else "None. All sales are at the platform."
        return said + (too if calls else "")
    oldest = now - (outbox["oldest_waiting_seconds"] or 0.0)
    verb = "sale waits" if waits == 1 else "sales wait"
    said = f"{waits:,} {verb} ({words.money(outbox['waiting_amount'])}), the oldest since {words.moment(oldest, now)}."
    held = f" {words.count(outbox['held'], 'of them is', 'of them are')} held back." if outbox["held"] else ""
    return said + held + (too if calls else "")


def _since(link: Status, now: float) -> str:
    since = words.moment(link["since"], now)
    reason = words.plain(link["reason"])
    if link["state"] == "halted":
        return f"Sending stopped at {since}: {reason}"
    if link["state"] == "backing_off":
        return f"Offline since {since}: {reason} The agent keeps trying by itself."
    return f"Online since {since}." if link["contacted"] else "Nothing was sent since the agent started."


def _to_do(status: Status) -> list[str]:
    """List what a person has to do, the most urgent first."""
    found = []
    if status["space"]["room"] == "full":
        found.append("Delete what is not needed on this machine; sales are then taken again by themselves.")
    if status["link"]["state"] == "halted":
        found.append(words.plain(status["link"]["cure"]))
    parked = status["outbox"]["parked"]
    if parked:
        refused = words.count(parked, "sale was", "sales were")
        found.append(f"{refused} refused by the platform: press 3 to see why and to mend it.")
    found += [words.plain(incident["words"]) + " Press 8, then k, to confirm it." for incident in status["incidents"]]
    if status["space"]["room"] == "low":
        found.append("The disk is getting full: delete what is not needed on this machine.")
    return found + [words.plain(said) for said in status["notices"]]
