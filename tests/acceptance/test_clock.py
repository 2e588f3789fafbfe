"""The real agent on a machine whose clock is wrong and is set: nothing changes but labels (G14).

The agent's own wall clock is replaced for most of it, since that is quick and works everywhere; once libfaketime stands
between the whole process and the machine. LIBFAKETIME names it where it is not installed in its usual place.
"""

import re
import sqlite3
import struct
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.cloud.access import Access
from store_agent.cloud.sessionm import platform as sessionm
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.cloud.transport import Timeouts, Transport
from store_agent.domain.container import Identity
from store_agent.domain.outcome import Throttled
from store_agent.domain.skew import CALL_SECONDS_MAX, CURE, MEANING, Moment, Skew, estimate, read_date
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import FILE_NAME
from tests.conftest import MakeAgent
from tests.support.agent import COMMAND, AgentProcess
from tests.support.faketime import faketime_library
from tests.support.sales import sale

YEAR = 31_557_600.0
BOOT = 10.0
"""What a machine with an empty battery believes: ten seconds after 1970 began."""

DST_ENDS = datetime(2026, 11, 1, 6, tzinfo=UTC).timestamp()
"""When clocks in New York are set from 02:00 back to 01:00."""


WRONG_CLOCK = """
import mmap, struct, time
with open({file!r}, "rb") as file:
    ahead = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
right = time.time
time.time = lambda: right() + struct.unpack("d", ahead)[0]
"""
MAIN = """
from store_agent.cli.main import main
main()
"""


class WallClock:
    """The wall clock of the real agent that is started by `command`, with something planted in it."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "ahead"
        self._file.write_bytes(bytes(8))

    def command(self, planted: str = "") -> tuple[str, ...]:
        return (sys.executable, "-c", WRONG_CLOCK.format(file=str(self._file)) + planted + MAIN)

    def set(self, wall: float) -> None:
        """Set the clock, while the agent runs or before; it goes on from there."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("d", wall - time.time()))


ORDERED_BY_TIME = """
from store_agent.storage import outbox
outbox._SQL["waiting_candidates"] = outbox._SQL["waiting_candidates"].replace("BY sequence", "BY accepted_at")
"""
DUE_BY_WALL_CLOCK = """
import time
from store_agent.clock import SystemClock
from store_agent.drain.drain import Drain

class WallClock(SystemClock):
    def monotonic(self):
        return time.time()

def with_wall_clock(self, queue, platform, clock, begin=Drain.__init__, **others):
    begin(self, queue, platform, WallClock(), **others)

Drain.__init__ = with_wall_clock
"""
"""Of the drain alone: the pace of callers would keep the test out, too."""


def begin(agent: AgentProcess, within: float = 30.0) -> AgentProcess:
    """Start it, and wait until its database is open."""
    end = time.monotonic() + within
    agent.start()
    while agent.status()["link"] is None:
        assert time.monotonic() < end, agent.log.read_text()
    return agent


def sell_through_an_outage(
    make_agent: MakeAgent, platform: SandboxServer, clock: WallClock, planted: str = ""
) -> list[int]:
    """Boot in 1970 and sell offline while the clock is set again and again, also while the backlog drains.

    Gives the sequences of the sales in the order in which requests were made of them, without those sales that were
    sent in two states: the second one waits while the first is on its way (G4).
    """
    platform.stop()
    clock.set(BOOT)
    agent = begin(make_agent(platform.url, clock.command(planted), drain={"concurrency": 1}))
    now = time.time()
    for number, moment in enumerate((BOOT, now + 10 * YEAR, DST_ENDS - 2, now - 30 * YEAR, DST_ENDS + 1, now, now - 1)):
        clock.set(moment)
        for name in "abc":
            assert agent.send(sale(f"T-{number}{name}")).status_code == 200
        assert agent.send(sale(f"T-{number}c", subtotal=11.0)).status_code == 200
        status = agent.status()
        assert status["outbox"]["oldest_waiting_seconds"] >= 0
        assert not re.search(r"-\d", " ".join(status["words"])), "no negative age"
    platform.set_faults(["slow:ms=30"])
    platform.start()
    for moment in (now + 20 * YEAR, BOOT, now):
        accepted = platform.totals()["transactions_accepted"]
        platform.wait_for(lambda totals, accepted=accepted: totals["transactions_accepted"] > accepted)  # type: ignore[misc]
        clock.set(moment)
    agent.wait_for_outbox(waiting=0, frozen=0, parked=0)
    with closing(sqlite3.connect(agent.directory / "data" / FILE_NAME)) as raw:
        rows = raw.execute(
            "SELECT sequence FROM revision WHERE state = 'delivered' ORDER BY batch, sequence"
        ).fetchall()
    return [sequence for (sequence,) in rows]


def test_sales_arrive_once_and_in_order_whatever_the_clock_says_G14_G4(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path
) -> None:
    sent = sell_through_an_outage(make_agent, platform, WallClock(tmp_path))
    assert sent == sorted(sent)
    account = platform.account(bodies=True)
    assert account["totals"]["doubled"] == account["totals"]["conflicts"] == 0
    assert len(account["transactions"]) == 21
    for name, states in account["transactions"].items():
        last = next(row for row in account["requests"] if row["request_id"] == states[-1]["request_id"])
        assert ("11.0" in last["body"]) or not name.endswith("c"), "the newest state is the last to arrive"


def test_sending_in_the_order_of_the_clock_would_be_noticed_G14_G4(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path
) -> None:
    sent = sell_through_an_outage(make_agent, platform, WallClock(tmp_path), ORDERED_BY_TIME)
    assert sent != sorted(sent)


def set_back_while_it_waits(
    make_agent: MakeAgent, platform: SandboxServer, clock: WallClock, planted: str = ""
) -> AgentProcess:
    """Give an agent that was asked to wait for two seconds, and whose clock was set back by twenty years meanwhile."""
    clock.set(time.time())
    agent = begin(make_agent(platform.url, clock.command(planted)))
    platform.set_faults(["status:code=429,retry_after=2,count=1"])
    agent.send(sale())
    agent.wait_for_link("backing_off")
    clock.set(time.time() - 20 * YEAR)
    return agent


def test_a_clock_that_is_set_back_does_not_lengthen_a_wait_G14(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path
) -> None:
    set_back_while_it_waits(make_agent, platform, WallClock(tmp_path)).wait_for_outbox(delivered=1)


def test_waiting_by_the_wall_clock_would_be_noticed_G14(
    make_agent: MakeAgent, platform: SandboxServer, tmp_path: Path
) -> None:
    agent = set_back_while_it_waits(make_agent, platform, WallClock(tmp_path), DUE_BY_WALL_CLOCK)
    with pytest.raises(AssertionError, match="wanted"):
        agent.wait_for_outbox(within=4.0, delivered=1)


@pytest.mark.skipif(not faketime_library(), reason="libfaketime is not installed (Debian: faketime)")
@pytest.mark.parametrize(("zone", "wall"), [("UTC", BOOT), ("America/New_York", DST_ENDS - 3)])
def test_a_whole_process_in_1970_or_at_the_end_of_summer_time_sells_and_sends_G14(
    make_agent: MakeAgent, platform: SandboxServer, zone: str, wall: float
) -> None:
    variables = {
        "LD_PRELOAD": faketime_library(),
        "FAKETIME": f"{wall - time.time():+.3f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # with it, waits with a time-out spin
        "TZ": zone,
    }
    values = (f"{name}={value}" for name, value in variables.items())
    agent = begin(make_agent(platform.url, ("/usr/bin/env", *values, *COMMAND)))
    platform.set_faults(["down:count=1"])
    assert agent.send(sale()).status_code == 200
    agent.wait_for_outbox(delivered=1)
    (row,) = agent.cli_json("outbox", "list")["revisions"]
    assert 0 <= row["accepted_at"] - wall < 600


class Stopped(SystemClock):
    """A wall clock that believes whatever a test wants, beside a monotonic clock that is right."""

    def __init__(self, wall: float) -> None:
        self._wall = wall - self.monotonic()

    def wall(self) -> float:
        return self._wall + self.monotonic()


@pytest.fixture
async def line(platform: SandboxServer) -> Any:
    opened = Transport(platform.url, Timeouts())
    yield opened
    await opened.close()


def adapter(line: Transport, wall: float, secret: str = "sandbox-secret") -> SessionM:
    return SessionM(
        Access(line, key="sandbox-key", secret=secret),
        identity=Identity("1234x", "retailer-1"),
        culture=None,
        clock=Stopped(wall),
        mint=lambda: "one",
    )


def busy_until(seconds: float) -> str:
    """A platform that asks to wait until a date."""
    date = format_datetime(datetime.fromtimestamp(time.time() + seconds, UTC), usegmt=True)
    return f"status:code=429,retry_after={date}"


@pytest.mark.parametrize("wall", [BOOT, 2_700_000_000.0])
async def test_a_dated_wait_is_as_long_as_the_platform_means_it_G14(
    platform: SandboxServer, line: Transport, wall: float
) -> None:
    platform.set_faults([busy_until(90)])
    outcome = await adapter(line, wall).ask()
    assert isinstance(outcome, Throttled)
    assert outcome.seconds is not None
    assert 60 < outcome.seconds < 120


async def test_a_dated_wait_by_this_machine_s_clock_would_be_noticed_G14(
    platform: SandboxServer, line: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessionm, "read_date", lambda _: None)
    platform.set_faults([busy_until(90)])
    outcome = await adapter(line, BOOT).ask()
    assert isinstance(outcome, Throttled)
    assert outcome.seconds is not None
    assert outcome.seconds > 50 * YEAR


@pytest.mark.parametrize("ahead", [0.0, 3 * YEAR, -3 * YEAR])
@pytest.mark.parametrize("secret", ["sandbox-secret", "wrong"])
async def test_the_skew_is_measured_on_each_answer_of_the_platform_G14(
    line: Transport, ahead: float, secret: str
) -> None:
    platform = adapter(line, time.time() + ahead, secret)
    assert platform.skew is None
    await platform.ask()
    assert platform.skew is not None
    assert abs(platform.skew.seconds - ahead) <= platform.skew.within + 1.0  # the server dates once a second
    assert platform.skew.noticeable == bool(ahead)


async def test_somebody_else_s_clock_is_not_taken_for_the_platform_s_G14(
    platform: SandboxServer, line: Transport
) -> None:
    reader = adapter(line, BOOT)
    platform.set_faults(["captive"])
    await reader.ask()
    assert reader.skew is None


async def test_the_latest_good_skew_stays_when_the_line_breaks_G14(platform: SandboxServer, line: Transport) -> None:
    reader = adapter(line, BOOT)
    await reader.ask()
    known = reader.skew
    platform.set_faults(["down"])
    await reader.ask()
    assert known is not None
    assert reader.skew == known


def test_a_call_that_tells_too_little_gives_no_skew_G14() -> None:
    began = Moment(1000.0, 5.0)
    assert estimate(990.5, began, Moment(1002.0, 7.0)) == Skew(10.0, 1.5)
    assert estimate(990.5, began, Moment(1000.0 + CALL_SECONDS_MAX * 2, 5.0 + CALL_SECONDS_MAX * 2)) is None
    assert estimate(990.5, began, Moment(1000.0 + YEAR, 7.0)) is None, "the clock was set during the call"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.7, "agrees with"),
        (-90.0, "1 min 30 s behind the platform's"),
        (2 * YEAR, "730 d 12 h ahead of the platform's"),
    ],
)
def test_a_skew_is_told_in_words(seconds: float, words: str) -> None:
    skew = Skew(seconds, 1.0)
    assert words in skew.words
    assert skew.noticeable == (abs(seconds) > 121)
    assert "safe" in MEANING
    assert "clock" in CURE


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777.0),
        ("Sun, 06 Nov 1994 08:49:37 -0000", 784111777.0),
        ("yesterday", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_of_http_is_read_or_left(text: str | None, seconds: float | None) -> None:
    assert read_date(text) == seconds
