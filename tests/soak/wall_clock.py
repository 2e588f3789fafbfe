"""The wall clock of the agent, which can be set to any time."""

from pathlib import Path


class Clock:
    """The wall clock of the agent, through the file that libfaketime reads."""

    def __init__(self, file: Path, library: str) -> None:
        self._file = file
        self.library = library
        self.jump(0.0)

    def jump(self, seconds: float) -> None:
        """Set the clock to so many seconds ahead of the right time."""
        part = self._file.with_suffix(".part")
        part.write_text(f"{seconds:+.3f}\n")
        part.replace(self._file)

    def command(self, program: tuple[str, ...]) -> tuple[str, ...]:
        """Give the command that starts a program with this clock."""
        variables = {
            "LD_PRELOAD": self.library,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # with it, waits with a time-out spin
        }
        return ("/usr/bin/env", *(f"{name}={value}" for name, value in variables.items()), *program)
