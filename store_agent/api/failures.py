"""Credentials that were wrong: repeated ones are answered later and later, and told once (G15).

Nobody is locked out: the right token is answered at once, whatever came before under the same name. With 256 bits to
guess, slowness is not what keeps a token safe; it keeps a program that has run wild, or a guesser, from costing others.
"""

from collections import OrderedDict
from dataclasses import dataclass

from store_agent.api.rates import Rates
from store_agent.clock import Clock
from store_agent.domain.events import Event, Tell

FREE = 10
"""Failures under a name and from an address that are answered at once: somebody types, or sets up a till."""

DELAY_FIRST_SECONDS = 0.05
DELAY_MAX_SECONDS = 1.0
"""The first answer that is late, and the latest one: below every time-out of a POS, which must still read it."""

FORGOTTEN_SECONDS = 600.0
"""Failures so long after the last one begin anew."""

KEPT_MAX = 1_024
"""Names and addresses that are kept; the oldest go first."""

TOLD_PER_SECOND = 1 / 60
TOLD_BURST = 10
"""How often new ones are told: a guesser who goes through names must not fill the log."""


@dataclass(slots=True)
class _Failed:
    last: float
    times: int = 0


class Failures:
    """Counts by address and name."""

    def __init__(self, clock: Clock, tell: Tell) -> None:
        self._clock = clock
        self._tell = tell
        self._kept: OrderedDict[tuple[str, str], _Failed] = OrderedDict()
        self._telling = Rates(clock, TOLD_PER_SECOND, TOLD_BURST)

    def note(self, address: str, name: str, *, known: bool) -> float:
        """Count a failure; gives the seconds by which its answer is to be late, the same for every name.

        `known`: the name is that of a terminal. Only such names are told: others may be anything, even a token.
        """
        now = self._clock.monotonic()
        failed = self._find((address, name[:64]), now)
        failed.last = now
        failed.times += 1
        if failed.times == 1:
            self._say(address, name if known else "")
        late = failed.times - FREE
        return min(DELAY_FIRST_SECONDS * 2.0 ** min(late - 1, 32), DELAY_MAX_SECONDS) if late > 0 else 0.0

    def _find(self, key: tuple[str, str], now: float) -> _Failed:
        failed = self._kept.get(key)
        if failed is None or now - failed.last > FORGOTTEN_SECONDS:
            failed = self._kept[key] = _Failed(now)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return failed

    def _say(self, address: str, name: str) -> None:
        if self._telling.wait("") > 0:
            return
        who = f"the name of terminal {name}" if name else "a name that no terminal has"
        words = (
            f"Somebody at {address or 'this machine'} calls under {who}, and is not let in. If that is a till, it "
            "cannot sell: give its POS plugin the right token (store-agent terminal rotate NAME makes a new one)."
        )
        self._tell(Event("caller.refused", words, {"terminal": name or None, "address": address or None}))
