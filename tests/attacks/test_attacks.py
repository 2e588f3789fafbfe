"""The attacks that take seconds, on a real agent; `python -m tests.attacks` tries all of them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.attacks.attempt import Attempt
from tests.attacks.kinds import KINDS, attack
from tests.attacks.pages import allowed, chromium, page_server
from tests.attacks.store import Store

OPEN = (sys.executable, "-m", "tests.support.open_agent")
QUICK = sorted(set(KINDS) - {"pages", "stalls"})
"""tests/acceptance/test_stalled.py stalls the agent in every way, with 200 callers together."""


@pytest.fixture(scope="module")
def platform() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(port=0)) as server:
        yield server


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, platform: SandboxServer) -> Iterator[Store]:
    made = Store(tmp_path_factory.mktemp("store"), platform)
    yield made
    made.close()


def through(tried: list[Attempt]) -> list[Attempt]:
    """Give what the agent did not hold against."""
    return [one for one in tried if one.held is False]


@pytest.mark.parametrize("name", QUICK)
def test_nothing_gets_through_and_a_till_sells_on_G15(store: Store, name: str) -> None:
    tried = list(attack(store, {name: KINDS[name]}))
    assert len(tried) > 5
    assert through(tried) == []


def test_an_agent_that_looks_at_no_name_would_be_found_out_G15(tmp_path: Path, platform: SandboxServer) -> None:
    """The control: every other name that is a name at all gets through."""
    store = Store(tmp_path, platform, OPEN)
    try:
        tried = through(list(KINDS["names"].tries(store)))
    finally:
        store.close()
    assert {"Host: evil.example.com, on 5 paths", "no Host, on 5 paths"} <= {one.how for one in tried}


@pytest.mark.skipif(chromium() is None, reason="there is no Chromium here")
def test_a_page_of_another_origin_sees_nothing_and_sells_nothing_G15(tmp_path: Path, platform: SandboxServer) -> None:
    with page_server() as ours:
        store = Store(tmp_path, platform, allowed_origins=[f"http://127.0.0.1:{ours.server_port}"])
        try:
            tried = [*KINDS["pages"].tries(store), *allowed(store, ours)]
        finally:
            store.close()
    assert len(tried) > 10
    assert through(tried) == []
