"""Managers come in over the Unix socket by their own accounts; the kernel says who they are (G15)."""

import base64
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from store_agent import __version__
from store_agent.api.peers import Peer, Peers
from tests.support.accounts import (
    BIN,
    DAEMON,
    GROUP,
    MANAGERS,
    Groups,
    acting_as,
    needs_root,
    public_directory,
    visiting,
)
from tests.support.agent import AgentProcess

pytestmark = needs_root


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with public_directory() as made:
        yield made


@pytest.fixture(scope="module")
def groups(tmp_path_factory: pytest.TempPathFactory) -> Groups:
    return Groups(tmp_path_factory.mktemp("etc") / "group")


@pytest.fixture(scope="module")
def shared(directory: Path, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """An agent whose socket everybody can connect to, so that what holds is the agent's own look at the caller."""
    groups.join("daemon")
    api = {"socket": str(directory / "managers.sock"), "managers_group": GROUP}
    running = AgentProcess(tmp_path_factory.mktemp("agent"), "http://127.0.0.1:9", groups.command(), api=api).start()
    path(running).chmod(0o666)
    yield running
    running.close()


def path(agent: AgentProcess) -> Path:
    line = next(line for line in agent.config.read_text().splitlines() if line.startswith("socket"))
    return Path(line.split('"')[1])


def basic(name: str, token: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{token}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("uid", "gid", "name"),
    [(0, 0, "root"), (DAEMON, DAEMON, "daemon"), (BIN, MANAGERS, "bin"), (54_322, MANAGERS, "uid 54322")],
    ids=["root", "member", "by its own group", "without a name"],
)
def test_managers_come_in_by_their_accounts_G15(shared: AgentProcess, uid: int, gid: int, name: str) -> None:
    with visiting(path(shared), uid, gid) as visit:
        status, found = visit.ask("/v1/me")
        assert status == 200
        assert found["payload"] == {
            "name": name,
            "role": "manager",
            "over": "socket",
            "store_id": "1234x",
            "version": __version__,
        }
        assert visit.ask("/v1/terminals")[0] == 200


@pytest.mark.parametrize("uid", [BIN, 54_322])
@pytest.mark.parametrize("place", ["/v1/me", "/v1/status", "/v1/terminals", "/v1/events", "/nothing"])
def test_other_accounts_are_kept_out_of_every_route_G15(shared: AgentProcess, uid: int, place: str) -> None:
    with visiting(path(shared), uid, BIN) as visit:
        status, refused = visit.ask(place, X_Forwarded_User="root", Remote_User="root")
    assert (status, refused["errors"]["code"]) == (401, "unauthorized")
    assert "api.managers_group" in refused["errors"]["message"]


def test_an_agent_that_does_not_look_would_let_a_stranger_in_G15(
    directory: Path, groups: Groups, tmp_path: Path
) -> None:
    """The control: the same call, with the look at the caller's account broken."""
    command = groups.command(sys.executable, "-m", "tests.support.trusting_agent")
    api = {"socket": str(directory / "trusting.sock"), "managers_group": GROUP}
    agent = AgentProcess(tmp_path, "http://127.0.0.1:9", command, api=api).start()
    try:
        path(agent).chmod(0o666)
        with visiting(path(agent), BIN, BIN) as visit:
            assert visit.ask("/v1/terminals")[0] == 200
    finally:
        agent.close()


def test_credentials_count_more_than_the_account_G15(shared: AgentProcess) -> None:
    with visiting(path(shared), 0) as visit:
        status, found = visit.ask("/v1/me", Authorization=basic("lane-1", shared.token))
        assert (status, found["payload"]["name"], found["payload"]["role"]) == (200, "lane-1", "cashier")
        assert found["payload"]["over"] == "socket"
        assert visit.ask("/v1/me", Authorization=basic("lane-1", "wrong"))[0] == 401
        assert visit.ask("/v1/me", Authorization="")[0] == 401
    with visiting(path(shared), BIN, BIN) as visit:
        assert visit.ask("/v1/status", Authorization=basic("lane-1", shared.token))[0] == 200


@pytest.mark.parametrize("host", ["evil.example.com", "localhost.evil.com", ""])
def test_another_name_is_refused_over_the_socket_too_G15(shared: AgentProcess, host: str) -> None:
    with visiting(path(shared)) as visit:
        status, refused = visit.ask("/v1/me", Host=host)
    assert (status, refused["errors"]["code"]) == (403, "host_not_allowed")


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example.com"}, {"Sec_Fetch_Site": "cross-site"}])
def test_web_pages_are_refused_over_the_socket_too_G15(shared: AgentProcess, header: dict[str, str]) -> None:
    with visiting(path(shared)) as visit:
        assert visit.ask("/v1/me", **header)[0] == 403


def test_over_tcp_an_account_counts_nothing_G15(shared: AgentProcess) -> None:
    assert httpx.get(f"{shared.url}/v1/me").status_code == 401
    found = shared.client.get("/v1/me").json()["payload"]
    assert (found["name"], found["role"], found["over"]) == ("lane-1", "cashier", "tcp")


def test_a_membership_that_is_taken_away_counts_from_the_next_connection_G15(
    shared: AgentProcess, groups: Groups
) -> None:
    with visiting(path(shared), DAEMON, DAEMON) as visit:
        assert visit.ask("/v1/me")[0] == 200
        groups.join("bin")
        assert visit.ask("/v1/me")[0] == 200
        with visiting(path(shared), DAEMON, DAEMON) as next_visit:
            assert next_visit.ask("/v1/me")[0] == 401
        with visiting(path(shared), BIN, BIN) as other:
            assert other.ask("/v1/me")[0] == 200
    groups.join("daemon")


def test_what_is_done_over_the_socket_is_kept_with_the_name_that_is_given(shared: AgentProcess) -> None:
    with visiting(path(shared)) as visit:
        asked = {"by": "Ada", "reason": "end of shift"}
        assert visit.ask("/v1/day/close", method="POST", body=asked)[0] == 200
        _, audit = visit.ask("/v1/audit")
    assert audit["payload"]["entries"][0]["who"] == "Ada"


def test_the_file_is_for_the_group_alone_and_goes_with_the_agent(
    directory: Path, groups: Groups, tmp_path: Path
) -> None:
    api = {"socket": str(directory / "own.sock"), "managers_group": GROUP}
    agent = AgentProcess(tmp_path, "http://127.0.0.1:9", groups.command(), api=api).start()
    try:
        found = path(agent).stat()
        assert stat.S_ISSOCK(found.st_mode)
        assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o660, 0, MANAGERS)
        with pytest.raises(PermissionError), visiting(path(agent), BIN, BIN):
            pass
        with visiting(path(agent), DAEMON, DAEMON, (MANAGERS,)) as visit:
            assert visit.ask("/v1/me")[0] == 200
        agent.kill()
        assert path(agent).exists()
        agent.start()
        with visiting(path(agent)) as visit:
            assert visit.ask("/v1/me")[0] == 200
        assert agent.stop() == 0
        assert not path(agent).exists()
        assert [file.name for file in directory.iterdir() if "own" in file.name or "~" in file.name] == []
    finally:
        agent.close()


def test_an_agent_stops_quickly_while_a_manager_is_connected(directory: Path, tmp_path: Path) -> None:
    agent = AgentProcess(tmp_path, "http://127.0.0.1:9", api={"socket": str(directory / "quick.sock")}).start()
    try:
        with visiting(path(agent)) as visit:
            assert visit.ask("/v1/me")[0] == 200
            began = time.monotonic()
            assert agent.stop() == 0
            assert time.monotonic() - began < 3.0
    finally:
        agent.close()


async def test_the_agent_s_own_user_is_a_manager_and_without_a_group_nobody_else_G15() -> None:
    with acting_as(BIN, BIN):
        peers = Peers(None)
    assert await peers.manager(Peer(BIN, BIN)) == "bin"
    assert await peers.manager(Peer(DAEMON, DAEMON)) is None
    assert await peers.manager(Peer(0, 0)) == "root"


async def test_an_account_is_looked_up_once_for_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = os.getgrouplist

    def counted(name: str, gid: int) -> list[int]:
        asked.append(name)
        return real(name, gid)

    monkeypatch.setattr(os, "getgrouplist", counted)
    peers, first, second = Peers(MANAGERS), Peer(BIN, BIN), Peer(BIN, BIN)
    for peer in (first, first, second, first):
        assert await peers.manager(peer) is None
    assert asked == ["bin", "bin"]
