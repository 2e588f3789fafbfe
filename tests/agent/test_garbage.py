"""Garbage is not looked for in what the agent loaded, and what an earlier start left does not stay."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from store_agent.agent import garbage


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    usual = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*usual)


class Loop:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_loaded_is_not_looked_through_again() -> None:
    usual = gc.get_threshold()
    garbage.rest()
    assert gc.get_threshold()[0] == garbage.LOADING_OBJECTS
    loaded = Loop()
    seen = weakref.ref(loaded)
    garbage.keep_what_is_loaded()
    assert gc.get_threshold() == usual
    del loaded
    gc.collect()
    assert seen() is not None, "it is not looked at"


def test_what_an_earlier_start_left_is_cleared_away() -> None:
    left = Loop()
    seen = weakref.ref(left)
    garbage.keep_what_is_loaded()
    del left
    garbage.keep_what_is_loaded()
    assert seen() is None


def test_garbage_of_later_is_found() -> None:
    garbage.keep_what_is_loaded()
    later = Loop()
    seen = weakref.ref(later)
    del later
    gc.collect()
    assert seen() is None
