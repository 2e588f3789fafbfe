"""Faults of the machine, and what people do to it; each takes the time it is given."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from store_agent.storage import sqlite
from tests.power.traced import SYNCS, why_not_traced
from tests.soak.plan import QUIET
from tests.soak.salvaged import flip_bytes
from tests.soak.shop import FREE_MIN_BYTES, Shop
from tests.support.agent import AgentProcess
from tests.support.faketime import faketime_library

YEAR = 31_557_600.0

JUMPS = (10 * YEAR, -30 * YEAR, 3_600.0, -1.0)
"""Seconds by which the clock is wrong, one after the other."""

SLOW_DISK = f"{SYNCS}:delay_enter=20ms"
"""A worn memory card."""

FAILING_DISK = f"{SYNCS}:error=EIO:when=5..12+3"

TEMPORARY = 75
"""Exit code of a backup that another one is in the way of."""

MachineFault = Callable[[Shop, float], None]


def why_not() -> dict[str, str]:
    """Say which faults cannot be made here, and why."""
    missing = {}
    if not faketime_library():
        missing["clock"] = "libfaketime is not installed (Debian: faketime)"
    if reason := why_not_traced():
        missing |= {"slow disk": reason, "disk errors": reason}
    return missing


def _quiet(shop: Shop, seconds: float) -> None:
    shop.live(seconds)


def _kill(shop: Shop, seconds: float) -> None:
    before = shop.chance.uniform(0.0, seconds)
    shop.live(before)
    shop.agent.kill()
    shop.start()
    shop.live(seconds - before)


def _stop(shop: Shop, seconds: float) -> None:
    shop.live(seconds / 2)
    shop.stop()
    shop.start()
    shop.live(seconds / 2)


def _reload(shop: Shop, seconds: float) -> None:
    for _ in range(3):
        shop.agent.reload()
        shop.live(seconds / 3)


def _full_disk(shop: Shop, seconds: float) -> None:
    """Another program takes nearly all room, for most of the time."""
    with _filled(shop, leave=FREE_MIN_BYTES // 2):
        shop.live(seconds * 0.7)
    shop.live(seconds * 0.3)


def _start_on_a_full_disk(shop: Shop, seconds: float) -> None:
    shop.agent.kill()
    with _filled(shop, leave=0):
        shop.start()
        shop.live(seconds / 2)
    shop.live(seconds / 2)


@contextmanager
def _filled(shop: Shop, *, leave: int) -> Iterator[None]:
    shop.disk.fill(leave)
    try:
        yield
    finally:
        shop.disk.empty()


def _clock(shop: Shop, seconds: float) -> None:
    assert shop.clock is not None
    for jump in (*JUMPS, 0.0):
        shop.clock.jump(jump)
        shop.live(seconds / (len(JUMPS) + 1))


def _slow_disk(shop: Shop, seconds: float) -> None:
    with _injected(shop.agent, SLOW_DISK):
        shop.live(seconds)


def _disk_errors(shop: Shop, seconds: float) -> None:
    with _injected(shop.agent, FAILING_DISK):
        shop.live(seconds, may_end=True)


@contextmanager
def _injected(agent: AgentProcess, injection: str) -> Iterator[None]:
    """Let strace meddle with the running agent."""
    assert agent._process is not None
    calls = injection.partition(":")[0]
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={injection}"]
    strace = subprocess.Popen([*command, "-p", str(agent._process.pid)], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        strace.terminate()
        strace.wait()


def _reader(shop: Shop, seconds: float) -> None:
    """Another program reads the database, and keeps its journal from being folded."""
    with closing(sqlite.connect(f"file:{shop.database}?mode=ro", uri=True, isolation_level=None)) as raw:
        raw.execute("BEGIN")
        raw.execute("SELECT count(*) FROM revision").fetchone()
        shop.live(seconds * 0.8)
    shop.live(seconds * 0.2)


def _backup(shop: Shop, seconds: float) -> None:
    done = shop.agent.cli("backup")
    if done.returncode not in (0, TEMPORARY):
        shop.ledger.wrong(f"backup ended with {done.returncode}: {done.stderr}")
    shop.live(seconds)


def _restore(shop: Shop, seconds: float) -> None:
    """Put the last backup in the place of the database, and sell on in between."""
    if not _backups(shop):
        _backup(shop, 0.0)
    shop.live(seconds / 2)
    shop.stop()
    done = shop.agent.cli("restore", str(_backups(shop)[-1]), "--yes", "--by", "Manager")
    if done.returncode != 0:
        shop.ledger.wrong(f"restore ended with {done.returncode}: {done.stdout} {done.stderr}")
    for aside in shop.data.glob("before-restore-*"):
        shutil.rmtree(aside)  # as the words of restore say
    shop.start()
    shop.live(seconds / 2)


def _backups(shop: Shop) -> list[Path]:
    return sorted((shop.data / "backups").glob("store-agent-*.db"))


def _flipped_bytes(shop: Shop, seconds: float) -> None:
    """After a kill the newest sales are in the journal, after a stop everything is in the database itself."""
    shop.live(seconds / 2)
    shop.chance.choice((shop.agent.kill, shop.stop))()
    flip_bytes(shop)
    shop.start()
    shop.live(seconds / 2)


MACHINE_FAULTS: dict[str, MachineFault] = {
    QUIET: _quiet,
    "kill": _kill,
    "stop": _stop,
    "reload": _reload,
    "full disk": _full_disk,
    "start on a full disk": _start_on_a_full_disk,
    "clock": _clock,
    "slow disk": _slow_disk,
    "disk errors": _disk_errors,
    "reader": _reader,
    "backup": _backup,
    "restore": _restore,
    "flipped bytes": _flipped_bytes,
}
