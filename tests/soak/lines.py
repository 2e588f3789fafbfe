"""Faults of the line and of the platform; each lasts as long as its context."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.soak.plan import QUIET
from tests.soak.shop import Shop

REFUSED_MAX = 2
"""Sales of each lane that are refused: fewer together than the agent takes for a fault of its configuration."""

LineFault = Callable[[Shop], AbstractContextManager[None]]


def _standing(*faults: str) -> LineFault:
    @contextmanager
    def stand(shop: Shop) -> Iterator[None]:
        shop.platform.set_faults(faults)
        try:
            yield
        finally:
            shop.platform.set_faults([])

    return stand


def _about_sales(kind: str) -> LineFault:
    def stand(shop: Shop) -> AbstractContextManager[None]:
        names = "+".join(name for lane in shop.lanes for name in lane.upcoming(REFUSED_MAX))
        return _standing(f"{kind}:ids={names}")(shop)

    return stand


@contextmanager
def _gone(shop: Shop) -> Iterator[None]:
    """Nobody listens at the platform's address."""
    shop.platform.stop()
    try:
        yield
    finally:
        shop.platform.start()


@contextmanager
def _forbidden(shop: Shop) -> Iterator[None]:
    """Refuse the credentials until somebody has them mended, and tells the agent."""
    with _standing("status:code=403")(shop):
        yield
    shop.drain()


LINE_FAULTS: dict[str, LineFault] = {
    QUIET: _standing(),
    "gone": _gone,
    "down": _standing("down"),
    "hang": _standing("hang"),
    "throttled": _standing("status:code=429,retry_after=1"),
    "failing": _standing("status:code=500"),
    "gateway": _standing("status:code=503"),
    "captive": _standing("captive"),
    "forbidden": _forbidden,
    "lost replies": _standing("drop_after:probability=0.5", "drop_before:probability=0.1"),
    "slow line": _standing("slow:ms=300"),
    "drip": _standing("drip:ms=3"),
    "pending": _standing("pending:times=2"),
    "refused sales": _about_sales("refuse"),
    "poison sales": _about_sales("poison"),
}
