"""The state of a store's queue in words for its manager: are sales safe, how many wait, since when, what to do."""

from dataclasses import dataclass
from datetime import datetime

from store_agent.domain import money
from store_agent.domain.link import Link, LinkState


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What the words need: sales not yet at the platform, their amount in units of the books, parked ones.

    `oldest_seconds` is the age of the oldest thing not yet at the platform, None if there is none. `open_calls` are
    calls that wait among the sales: offers that go back to their guests, for example.
    """

    open_count: int
    open_amount: int
    oldest_seconds: float | None
    parked: int
    open_calls: int = 0


def summarize(link: Link, facts: QueueFacts, now: float) -> list[str]:
    """Give the state in a few sentences, the most important first. `now` is wall time in seconds."""
    sentences = [_line(link, now), *_queue(link, facts)]
    if facts.parked:
        sentences.append(
            f"{count(facts.parked, 'sale was', 'sales were')} refused by the platform and set aside; "
            "why, and what to do: store-agent outbox attention"
        )
    return sentences


def in_short(link: Link, open_count: int, parked: int) -> str:
    """Give the state in a line, for whoever looks at many machines: `online, 0 waiting`."""
    aside = f", {parked:,} set aside" if parked else ""
    why = f": {link.reason}" if link.reason else ""
    return f"{_word(link)}, {open_count:,} waiting{aside}{why}"


def _word(link: Link) -> str:
    if link.state is LinkState.ONLINE:
        return "online" if link.contacted else "ready"
    return "stopped" if link.state is LinkState.HALTED else "offline"


def _line(link: Link, now: float) -> str:
    since = duration(now - link.since)
    if link.state is LinkState.ONLINE:
        return f"Online for {since}." if link.contacted else "Ready; nothing was sent since the agent started."
    if link.state is LinkState.HALTED:
        return f"Stopped for {since}: {link.reason} What to do: {link.cure}"
    return f"Offline for {since}: {link.reason} The agent keeps trying by itself."


def _queue(link: Link, facts: QueueFacts) -> list[str]:
    calls = f"{count(facts.open_calls, 'call about offers or cards waits', 'calls about offers or cards wait')} too."
    if facts.open_count == 0:
        return ["All sales are at the platform.", *([calls] if facts.open_calls else [])]
    waiting = (
        f"{count(facts.open_count, 'sale waits', 'sales wait')} ({money.from_units(facts.open_amount):,}), "
        f"the oldest for {duration(facts.oldest_seconds or 0.0)}."
    )
    if link.state is LinkState.ONLINE:
        return [waiting + " They are being sent.", *([calls] if facts.open_calls else [])]
    then = "when the line is back" if link.state is LinkState.BACKING_OFF else "when this is mended"
    safe = waiting + f" Sales are safe on this machine and will be sent {then}."
    return [safe, *([calls] if facts.open_calls else [])]


def count(number: int, one: str, many: str) -> str:
    """Give a number with the words that fit it."""
    return f"{number:,} {one if number == 1 else many}"


def duration(seconds: float) -> str:
    """Give a length of time in its two largest units; a clock that was set back gives 0 s."""
    left = max(0, int(seconds))
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        amount, left = divmod(left, size)
        if amount or (unit == "s" and not parts):
            parts.append(f"{amount} {unit}")
    return " ".join(parts[:2])


def moment(at: float, now: float) -> str:
    """Give a moment by the store's own clock: 14:02, with the day if that is past, and the year likewise.

    Both are wall time in seconds.
    """
    then, today = (datetime.fromtimestamp(seconds).astimezone() for seconds in (at, now))
    if then.date() == today.date():
        return f"{then:%H:%M}"
    return f"{then:%H:%M} on {then.day} {then:%B}{'' if then.year == today.year else f' {then.year}'}"
