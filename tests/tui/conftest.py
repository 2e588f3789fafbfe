"""What tests of the screens share."""

import time
from collections.abc import Iterator

import pytest


@pytest.fixture
def in_chicago(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the machine in a store's own time zone: six hours behind UTC, five in summer."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Chicago")
        time.tzset()
        yield
    time.tzset()
