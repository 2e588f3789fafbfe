"""A clock whose hands a test moves."""


class HandSetClock:
    """Implements `store_agent.clock.Clock`; wall time is `at`, monotonic time what has `passed`."""

    def __init__(self, at: float = 1_780_000_000.0) -> None:
        self.at = at
        self.passed = 1_000.0

    def wall(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.passed

    def let_pass(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.at += seconds
        self.passed += seconds
