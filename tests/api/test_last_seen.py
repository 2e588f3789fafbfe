"""When a terminal last called: noted in memory at each call, kept now and then, and only a label."""

import base64

import pytest

from store_agent.api.callers import Callers
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.terminals import Terminals
from store_agent.upkeep.last_seen import LastSeenChore
from tests.conftest import MakeAgent
from tests.support.hands import HandSetClock
from tests.support.sales import sale
from tests.support.served import Served


class Lanes:
    """Terminals and callers as the agent wires them, on a clock that a test moves."""

    def __init__(self, database: Database) -> None:
        self.clock = HandSetClock(at=1_000.0)
        self.terminals = Terminals(database, self.clock, lambda: "token")
        self.callers = Callers("manager-token", self.clock)
        self.chore = LastSeenChore(self.terminals, self.callers.seen)

    async def add(self, *names: str) -> None:
        for name in names:
            await self.terminals.add(name, "tester")
        self.callers.replace(await self.terminals.all())

    async def revoke(self, name: str) -> None:
        await self.terminals.revoke(name, "tester")
        self.callers.replace(await self.terminals.all())

    def call(self, name: str, token: str = "token") -> bool:
        self.clock.let_pass(1.0)
        return self.callers.recognise(b"Basic " + base64.b64encode(f"{name}:{token}".encode())) is not None

    async def kept(self) -> dict[str, int | None]:
        return {one.name: one.seen_at for one in await self.terminals.all()}


@pytest.fixture
def lanes(database: Database) -> Lanes:
    return Lanes(database)


async def test_a_call_is_kept_by_the_next_run_and_by_none_before(lanes: Lanes) -> None:
    await lanes.add("lane-1", "lane-2")
    assert lanes.call("lane-1")
    assert await lanes.kept() == {"lane-1": None, "lane-2": None}
    await lanes.chore.run_once()
    assert await lanes.kept() == {"lane-1": 1_001_000, "lane-2": None}


async def test_who_is_not_let_in_was_not_seen_G15(lanes: Lanes) -> None:
    await lanes.add("lane-1")
    assert not lanes.call("lane-1", "wrong")
    assert not lanes.call("lane-9")
    assert lanes.call("manager", "manager-token")
    assert lanes.callers.seen == {}


async def test_only_what_changed_is_written(lanes: Lanes, database: Database) -> None:
    await lanes.add("lane-1", "lane-2")
    lanes.call("lane-1")
    lanes.call("lane-2")
    await lanes.chore.run_once()
    asked: list[str] = []
    await database.write(lambda raw: raw.set_trace_callback(asked.append))
    await lanes.chore.run_once()
    assert [one for one in asked if "UPDATE" in one] == []
    lanes.call("lane-2")
    await lanes.chore.run_once()
    assert [one for one in asked if "UPDATE" in one] == ["UPDATE terminal SET seen_at = 1003000 WHERE name = 'lane-2'"]


async def test_what_could_not_be_written_is_written_by_the_next_run(lanes: Lanes, database: Database) -> None:
    def failing(raw: sqlite.Connection) -> None:
        raw.execute("CREATE TRIGGER fails BEFORE UPDATE ON terminal BEGIN SELECT RAISE(ABORT, 'no disk'); END")

    await lanes.add("lane-1")
    lanes.call("lane-1")
    await database.write(failing)
    with pytest.raises(Exception, match="no disk"):
        await lanes.chore.run_once()
    await database.write(lambda raw: raw.execute("DROP TRIGGER fails").rowcount)
    await lanes.chore.run_once()
    assert await lanes.kept() == {"lane-1": 1_001_000}


async def test_a_clock_that_is_set_back_sets_back_a_label_G14(lanes: Lanes) -> None:
    await lanes.add("lane-1")
    lanes.call("lane-1")
    await lanes.chore.run_once()
    lanes.clock.at = 10.0
    lanes.call("lane-1")
    await lanes.chore.run_once()
    assert await lanes.kept() == {"lane-1": 11_000}


async def test_a_name_that_comes_back_with_a_new_token_was_not_seen_yet(lanes: Lanes) -> None:
    await lanes.add("lane-1")
    lanes.call("lane-1")
    await lanes.chore.run_once()
    await lanes.revoke("lane-1")
    assert await lanes.kept() == {"lane-1": 1_001_000}
    await lanes.add("lane-1")
    await lanes.chore.run_once()
    assert (await lanes.kept(), lanes.callers.seen) == ({"lane-1": None}, {})


async def test_terminals_tell_what_memory_knows_before_it_is_kept(served: Served) -> None:
    await served.terminals.add("lane-2", "tester")
    await served.terminals.saw({"lane-1": 5.0, "lane-2": 7.5})
    assert (await served.cashier.get("/v1/status")).status_code == 200
    one, two = (await served.ask("/v1/terminals"))["terminals"]
    assert abs(one["seen_at"] - served.clock.wall()) < 60
    assert two["seen_at"] == 7.5


def test_the_agent_keeps_it_when_it_stops_and_the_command_shows_it(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9").start()
    agent.cli_json("terminal", "add", "lane-2")
    agent.send(sale("T-1"))
    running = {one["name"]: one["seen_at"] for one in agent.cli_json("terminal", "list")["terminals"]}
    assert running["lane-2"] is None
    assert agent.stop() == 0
    stopped = {one["name"]: one["seen_at"] for one in agent.cli_json("terminal", "list")["terminals"]}
    assert stopped["lane-1"] == pytest.approx(running["lane-1"], abs=60)
    assert "LAST SEEN" in agent.cli("terminal", "list").stdout
