"""systemd's side of sd_notify: a socket that is always read."""

import socket
import threading
import time
from pathlib import Path
from typing import Self


class Notified:
    """Collects what is told; use it as a context."""

    def __init__(self, address: Path) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))
        self._lines: list[str] = []
        self._heard = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", str(self.address))
        self._reader.join(20.0)
        self._socket.close()

    def forget(self) -> None:
        """Start anew."""
        with self._heard:
            self._lines.clear()

    def heard(self, line: str) -> bool:
        """Tell whether a line was heard so far."""
        with self._heard:
            return line in self._lines

    def until(self, line: str, times: int = 1, within: float = 30.0) -> None:
        """Wait until a line was heard so often."""
        end = time.monotonic() + within
        with self._heard:
            while self._lines.count(line) < times:
                assert self._heard.wait(end - time.monotonic()), f"{line} was not heard, but {self._lines}"

    def _read(self) -> None:
        while said := self._socket.recv(4_096):
            with self._heard:
                self._lines += said.decode().splitlines()
                self._heard.notify_all()
