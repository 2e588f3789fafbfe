"""Terminals have roles, and tokens that change without a lost sale; who is shut out is out at once (G15)."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count

import httpx
import pytest

from store_agent.api.callers import Caller, Callers
from store_agent.api.connections import Connections
from store_agent.domain.roles import Role
from store_agent.errors import BadInput
from store_agent.storage.database import Database
from store_agent.storage.terminals import OVERLAP_SECONDS_MAX, Terminal, Terminals
from store_agent.upkeep.overlap import OverlapChore
from tests.api.test_connections import Line
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.hands import HandSetClock
from tests.support.listening import listening
from tests.support.sales import sale
from tests.support.served import Served, client


class Lanes:
    """Terminals and callers as the agent wires them, on a clock that a test moves; tokens are token-1, token-2, ..."""

    def __init__(self, database: Database) -> None:
        self.clock = HandSetClock()
        numbers = count(1)
        self.terminals = Terminals(database, self.clock, lambda: f"token-{next(numbers)}")
        self.restart()

    def restart(self) -> None:
        self.callers = Callers("manager-token", self.clock)
        self.chore = OverlapChore(self.terminals, self.callers)

    async def learn(self) -> None:
        self.callers.replace(await self.terminals.all())

    async def rotate(self, name: str, overlap: float) -> str:
        token = await self.terminals.rotate(name, overlap, "tester")
        await self.learn()
        return token

    def good(self, token: str, name: str = "lane-1") -> bool:
        return self.who(token, name) is not None

    def who(self, token: str, name: str = "lane-1") -> Caller | None:
        return self.callers.recognise(b"Basic " + base64.b64encode(f"{name}:{token}".encode()))


@pytest.fixture
async def lanes(database: Database) -> Lanes:
    made = Lanes(database)
    await made.terminals.add("lane-1", "tester")
    await made.learn()
    return made


async def test_both_tokens_are_good_for_the_overlap_and_then_the_new_one_alone(lanes: Lanes) -> None:
    token = await lanes.rotate("lane-1", 3_600.0)
    assert lanes.good("token-1")
    assert lanes.good(token)
    lanes.clock.let_pass(3_599.0)
    assert lanes.good("token-1")
    lanes.clock.let_pass(1.0)
    assert not lanes.good("token-1")
    assert lanes.good(token)
    await lanes.chore.run_once()
    (kept,) = await lanes.terminals.all()
    assert (kept.former_hash, kept.former_seconds) == (None, None)
    assert lanes.callers.overlaps() == []


async def test_without_an_overlap_the_old_token_is_good_no_more(lanes: Lanes) -> None:
    token = await lanes.rotate("lane-1", 0)
    assert (lanes.good("token-1"), lanes.good(token)) == (False, True)


async def test_the_end_of_an_overlap_closes_what_came_with_the_old_token_and_no_sale_of_the_new(lanes: Lanes) -> None:
    connections = Connections(lanes.clock, 10, 10)
    lanes.callers = Callers("manager-token", lanes.clock, connections=connections)
    lanes.chore = OverlapChore(lanes.terminals, lanes.callers)
    await lanes.learn()
    lines = {token: Line() for token in ("token-1", await lanes.rotate("lane-1", 60.0))}
    for token, line in lines.items():
        connections.enter(line)
        caller = lanes.who(token)
        assert caller is not None
        connections.belongs(line, caller.name, caller.token)
    lanes.clock.let_pass(60.0)
    await lanes.chore.run_once()
    assert [line.cuts for line in lines.values()] == [["cut"], []]


class Held(Terminals):
    """Terminals whose list comes late: it was read before what happens meanwhile."""

    reading: asyncio.Event
    late: asyncio.Event

    async def all(self) -> list[Terminal]:
        found = await super().all()
        self.reading.set()
        await self.late.wait()
        return found


async def test_a_list_that_comes_late_lets_nobody_in_again_G15(lanes: Lanes, database: Database) -> None:
    held = Held(database, lanes.clock, str)
    held.reading, held.late = asyncio.Event(), asyncio.Event()
    early = asyncio.create_task(lanes.callers.learn(held))
    await held.reading.wait()
    await lanes.terminals.revoke("lane-1", "tester")
    newer = asyncio.create_task(lanes.callers.learn(lanes.terminals))
    await lanes.terminals.all()
    await lanes.terminals.all()
    held.late.set()
    await asyncio.gather(early, newer)
    assert not lanes.good("token-1")


async def test_who_was_shut_out_when_the_list_could_not_be_read_is_out_soon_G15(lanes: Lanes) -> None:
    await lanes.terminals.revoke("lane-1", "tester")
    await lanes.chore.run_once()
    assert not lanes.good("token-1")


async def test_a_second_rotation_ends_the_token_before_the_last(lanes: Lanes) -> None:
    await lanes.rotate("lane-1", 3_600.0)
    await lanes.rotate("lane-1", 3_600.0)
    assert [lanes.good(f"token-{number}") for number in (1, 2, 3)] == [False, True, True]


async def test_the_overlap_counts_time_that_the_agent_ran_and_no_clock_ends_it_G14(lanes: Lanes) -> None:
    await lanes.rotate("lane-1", 3_600.0)
    lanes.clock.let_pass(600.0)
    await lanes.chore.run_once()
    lanes.clock.at += 10 * 365 * 86_400.0  # the machine was off, or its clock jumped
    lanes.restart()
    await lanes.learn()
    assert lanes.good("token-1")
    lanes.clock.let_pass(2_999.0)
    assert lanes.good("token-1")
    lanes.clock.let_pass(1.0)
    assert not lanes.good("token-1")


async def test_the_overlap_is_not_lengthened_by_what_happens_to_other_terminals(lanes: Lanes) -> None:
    await lanes.rotate("lane-1", 60.0)
    for number in range(2, 9):
        lanes.clock.let_pass(10.0)
        await lanes.terminals.add(f"lane-{number}", "tester")
        await lanes.learn()
    assert not lanes.good("token-1")


async def test_a_short_overlap_lasts_as_long_as_it_says_whenever_it_is_kept(lanes: Lanes) -> None:
    lanes.clock.let_pass(59.0)
    await lanes.rotate("lane-1", 30.0)
    for _ in range(29):
        lanes.clock.let_pass(1.0)
        await lanes.chore.run_once()
        assert lanes.good("token-1")
    lanes.clock.let_pass(1.0)
    assert not lanes.good("token-1")


async def test_a_revoked_terminal_has_neither_token_and_comes_back_as_a_cashier(lanes: Lanes) -> None:
    await lanes.terminals.add("boss", "tester", role=Role.MANAGER)
    token = await lanes.rotate("boss", 3_600.0)
    found = lanes.who(token, "boss")
    assert found is not None
    assert found.role is Role.MANAGER
    await lanes.terminals.revoke("boss", "tester")
    await lanes.learn()
    assert (lanes.good("token-2", "boss"), lanes.good(token, "boss")) == (False, False)
    renewed = await lanes.terminals.add("boss", "tester")
    await lanes.learn()
    found = lanes.who(renewed, "boss")
    assert found is not None
    assert found.role is Role.CASHIER
    assert not lanes.good("token-2", "boss")


@pytest.mark.parametrize("overlap", [-1.0, OVERLAP_SECONDS_MAX + 1.0, float("nan"), float("inf")])
async def test_an_overlap_that_cannot_be_is_refused(lanes: Lanes, overlap: float) -> None:
    with pytest.raises(BadInput, match="overlap_seconds must be 0 to 604800 seconds"):
        await lanes.rotate("lane-1", overlap)
    assert lanes.good("token-1")


async def test_nobody_who_is_not_there_can_be_given_a_token(lanes: Lanes) -> None:
    with pytest.raises(BadInput, match="There is no terminal lane-9 in use"):
        await lanes.rotate("lane-9", 0)


async def test_a_rotation_is_in_the_audit(served: Served) -> None:
    answer = await served.manager.post(
        "/v1/terminals/lane-1/rotate", json={"overlap_seconds": 3_600, "by": "Ada", "reason": "yearly"}
    )
    assert answer.json()["payload"] == {"terminal": "lane-1", "token": "cashier-token", "former_seconds": 3_600}
    (entry,) = (await served.ask("/v1/audit"))["entries"]
    assert (entry["action"], entry["who"]) == ("terminal_rotate", "Ada")
    assert entry["reason"] == "lane-1: the token before is good for 1 h more; yearly"
    (shown,) = (await served.ask("/v1/terminals"))["terminals"]
    assert (shown["role"], shown["former_seconds"]) == ("cashier", 3_600)


async def test_a_cashier_changes_no_tokens_G15(served: Served) -> None:
    refused = await served.cashier.post("/v1/terminals/lane-1/rotate", json={})
    assert (refused.status_code, refused.json()["errors"]["code"]) == (403, "forbidden")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    running = AgentProcess(tmp_path_factory.mktemp("agent"), "http://127.0.0.1:9").start()
    yield running
    running.close()


def status_of(agent: AgentProcess, name: str, token: str, path: str = "/v1/me") -> int:
    with agent.client_of(name, token) as lane:
        return lane.get(path).status_code


def test_a_manager_s_terminal_may_do_what_managers_do_and_a_cashier_s_not_G15(shared: AgentProcess) -> None:
    boss = shared.cli_json("terminal", "add", "office", "--role", "manager")
    assert (boss["role"], len(base64.urlsafe_b64decode(boss["token"] + "="))) == ("manager", 32)
    assert status_of(shared, "office", boss["token"], "/v1/terminals") == 200
    assert status_of(shared, "lane-1", shared.token, "/v1/terminals") == 403
    shown = {one["name"]: one["role"] for one in shared.cli_json("terminal", "list")["terminals"]}
    assert (shown["office"], shown["lane-1"]) == ("manager", "cashier")
    assert shared.cli("terminal", "add", "x", "--role", "owner").returncode == 2


def test_who_gives_itself_a_new_token_gets_it_G15(shared: AgentProcess) -> None:
    old = shared.cli_json("terminal", "add", "office-2", "--role", "manager")["token"]
    with shared.client_of("office-2", old) as office:
        answer = office.post("/v1/terminals/office-2/rotate", json={"overlap_seconds": 0})
        assert office.get("/v1/me").status_code == 401
    assert status_of(shared, "office-2", answer.json()["payload"]["token"]) == 200


def test_a_till_sells_on_while_its_token_is_rotated(shared: AgentProcess) -> None:
    old = shared.cli_json("terminal", "add", "lane-2")["token"]
    new = shared.cli_json("terminal", "rotate", "lane-2", "--overlap", "1h")
    assert new["former_seconds"] == 3_600
    assert (status_of(shared, "lane-2", old), status_of(shared, "lane-2", new["token"])) == (200, 200)
    told = shared.cli("terminal", "rotate", "lane-2", "--overlap", "0s").stdout
    assert "the one before is good no more" in told
    assert (status_of(shared, "lane-2", old), status_of(shared, "lane-2", new["token"])) == (401, 401)
    assert "OLD TOKEN GOOD FOR" in shared.cli("terminal", "list").stdout


def test_tokens_can_be_rotated_while_the_agent_does_not_run(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9")
    new = agent.cli_json("terminal", "rotate", "lane-1", "--overlap", "10min")["token"]
    agent.start()
    assert (status_of(agent, "lane-1", agent.token), status_of(agent, "lane-1", new)) == (200, 200)


async def test_revoking_ends_open_connections_and_streams_at_once_G15(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9").start()
    token = agent.cli_json("terminal", "add", "lane-2")["token"]
    async with client(agent.url, "lane-2", token) as stolen, client(agent.url, "lane-1", agent.token) as fine:
        async with listening(fine) as other, stolen.stream("GET", "/v1/events") as stream:
            began = time.monotonic()
            agent.cli_json("terminal", "revoke", "lane-2")
            with pytest.raises(httpx.RemoteProtocolError):
                async for _ in stream.aiter_bytes():
                    pass
            assert time.monotonic() - began < 15, "before a comment would have come"
            agent.cli_json("outbox", "drain", "--by", "Ada")
            assert await other.hear() is not None, "others go on listening"
        assert (await stolen.get("/v1/me")).status_code == 401


async def test_a_request_in_hand_is_cut_off_with_its_terminal_G15(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9").start()
    token = agent.cli_json("terminal", "add", "lane-2")["token"]

    async def half() -> AsyncIterator[bytes]:
        yield b'{"request_payload": '
        agent.cli_json("terminal", "revoke", "lane-2")
        yield b'{"transaction_id": "T-1", "subtotal": 1.0}}'

    async with client(agent.url, "lane-2", token) as stolen:
        headers = {"Content-Type": "application/json"}
        with pytest.raises(httpx.TransportError):
            await stolen.post("/api/2.0/send_transaction", content=half(), headers=headers)
    assert agent.status()["outbox"]["accepted"] == 0
    assert agent.send(sale("T-2")).status_code == 200
