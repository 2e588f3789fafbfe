"""A program that has run wild is slowed, a till in a rush never is, and nobody is locked out (G15)."""

import base64
from typing import Any

import httpx
import pytest

from store_agent.api import failures as failures_module
from store_agent.api.failures import DELAY_MAX_SECONDS, FORGOTTEN_SECONDS, FREE, KEPT_MAX, Failures
from store_agent.api.limits import Limits
from store_agent.api.rates import KNOWN_MAX, Rates
from store_agent.domain.events import Event
from store_agent.storage.database import Database
from tests.conftest import MakeAgent
from tests.support.hands import HandSetClock
from tests.support.sales import sale
from tests.support.served import Served, client, serve


def test_calls_up_to_the_burst_are_made_at_once_and_then_at_the_rate() -> None:
    clock = HandSetClock()
    rates = Rates(clock, per_second=10, burst=5)
    assert [rates.wait("lane-1") for _ in range(5)] == [0.0] * 5
    assert rates.wait("lane-1") == pytest.approx(0.1, abs=0.001)
    assert rates.wait("lane-2") == 0.0, "each caller has its own"
    clock.let_pass(0.1)
    assert rates.wait("lane-1") == 0.0
    assert rates.wait("lane-1") > 0
    clock.let_pass(60)
    assert [rates.wait("lane-1") for _ in range(5)] == [0.0] * 5


def test_only_so_many_callers_are_remembered_G11() -> None:
    rates = Rates(HandSetClock(), per_second=10, burst=5)
    for number in range(KNOWN_MAX + 10):
        rates.wait(f"lane-{number}")
    assert len(rates._due) == KNOWN_MAX


async def test_who_calls_too_fast_is_told_to_wait_and_nothing_is_stored(database: Database) -> None:
    async with serve(database, Limits(rate_per_second=0.5, rate_burst=3)) as served:
        for _ in range(3):
            assert (await served.cashier.get("/v1/me")).status_code == 200
        body = {"request_payload": sale("T-1")}
        refused = await served.cashier.post("/api/2.0/send_transaction", json=body)
        assert (refused.status_code, refused.json()["errors"]["code"]) == (429, "too_many_requests")
        assert refused.headers["retry-after"] == "2"
        assert "nothing was stored" in refused.json()["errors"]["message"]
        assert (await served.manager.get("/v1/me")).status_code == 200, "others are not held up"
        assert (await served.ask("/v1/outbox"))["revisions"] == []


async def test_nobody_asks_for_the_open_routes_without_end(database: Database) -> None:
    async with serve(database, Limits(rate_per_second=0.001, rate_burst=2)) as served:
        answers = [(await httpx_get(served, "/healthz")).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


async def httpx_get(served: Served, path: str, **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(base_url=str(served.manager.base_url), trust_env=False) as anybody:
        return await anybody.get(path, **more)


def test_a_lane_in_a_rush_never_meets_the_limit(make_agent: MakeAgent) -> None:
    """Faster than any till: as fast as one connection goes."""
    agent = make_agent("http://127.0.0.1:9").start()
    assert {agent.send(sale(f"T-{number}")).status_code for number in range(1_000)} == {200}


class Noted:
    """Failures on a clock that a test moves; `told` are the events."""

    def __init__(self) -> None:
        self.clock = HandSetClock()
        self.told: list[Event] = []
        self.failures = Failures(self.clock, self.told.append)

    def fail(self, name: str = "lane-1", address: str = "", *, known: bool = True) -> float:
        return self.failures.note(address, name, known=known)


def test_repeated_failures_are_answered_later_and_later_up_to_a_bound() -> None:
    noted = Noted()
    assert [noted.fail() for _ in range(FREE)] == [0.0] * FREE
    late = [noted.fail() for _ in range(200)]
    assert late[0] > 0
    assert late == sorted(late)
    assert late[-1] == DELAY_MAX_SECONDS
    assert noted.fail(address="10.0.0.7") == noted.fail("lane-2") == 0.0, "others are not held up"
    noted.clock.let_pass(FORGOTTEN_SECONDS + 1)
    assert noted.fail() == 0.0


def test_a_name_that_nobody_has_is_answered_as_late_as_one_of_a_terminal_G15() -> None:
    known, unknown = Noted(), Noted()
    assert [known.fail(known=True) for _ in range(50)] == [unknown.fail(known=False) for _ in range(50)]


def test_a_failure_is_told_once_and_without_what_was_given_as_a_name_G16() -> None:
    noted = Noted()
    for _ in range(20):
        noted.fail("lane-1")
        noted.fail("a token that somebody took for a name", "10.0.0.7", known=False)
    assert [event.name for event in noted.told] == ["caller.refused"] * 2
    assert noted.told[0].details == {"terminal": "lane-1", "address": None}
    assert noted.told[1].details == {"terminal": None, "address": "10.0.0.7"}
    assert "token that somebody" not in str(noted.told)


def test_guessing_through_names_fills_neither_memory_nor_the_log_G11() -> None:
    noted = Noted()
    for number in range(KEPT_MAX * 2):
        noted.fail(f"name-{number}" * 100, known=False)
    assert len(noted.failures._kept) == KEPT_MAX
    assert max(len(name) for _, name in noted.failures._kept) == 64
    assert len(noted.told) == failures_module.TOLD_BURST


async def test_the_right_token_is_answered_at_once_whatever_came_before_G15(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("store_agent.api.door.sleep", sleep)
    url = str(served.manager.base_url)
    async with client(url, "lane-1", "wrong") as guesser, client(url, "nobody", "wrong") as stranger:
        for _ in range(FREE + 5):
            refused = [(await one.get("/v1/me")) for one in (guesser, stranger)]
            assert [answer.status_code for answer in refused] == [401, 401]
            assert refused[0].content == refused[1].content, "nothing tells whether the name or the token was wrong"
    assert slept[::2] == slept[1::2], "nor does the time"
    assert slept[-1] > 0
    before = len(slept)
    assert (await served.cashier.get("/v1/me")).status_code == 200
    assert len(slept) == before


async def test_who_gives_no_credentials_guesses_nothing_and_is_not_held_up(served: Served) -> None:
    answers = [(await httpx_get(served, "/v1/me")).status_code for _ in range(FREE * 2)]
    assert answers == [401] * FREE * 2


async def test_a_refused_till_shows_in_the_events(served: Served) -> None:
    wrong = base64.b64encode(b"lane-1:wrong").decode()
    await httpx_get(served, "/v1/me", headers={"Authorization": f"Basic {wrong}"})
    told = [one.event for one in served.hub._kept]
    assert [event.name for event in told] == ["caller.refused"]
    assert "the name of terminal lane-1" in told[0].words
