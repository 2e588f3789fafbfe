"""A Debian machine: booted, used from inside, and without power from one moment to the next."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.machine.workshop import run
from tests.power.ext4 import Ext4

DISK_BYTES = 2 * 1024 * 1024 * 1024
"""Room for Debian, two packages and what is sold; the file has holes."""

BOOT_SECONDS_MAX = 120.0
COMMAND_SECONDS_MAX = 600.0
LOOK_SECONDS = 0.1


class Machine:
    """Boots from a disk that it makes in `directory`, with `shared` to be seen at /shared."""

    def __init__(self, directory: Path, debian: Path, shared: Path) -> None:
        image, self._root = directory / "disk.img", directory / "root"
        self._shared = shared
        with image.open("wb") as file:
            file.truncate(DISK_BYTES)
        run("mkfs.ext4", "-q", "-d", str(debian), str(image))
        self._root.mkdir()
        self._disk = Ext4(image, self._root)
        self._container: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def boot(self) -> None:
        """Mount the disk, switch on, and wait until everything was started that starts by itself."""
        self._disk.mount()
        command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe"]
        self._container = subprocess.Popen(
            [*command, f"--directory={self._root}", f"--bind-ro={self._shared}:/shared"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.until(lambda: self._find_leader() and self._is_up(), "the machine does not boot", BOOT_SECONDS_MAX)

    def _find_leader(self) -> bool:
        """Find the machine's first process by its parent."""
        assert self._container is not None
        assert self._container.poll() is None, "the machine cannot be booted here"
        children = Path(f"/proc/{self._container.pid}/task/{self._container.pid}/children").read_text().split()
        self._leader = int(children[0]) if children else 0
        return bool(self._leader)

    def _is_up(self) -> bool:
        state = self.run("systemctl", "is-system-running").stdout.strip()
        return state in ("running", "degraded")  # a container lacks this and that

    def run(self, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command inside, as root."""
        enter = ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-p", "-C", "-r", "-w"]
        clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TERM=dumb"]
        return subprocess.run(
            [*enter, *clean, *command],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS_MAX,
        )

    def sh(self, script: str, given: str = "") -> str:
        """Run a shell script inside, which must work, and give what it says."""
        done = self.run("sh", "-euc", script, given=given)
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def property(self, name: str) -> str:
        """Ask systemd for a property of the agent's unit."""
        return self.sh(f"systemctl show --value --property={name} store-agent.service")

    def cut_power(self) -> None:
        """Switch off as a power cut does: from this moment on nothing reaches the disk."""
        self._disk.cut_power()
        self._end()

    def close(self) -> None:
        """Switch off for good."""
        if self._container is not None:
            self._end()

    def _end(self) -> None:
        assert self._container is not None
        if self._leader:
            os.kill(self._leader, signal.SIGKILL)
        else:
            self._container.kill()
        self._container.wait(60)
        self._container, self._leader = None, 0
        self._disk.unmount()

    @staticmethod
    def until(wanted: Callable[[], object], problem: str, within: float = 60.0) -> float:
        """Look until something is so; gives the seconds it took."""
        began = time.monotonic()
        while not wanted():
            assert time.monotonic() - began < within, f"{problem} (after {within:.0f} s)"
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began
