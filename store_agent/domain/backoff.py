"""How long to wait before the next try: exponential with full jitter, clamped."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds. `cap` bounds the time until a returned line is noticed (DESIGN, section 7: 30 s).

    `spread`: from the second failure on, the moment of the next try is spread over at least this long. The stores of
    a chain that lost the platform together then do not find it again together.
    """

    base: float = 0.5
    cap: float = 30.0
    spread: float = 0.0

    def delay(self, failures: int, chance: float) -> float:
        """Return the wait after `failures` (1 or more) in a row; `chance` is uniform in 0 to 1.

        The exponent is clamped before it is used, so that any number of failures is safe.
        """
        ceiling = self.base * 2.0 ** min(max(failures - 1, 0), 32)
        if failures > 1:
            ceiling = max(ceiling, self.spread)
        return min(self.cap, ceiling) * chance
