"""Where a sale is, in words for whoever holds its receipt."""

from dataclasses import dataclass

from store_agent.domain.lifecycle import State
from store_agent.domain.link import Link, LinkState

_SENT_WHEN = {
    LinkState.ONLINE: "is being sent",
    LinkState.BACKING_OFF: "is sent when the line is back",
    LinkState.HALTED: "is sent when the manager has mended the line",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest state of a sale. `taken` and `settled` are moments in the store's own time, as people say them."""

    state: State
    voided: bool
    taken: str
    settled: str | None
    reason: str | None


_UNUSED = "This code was printed ahead; no sale has come with it yet."
_RETIRED = "The guest of this sale is known by now: the code is not needed any more."
_VOIDED = "It is voided: there is nothing to claim."


def whereabouts(sale: Standing | None, link: Link, *, used: bool = True, retired: bool = False) -> str:
    """Tell where the sale of a receipt code is; None is one that is not kept any more, or did not come yet.

    `used` tells whether a sale came with the code, `retired` that its guest is known by now.
    """
    if sale is None and (used or retired):
        return "This sale is not kept on this machine any more; it was at the platform, unless a manager discarded it."
    if sale is None:
        return _UNUSED
    voided, needless = sale.voided, retired and not sale.voided
    said = ((_UNUSED, not used and not retired), (_words(sale, link), True), (_VOIDED, voided), (_RETIRED, needless))
    return " ".join(words for words, so in said if so)


def _words(sale: Standing, link: Link) -> str:
    taken, settled = sale.taken, f" since {sale.settled}" if sale.settled else ""
    words = {
        State.WAITING: f"waits since {taken} and {_SENT_WHEN[link.state]}.",
        State.FROZEN: f"waits since {taken} and {_SENT_WHEN[link.state]}.",
        State.HELD: f"was taken at {taken} and is held back; it is sent when the manager releases it.",
        State.PARKED: f"was taken at {taken} and is set aside for the manager. {sale.reason or ''}",
        State.DELIVERED: f"is at the platform{settled}.",
        State.SUPERSEDED: f"was taken at {taken}; a newer state of it took the place of this one.",
        State.DISCARDED: f"was taken at {taken} and discarded by the manager; it never reaches the platform.",
    }
    return f"This sale {words[sale.state]}".rstrip()
