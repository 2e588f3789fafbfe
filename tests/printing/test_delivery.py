"""Bytes get to printers of every kind, and whatever a printer does, printing ends in bounded time with clear words."""

import asyncio
import errno
import fcntl
import os
import pty
import select
import socket
import struct
import tempfile
import termios
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from store_agent.errors import PrinterTrouble
from store_agent.printing import delivery, device, network
from store_agent.printing.delivery import Delivery
from store_agent.printing.paper import Paper
from store_agent.printing.printer import DeviceWay, FileWay, FlowControl, NetworkWay, Printer, Way
from store_agent.printing.unsent import unsent
from tests.support.fake_printer import COVER_OPEN, OUT_OF_PAPER, READY, FakePrinter, taking_nobody

CONTENT = b"\x1b@receipt\n" + bytes(range(256))
LARGE = b"\x1b@" + b"picture " * 500_000

BOUND_SECONDS = 10.0
"""Far more than the timeouts of these tests together; what hangs takes for ever."""


def printer(way: Way, timeout: float = 0.2) -> Printer:
    return Printer("kitchen", way, Paper(), timeout)


def at(fake: FakePrinter, timeout: float = 0.2) -> Printer:
    return printer(NetworkWay("127.0.0.1", fake.port), timeout)


async def deliver(target: Printer, content: bytes, *, tells_status: bool = False) -> bool:
    """Print; gives whether the printer told its status."""
    async with Delivery(target).reach(tells_status=tells_status) as reached:
        await reached.print(content)
    return reached.told


async def look(target: Printer) -> bool:
    return await Delivery(target).look()


async def trouble_of(target: Printer, content: bytes = CONTENT, *, tells_status: bool = False) -> PrinterTrouble:
    """Print what cannot be printed; gives why."""
    async with asyncio.timeout(BOUND_SECONDS):
        with pytest.raises(PrinterTrouble) as failed:
            await deliver(target, content, tells_status=tells_status)
    return failed.value


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """No allowance for the slowest line, which would be hours for the large content."""
    monkeypatch.setattr(delivery, "SLOWEST_BYTES", 10**9)
    monkeypatch.setattr(network, "STATUS_SECONDS", 0.2)
    monkeypatch.setattr(network, "FAREWELL_SECONDS", 0.2)


async def test_a_network_printer_gets_every_byte() -> None:
    with FakePrinter() as fake:
        assert await deliver(at(fake, 5.0), CONTENT)
        picture = LARGE[:20_000]
        assert await deliver(at(fake, BOUND_SECONDS), picture)
        assert fake.wait_for_jobs(2) == [CONTENT, picture]


async def test_a_printer_that_tells_nothing_of_itself_prints_all_the_same() -> None:
    with FakePrinter(status=None) as fake:
        assert not await deliver(at(fake), CONTENT)
        assert fake.wait_for_jobs(1) == [CONTENT]


async def test_what_is_no_status_counts_for_nothing() -> None:
    with FakePrinter(status=b"\x00\xff\x12") as fake:
        assert not await deliver(at(fake), CONTENT)
        assert fake.wait_for_jobs(1) == [CONTENT]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (OUT_OF_PAPER, "is out of paper: put in a new roll"),
        (b"\x1a\x32\x12", "is out of paper"),
        (COVER_OPEN, "The cover of the printer kitchen is open"),
        (b"\x1a\x52\x12", "shows an error"),
        (b"\x1a\x12\x12", "is offline"),
    ],
)
async def test_a_printer_that_cannot_print_is_not_sent_anything(status: bytes, words: str) -> None:
    with FakePrinter(status=status) as fake:
        trouble = await trouble_of(at(fake))
        assert words in str(trouble)
        assert not trouble.sent
        fake.status = READY
        await deliver(at(fake), CONTENT)
        assert fake.wait_for_jobs(1) == [CONTENT], "nothing went out before"


async def test_a_roll_that_ends_soon_still_prints() -> None:
    with FakePrinter(status=b"\x12\x12\x1e") as fake:
        assert await deliver(at(fake), CONTENT)


async def test_a_printer_that_is_off_is_told_at_once() -> None:
    with FakePrinter() as fake:
        fake.refuse()
        trouble = await trouble_of(at(fake))
    assert str(trouble) == f"The printer kitchen does not answer at 127.0.0.1:{fake.port}: is it on and connected?"
    assert not trouble.sent


async def test_a_name_that_no_machine_can_have_is_told() -> None:
    assert "does not answer" in str(await trouble_of(printer(NetworkWay("kitchen..printer", 9100))))


async def test_a_printer_that_does_not_even_take_the_connection_is_given_up_in_time() -> None:
    with taking_nobody() as port:
        trouble = await trouble_of(printer(NetworkWay("127.0.0.1", port)))
    assert "does not answer" in str(trouble)


@pytest.mark.parametrize("content", [LARGE, b"x" * 40_000])
async def test_a_printer_that_stalls_is_given_up_in_time_and_may_have_printed(content: bytes) -> None:
    with FakePrinter("stalls") as fake:
        trouble = await trouble_of(at(fake), content)
    assert "stopped while it printed" in str(trouble)
    assert trouble.sent


async def test_a_printer_that_always_told_its_status_and_is_silent_now_is_in_trouble() -> None:
    """What it is sent would vanish in its network card."""
    with FakePrinter("stalls") as fake:
        trouble = await trouble_of(at(fake), tells_status=True)
    assert "does not react any more" in str(trouble)
    assert not trouble.sent


async def test_without_a_look_at_what_was_taken_a_stall_would_pass_for_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: 40 kB fit into what this side keeps for sending."""
    monkeypatch.setattr(network.Conversation, "_unacknowledged", lambda _: 0)
    with FakePrinter("stalls") as fake:
        await deliver(at(fake), b"x" * 40_000)
        assert fake.jobs == []


async def test_nothing_of_a_job_has_left_when_a_printer_is_reached() -> None:
    with FakePrinter() as fake:
        async with Delivery(at(fake)).reach():
            pass
        await deliver(at(fake), CONTENT)
        assert fake.wait_for_jobs(1) == [CONTENT]


async def test_a_connection_that_was_closed_meanwhile_counts_as_broken_off() -> None:
    with FakePrinter() as fake, ThreadPoolExecutor(1) as threads:
        way = NetworkWay("127.0.0.1", fake.port)
        async with network.talk("kitchen", way, 2.0, threads) as conversation:
            conversation._writer.transport.abort()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert conversation._writer.get_extra_info("socket").fileno() == -1
            with pytest.raises(PrinterTrouble, match="broke off the connection") as failed:
                await conversation.send(b"", 2.0)
        assert failed.value.sent


async def test_a_connection_that_is_closed_while_it_is_looked_at_counts_as_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asking the system about a handle that is gone is a ValueError."""
    monkeypatch.setattr(network, "unsent", lambda _: unsent(-1))
    with FakePrinter("stalls") as fake:
        trouble = await trouble_of(at(fake), b"x" * 40_000)
    assert ("broke off the connection" in str(trouble), trouble.sent) == (True, True)


async def test_look_ups_for_a_printer_keep_nobody_else_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    found, hang, looked_up = socket.getaddrinfo, threading.Event(), []

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        looked_up.append(host)
        if host.startswith("hangs"):
            hang.wait()
        return found(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    hanging = [Delivery(printer(NetworkWay(f"hangs-{number}", 9100))) for number in range(40)]
    try:
        for _ in range(2):
            for failed in await asyncio.gather(*(one.look() for one in hanging), return_exceptions=True):
                assert isinstance(failed, PrinterTrouble)
        async with asyncio.timeout(BOUND_SECONDS):
            await asyncio.get_running_loop().getaddrinfo("localhost", 80)
            await asyncio.to_thread(lambda: None)
            with FakePrinter() as fake:
                await deliver(printer(NetworkWay("localhost", fake.port), 5.0), CONTENT)
        assert sorted(looked_up) == sorted([*(f"hangs-{number}" for number in range(40)), "localhost", "localhost"])
    finally:
        hang.set()


async def test_a_printer_that_closes_the_connection_without_taking_everything_may_have_printed() -> None:
    with FakePrinter("stalls") as fake:
        failing = asyncio.create_task(trouble_of(at(fake, BOUND_SECONDS), b"x" * 40_000))
        await asyncio.to_thread(fake.wait_for_calls, 1)
        fake.refuse()
        trouble = await failing
    assert "broke off the connection" in str(trouble)


@pytest.mark.parametrize("content", [CONTENT, LARGE])
async def test_a_printer_that_breaks_off_may_have_printed(content: bytes) -> None:
    with FakePrinter("resets") as fake:
        trouble = await trouble_of(at(fake), content)
    assert "broke off the connection" in str(trouble)
    assert trouble.sent


async def test_looking_prints_nothing() -> None:
    with FakePrinter() as fake:
        assert await look(at(fake))
        fake.status = OUT_OF_PAPER
        with pytest.raises(PrinterTrouble, match="out of paper"):
            await look(at(fake))
        fake.status = None
        assert not await look(at(fake))
    assert fake.jobs == []


@contextmanager
def pipe(path: Path) -> Iterator[int]:
    """A device that somebody reads."""
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield reader
    os.close(reader)


async def test_a_device_gets_every_byte(tmp_path: Path) -> None:
    with pipe(tmp_path / "lp0") as reader:
        await deliver(printer(DeviceWay(tmp_path / "lp0")), CONTENT)
        assert os.read(reader, 10_000) == CONTENT


async def test_a_serial_line_gets_every_byte_unchanged() -> None:
    main, line = pty.openpty()
    path = Path(os.ttyname(line))
    await deliver(printer(DeviceWay(path)), CONTENT)
    assert os.read(main, 10_000) == CONTENT, "no end of line was made two, as a terminal would"
    os.close(main)
    os.close(line)


@pytest.mark.parametrize(
    ("flow_control", "rtscts", "xonxoff"), [("none", False, False), ("rtscts", True, False), ("xonxoff", False, True)]
)
async def test_a_serial_line_is_set_as_it_is_configured(
    flow_control: FlowControl, *, rtscts: bool, xonxoff: bool
) -> None:
    main, line = pty.openpty()
    way = DeviceWay(Path(os.ttyname(line)), 19_200, flow_control)
    set_by_others(line, termios.B115200, rtscts=not rtscts, xonxoff=not xonxoff)
    await deliver(printer(way), CONTENT)
    assert settings_of(line) == (termios.B19200, termios.B19200, rtscts, xonxoff)
    os.close(main)
    os.close(line)


@pytest.mark.parametrize("on", [True, False])
async def test_a_serial_line_stays_as_the_system_has_it(*, on: bool) -> None:
    main, line = pty.openpty()
    set_by_others(line, termios.B57600, rtscts=on, xonxoff=on)
    await deliver(printer(DeviceWay(Path(os.ttyname(line)))), CONTENT)
    assert settings_of(line) == (termios.B57600, termios.B57600, on, on)
    assert os.read(main, 10_000) == CONTENT
    os.close(main)
    os.close(line)


def set_by_others(line: int, speed: int, *, rtscts: bool, xonxoff: bool) -> None:
    attributes = termios.tcgetattr(line)
    attributes[0] = attributes[0] & ~termios.IXON | termios.IXON * xonxoff
    attributes[2] = attributes[2] & ~termios.CRTSCTS | termios.CRTSCTS * rtscts
    attributes[4] = attributes[5] = speed
    termios.tcsetattr(line, termios.TCSANOW, attributes)


def settings_of(line: int) -> tuple[int, int, bool, bool]:
    """Give the speeds in and out, and whether RTS/CTS and XON/XOFF are used."""
    attributes = termios.tcgetattr(line)
    return attributes[4], attributes[5], bool(attributes[2] & termios.CRTSCTS), bool(attributes[0] & termios.IXON)


def unread(main: int) -> int:
    """Count what a line was written and nobody has read: what the queue of a real one holds (a pty has none)."""
    found: int = struct.unpack("i", fcntl.ioctl(main, termios.FIONREAD, bytes(4)))[0]
    return found


async def test_a_small_receipt_that_stays_in_the_line_may_have_been_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    main, line = pty.openpty()
    monkeypatch.setattr(device, "unsent", lambda _: select.select([main], [], []) and unread(main))
    trouble = await trouble_of(printer(DeviceWay(Path(os.ttyname(line)))), CONTENT)
    assert "takes nothing more" in str(trouble)
    assert trouble.sent
    os.close(main)
    os.close(line)


async def test_a_line_is_not_closed_before_it_has_sent_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    main, line = pty.openpty()
    looks = []

    def look_and_read(_: int) -> int:
        looks.append(os.read(main, 100))
        return unread(main)

    monkeypatch.setattr(device, "unsent", look_and_read)
    await deliver(printer(DeviceWay(Path(os.ttyname(line))), 5.0), CONTENT)
    assert (len(looks), b"".join(looks)) == (3, CONTENT)
    os.close(main)
    os.close(line)


async def test_a_usb_printer_that_does_not_finish_may_have_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its driver takes all at once, and nothing more until that has got there; so does a pipe that is full with it."""
    os_write = os.write

    def fill(handle: int, content: bytes) -> int:
        os_write(handle, bytes(65_536 - len(content)))
        return os_write(handle, content)

    monkeypatch.setattr(os, "write", fill)
    with tempfile.TemporaryDirectory() as directory, pipe(Path(directory) / "lp0"):
        trouble = await trouble_of(printer(DeviceWay(Path(directory) / "lp0")), CONTENT)
    assert ("takes nothing more" in str(trouble), trouble.sent) == (True, True)


async def test_a_serial_adapter_that_is_unplugged_while_it_prints_is_told() -> None:
    main, line = pty.openpty()
    path = Path(os.ttyname(line))
    printing = asyncio.create_task(trouble_of(printer(DeviceWay(path), 5.0), LARGE))
    await asyncio.to_thread(select.select, [main], [], [])
    os.close(main)
    trouble = await printing
    os.close(line)
    assert "look at it, switch it off and on" in str(trouble)
    assert trouble.sent


async def test_a_line_that_cannot_be_set_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    main, line = pty.openpty()

    def unplug(handle: int) -> bool:
        if unplugged := os.ttyname(handle) == path:
            os.close(main)
        return unplugged

    path = os.ttyname(line)
    os.close(line)
    monkeypatch.setattr(os, "isatty", unplug)
    trouble = await trouble_of(printer(DeviceWay(Path(path))))
    assert ("does not print" in str(trouble), trouble.sent) == (True, False)


async def test_a_terminal_as_it_is_set_up_would_change_bytes() -> None:
    """The control for the test above."""
    main, line = pty.openpty()
    assert termios.tcgetattr(line)[1] & termios.OPOST
    os.write(line, b"a\nb")
    assert os.read(main, 10_000) == b"a\r\nb"
    os.close(main)
    os.close(line)


@pytest.mark.parametrize("kind", ["pipe", "serial line"])
async def test_a_device_that_stalls_is_given_up_in_time(tmp_path: Path, kind: str) -> None:
    main, line = pty.openpty()
    with pipe(tmp_path / "lp0"):
        path = tmp_path / "lp0" if kind == "pipe" else Path(os.ttyname(line))
        began = time.monotonic()
        trouble = await trouble_of(printer(DeviceWay(path)), LARGE)
    assert "takes nothing more" in str(trouble)
    assert trouble.sent
    assert time.monotonic() - began < BOUND_SECONDS
    os.close(main)
    os.close(line)


async def test_a_device_that_is_not_there_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "unread")
    for name in ("nothing", "unread"):
        target = printer(DeviceWay(tmp_path / name))
        trouble = await trouble_of(target)
        assert "is it plugged in and on?" in str(trouble)
        assert not trouble.sent
        with pytest.raises(PrinterTrouble, match="plugged in"):
            await look(target)


async def test_a_device_that_is_full_is_told() -> None:
    assert "is out of paper, or its disk is full" in str(await trouble_of(printer(DeviceWay(Path("/dev/full")))))


async def test_a_file_gets_one_job_behind_the_other(tmp_path: Path) -> None:
    target = printer(FileWay(tmp_path / "receipts.bin"))
    await look(target)
    assert not (tmp_path / "receipts.bin").exists()
    await deliver(target, b"one\n")
    await deliver(target, b"two\n")
    assert (tmp_path / "receipts.bin").read_bytes() == b"one\ntwo\n"
    assert "is not there" in str(await trouble_of(printer(FileWay(tmp_path / "none" / "file"))))


async def test_a_file_is_on_the_disk_before_a_job_counts_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    await deliver(printer(FileWay(tmp_path / "receipts.bin")), b"one\n")
    assert synced == [4]


async def test_a_file_that_the_disk_does_not_keep_may_have_been_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    trouble = await trouble_of(printer(FileWay(tmp_path / "receipts.bin")))
    assert ("does not print" in str(trouble), trouble.sent) == (True, True)


async def test_a_file_that_nobody_empties_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "FILE_BYTES_MAX", 2 * 1024**2)
    path = tmp_path / "receipts.bin"
    path.write_bytes(bytes(2 * 1024**2 - 4))
    await deliver(printer(FileWay(path)), b"one\n")
    trouble = await trouble_of(printer(FileWay(path)), b"x")
    assert str(trouble).startswith(f"The file {path} of the printer kitchen is full (2 MiB): whoever looks after this")
    assert not trouble.sent
    assert path.stat().st_size == 2 * 1024**2
