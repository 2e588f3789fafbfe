"""The agent's view of the line to the platform (DESIGN, section 1).

`online`: calls are answered. `backing_off`: they are not, or the platform asks to wait; it is tried again soon.
`halted`: trying again does not help until a person mends something; it is probed now and then.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from store_agent.domain.backoff import Backoff
from store_agent.domain.outcome import Halted, Loss, Outcome, Pending, PlatformFailure, Throttled, Transport

PLATFORM_STREAK_MAX = 6
"""Answers of 5xx in a row, over all batches, after which the platform counts as down."""

REPLIES_LOST_MAX = 3
"""Calls in a row whose connection broke before the answer until the line counts as down; a few are everyday life."""


class LinkState(StrEnum):
    """The three states of the line."""

    ONLINE = "online"
    BACKING_OFF = "backing_off"
    HALTED = "halted"


@dataclass(frozen=True, slots=True)
class Link:
    """The line as seen so far.

    `since` is a wall-clock label in seconds since 1970; `reason` and `cure` are for a manager, empty when online.
    `contacted` tells whether the platform ever answered since the agent started. `failures`, `replies_lost` and
    `platform_streak` count what happened in a row.
    """

    since: float
    state: LinkState = LinkState.ONLINE
    reason: str = ""
    cure: str = ""
    failures: int = 0
    replies_lost: int = 0
    platform_streak: int = 0
    contacted: bool = False

    @property
    def up(self) -> bool:
        """Tell whether the platform answers; before its first answer only one call at a time finds out."""
        return self.state is LinkState.ONLINE and self.contacted


@dataclass(frozen=True, slots=True)
class LinkRules:
    """Seconds: `probe_interval` between tries while halted, `throttle_cap` the longest wait a platform may ask for."""

    backoff: Backoff = field(default_factory=Backoff)
    probe_interval: float = 300.0
    throttle_cap: float = 300.0


def after(link: Link, outcome: Outcome, *, wall: float, chance: float, rules: LinkRules) -> tuple[Link, float]:
    """Return the line after an outcome, and the seconds to wait before the next call (0 when online).

    `wall` labels a change of state; `chance` is uniform in 0 to 1.
    """
    if isinstance(outcome, Halted):
        changed = _moved(link, LinkState.HALTED, wall, outcome.words, outcome.cure)
        return changed, rules.probe_interval
    if link.state is LinkState.HALTED and isinstance(outcome, Transport | Throttled | Pending | PlatformFailure):
        return link, rules.probe_interval  # says nothing of what halted it
    if isinstance(outcome, Throttled):
        return _throttled(link, outcome, wall, chance, rules)
    if isinstance(outcome, Transport) and _tolerable(link, outcome):
        return replace(link, replies_lost=link.replies_lost + 1), 0.0
    if isinstance(outcome, PlatformFailure) and link.platform_streak + 1 < PLATFORM_STREAK_MAX:
        answered = _moved(link, LinkState.ONLINE, wall, "", "")
        return replace(
            answered, failures=0, replies_lost=0, platform_streak=link.platform_streak + 1, contacted=True
        ), 0.0
    if isinstance(outcome, Transport | PlatformFailure):
        failures = link.failures + 1
        changed = _moved(link, LinkState.BACKING_OFF, wall, outcome.words, "")
        streak = link.platform_streak + isinstance(outcome, PlatformFailure)
        return replace(changed, failures=failures, platform_streak=streak), rules.backoff.delay(failures, chance)
    online = _moved(link, LinkState.ONLINE, wall, "", "")
    return replace(online, failures=0, replies_lost=0, platform_streak=0, contacted=True), 0.0


def blames(link: Link) -> bool:
    """Tell whether a 5xx speaks against the batch and not against the platform, as the line was before it.

    Only right after the platform answered something else well. A platform that fails for everything proves nothing,
    and an earlier try may have taken effect before it failed: were the platform
    well, its stored answer would come (G3).
    """
    return link.up and link.platform_streak == 0


def _tolerable(link: Link, outcome: Transport) -> bool:
    return link.up and outcome.loss is Loss.REPLY and link.replies_lost + 1 < REPLIES_LOST_MAX


def _throttled(link: Link, outcome: Throttled, wall: float, chance: float, rules: LinkRules) -> tuple[Link, float]:
    failures = link.failures + 1
    # On top of what is asked for: a wait of 0 is no wait, and stores that are told the same must not return together.
    wait = max(0.0, outcome.seconds or 0.0) + rules.backoff.delay(failures, chance)
    changed = _moved(link, LinkState.BACKING_OFF, wall, outcome.words, "")
    return replace(changed, failures=failures), min(wait, rules.throttle_cap)


def _moved(link: Link, state: LinkState, wall: float, reason: str, cure: str) -> Link:
    since = link.since if link.state is state else wall
    return replace(link, state=state, since=since, reason=reason, cure=cure)
