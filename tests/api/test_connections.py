"""So many connections in all and of each caller; strangers make room, and nobody who is known is ever cut off (G11)."""

from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.api.connections import FULL, FULL_FOR_CALLER, STRANGER_SECONDS, Connections
from store_agent.api.limits import Limits
from store_agent.storage.database import Database
from tests.support.hands import HandSetClock
from tests.support.served import client, serve


@dataclass(eq=False)
class Line:
    address: str = ""
    cuts: list[str] = field(default_factory=list)

    def cut(self) -> None:
        self.cuts.append("cut")


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


def test_when_all_places_are_taken_the_oldest_stranger_makes_room(clock: HandSetClock) -> None:
    connections = Connections(clock, 3, 3)
    lane, old, new = Line(), Line(), Line()
    for line in (lane, old, new):
        assert connections.enter(line) == ""
    connections.belongs(lane, "lane-1")
    assert connections.enter(Line()) == FULL, "strangers may still be about to say who they are"
    clock.let_pass(STRANGER_SECONDS)
    assert connections.enter(Line()) == ""
    assert (lane.cuts, old.cuts, new.cuts) == ([], ["cut"], [])
    assert len(connections) == 3


def test_known_callers_are_never_cut_off_to_make_room(clock: HandSetClock) -> None:
    connections = Connections(clock, 2, 2)
    for _ in range(2):
        line = Line()
        connections.enter(line)
        connections.belongs(line, "lane-1")
    clock.let_pass(3_600.0)
    assert connections.enter(Line()) == FULL


def test_one_caller_does_not_take_the_places_of_others(clock: HandSetClock) -> None:
    connections = Connections(clock, 10, 2)
    lines = [Line() for _ in range(4)]
    for line in lines:
        connections.enter(line)
    assert [connections.belongs(line, "lane-1") for line in lines] == [True, True, False, False]
    assert connections.belongs(lines[2], "lane-2")
    connections.leave(lines[0])
    assert connections.belongs(lines[3], "lane-1")


def test_another_machine_has_a_bound_of_its_own(clock: HandSetClock) -> None:
    connections = Connections(clock, 10, 2)
    assert [connections.enter(Line("10.0.0.7")) for _ in range(3)] == ["", "", FULL_FOR_CALLER]
    assert [connections.enter(Line("")) for _ in range(3)] == ["", "", ""]
    assert connections.enter(Line("10.0.0.8")) == ""


def test_all_connections_of_a_caller_are_closed_and_no_other(clock: HandSetClock) -> None:
    connections = Connections(clock, 10, 10)
    lines = {name: Line() for name in ("lane-1", "lane-2")}
    for name, line in lines.items():
        connections.enter(line)
        connections.belongs(line, name)
    connections.cut("lane-1")
    connections.cut("nobody")
    assert (lines["lane-1"].cuts, lines["lane-2"].cuts) == (["cut"], [])


def test_a_connection_belongs_to_whoever_used_it_last(clock: HandSetClock) -> None:
    connections = Connections(clock, 10, 10)
    line = Line()
    connections.enter(line)
    connections.belongs(line, "lane-1")
    connections.belongs(line, "lane-2")
    connections.cut("lane-1")
    assert line.cuts == []
    connections.cut("lane-2")
    assert line.cuts == ["cut"]


@given(
    st.lists(st.tuples(st.sampled_from(["enter", "leave", "belongs", "pass"]), st.integers(0, 9), st.integers(0, 2)))
)
def test_nothing_is_kept_of_what_is_gone(steps: list[tuple[str, int, int]]) -> None:
    clock = HandSetClock()
    connections = Connections(clock, 4, 2)
    lines = [Line(address) for address in ("", "10.0.0.7") for _ in range(5)]
    for step, number, name in steps:
        if step == "enter":
            connections.enter(lines[number])
        elif step == "leave":
            connections.leave(lines[number])
        elif step == "belongs":
            connections.belongs(lines[number], f"lane-{name}")
        else:
            clock.let_pass(STRANGER_SECONDS)
        assert len(connections) <= 4
        assert all(len(own) <= 2 for own in connections._by_name.values())
    for line in lines:
        connections.leave(line)
    kept = (connections._open, connections._strangers, connections._by_address, connections._by_name)
    assert [len(part) for part in kept] == [0, 0, 0, 0]


async def test_a_caller_with_too_many_connections_is_told_and_others_are_not_held_up(database: Database) -> None:
    async with serve(database, Limits(connections_per_caller_max=2)) as served:
        url = str(served.manager.base_url)
        async with client(url, "lane-1", "cashier-token") as second, client(url, "lane-1", "cashier-token") as third:
            answers = [await one.get("/v1/me") for one in (served.cashier, second, third, served.manager)]
            assert [answer.status_code for answer in answers] == [200, 200, 503, 200]
            assert answers[2].json()["errors"]["message"] == FULL_FOR_CALLER
            assert answers[2].headers["connection"] == "close"
            await second.aclose()
            assert await comes_in(third)


async def comes_in(lane: httpx.AsyncClient) -> bool:
    """Try until the connection that was closed is noticed."""
    for _ in range(1_000):
        if (await lane.get("/v1/me")).status_code == 200:
            return True
    return False
