"""A disk without room, under the real agent: it refuses in words, goes on sending, and recovers by itself (G12)."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.notified import Notified
from tests.support.sales import sale
from tests.support.small_disk import SmallDisk, small_disk

SPACE = {"reserve_bytes": 2_097_152, "free_min_bytes": 1_048_576, "free_warn_bytes": 3_000_000}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", "8m") as mounted:
        yield mounted


@pytest.fixture
def store(make_agent: MakeAgent, platform: SandboxServer, disk: SmallDisk) -> AgentProcess:
    storage = {"directory": str(disk.path / "data"), **SPACE}
    return make_agent(platform.url, storage=storage, upkeep={"space_seconds": 0.05}).start()


def until(found: Callable[[], Any], within: float = 30.0) -> Any:
    """Ask until the answer is true."""
    end = time.monotonic() + within
    while not (value := found()):
        assert time.monotonic() < end, "it did not come"
    return value


def room(store: AgentProcess) -> str:
    return str(store.status()["space"]["room"])


def big_sale(number: int) -> dict[str, Any]:
    """Make a sale of about 20 kB."""
    return sale(f"T-{number}", custom_data={"note": "x" * 20_000})


def sell_until_full(store: AgentProcess) -> tuple[list[str], Any, dict[str, Any]]:
    """Sell until there is no room; gives what was taken, the refusal, and the status then."""
    taken: list[str] = []
    for number in range(5_000):
        answer = store.send(big_sale(number))
        if answer.status_code == 200:
            taken.append(f"T-{number}")
        elif (status := store.status())["space"]["room"] == "full":
            return taken, answer, status
    raise AssertionError("the disk never became full")


def test_a_disk_of_8_mb_sells_refuses_drains_and_recovers_G12_G1_G2(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["down"])
    taken, refusal, status = sell_until_full(store)
    assert refusal.status_code == 507
    errors = refusal.json()["errors"]
    assert errors["code"] == "disk_full"
    assert "NOT stored" in errors["message"]
    assert store.send(big_sale(0)).status_code == 200, "what was stored before is answered as before"
    assert any("disk is full" in words for words in status["words"])
    platform.set_faults([])
    store.wait_for_outbox(delivered=len(taken), waiting=0, frozen=0)
    until(lambda: room(store) != "full")  # what is at the platform makes room
    assert store.send(sale("T-again")).status_code == 200
    store.wait_for_outbox(delivered=len(taken) + 1)
    assert sorted(platform.account()["transactions"]) == sorted([*taken, "T-again"])
    assert store.stop() == 0


def test_another_program_fills_the_disk_and_what_waits_is_sent_all_the_same_G12(
    store: AgentProcess, platform: SandboxServer, disk: SmallDisk
) -> None:
    platform.set_faults(["down"])
    for number in range(30):
        assert store.send(sale(f"T-{number}")).status_code == 200
    taken = sell_while_it_makes_room(store, disk, 30)
    platform.set_faults([])
    store.wait_for_outbox(delivered=taken, waiting=0, frozen=0)
    disk.empty()
    until(lambda: room(store) == "plenty")
    assert store.send(sale(f"T-{taken}")).status_code == 200
    store.wait_for_outbox(delivered=taken + 1)


def sell_while_it_makes_room(store: AgentProcess, disk: SmallDisk, taken: int) -> int:
    """Fill the disk until sales are refused: the agent folds its journal first; gives how many sales it has then."""
    while True:
        disk.fill()
        until(lambda: room(store) == "full")
        answer = store.send(sale(f"T-{taken}"))
        if answer.status_code != 200:
            assert answer.status_code == 507
            return taken
        taken += 1


def test_the_agent_starts_on_a_full_disk_and_sends_what_waits_G12(
    store: AgentProcess, platform: SandboxServer, disk: SmallDisk
) -> None:
    platform.set_faults(["down"])
    for number in range(12):
        assert store.send(sale(f"T-{number}")).status_code == 200
    store.kill()
    disk.fill()
    store.start()
    assert until(lambda: store.client.get("/v1/status").json()["payload"]["outbox"])
    assert room(store) == "full"
    assert store.send(sale("T-12")).status_code == 507
    platform.set_faults([])
    store.wait_for_outbox(delivered=12)


def test_without_any_room_it_still_starts_answers_and_goes_on_by_itself_G12_G17(
    store: AgentProcess, platform: SandboxServer, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    assert store.send(sale("T-1")).status_code == 200
    store.wait_for_outbox(delivered=1)
    assert store.stop() == 0
    (disk.path / "data" / "reserve").unlink()
    disk.fill()
    with Notified(tmp_path / "notify") as systemd:
        store.start()
        systemd.until("READY=1")
        systemd.forget()
        systemd.until("WATCHDOG=1", times=3)  # systemd must not kill what waits for room
    assert store.client.get("/healthz").status_code == 200
    assert store.client.get("/readyz").status_code == 503
    assert "is full" in store.client.get("/v1/status").json()["payload"]["words"][0]
    assert store.send(sale("T-2")).status_code == 507
    shown = store.cli("status")
    assert (shown.returncode, "is full" in shown.stdout) == (0, True)
    disk.empty()
    until(lambda: store.client.get("/v1/status").json()["payload"]["outbox"])
    until(lambda: room(store) == "plenty")
    assert store.send(sale("T-2")).status_code == 200
    store.wait_for_outbox(delivered=2)


def test_without_a_reserve_a_full_disk_would_stop_sending_G12(
    make_agent: MakeAgent, platform: SandboxServer, disk: SmallDisk
) -> None:
    """The control: the same story with neither a reserve nor a minimum."""
    storage = {"directory": str(disk.path / "data"), "reserve_bytes": 0, "free_min_bytes": 0, "free_warn_bytes": 0}
    store = make_agent(platform.url, storage=storage, upkeep={"space_seconds": 0.05}).start()
    platform.set_faults(["down"])
    for number in range(30):
        assert store.send(sale(f"T-{number}")).status_code == 200
    disk.fill()
    platform.set_faults([])
    until(lambda: "drain.storage_failed" in store.log.read_text())
    assert store.status()["outbox"]["delivered"] < 30
    disk.empty()
    store.wait_for_outbox(delivered=30)
