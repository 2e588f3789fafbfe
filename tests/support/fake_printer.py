"""A network printer made up of a real TCP server on a thread of its own; it behaves as it is told."""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Self

READY, OUT_OF_PAPER, COVER_OPEN = b"\x12\x12\x12", b"\x1a\x32\x72", b"\x1a\x16\x12"
"""Answers to DLE EOT 1, 2 and 4."""

_ASKED = re.compile(rb"\x10\x04[\x01-\x04]")
_TINY_BUFFER = 1_024
_WAIT_SECONDS = 20.0


class FakePrinter:
    """Listens on a port; `mood` says what it does with a connection.

    "prints" reads all; "resets" breaks off after the first bytes of a job; "stalls" takes the connection and reads
    nothing; `status` is its answer to DLE EOT, None for a printer that gives none. `refuse` stops listening.
    """

    def __init__(self, mood: str = "prints", status: bytes | None = READY) -> None:
        self.mood = mood
        self.status = status
        self.jobs: list[bytes] = []
        self.calls = 0
        self._changed = threading.Condition()
        self._open: list[socket.socket] = []
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()

    def refuse(self) -> None:
        """Be off: nothing listens any more, and what is connected is cut off."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def be_well(self, status: bytes | None = READY) -> None:
        """Be on and print, on the same port."""
        self.refuse()
        self.mood, self.status = "prints", status
        self._listener = self._listen(self.port)

    def wait_for_jobs(self, number: int) -> list[bytes]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.jobs) >= number, _WAIT_SECONDS), self.jobs
            return list(self.jobs)

    def wait_for_calls(self, number: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.calls >= number, _WAIT_SECONDS), self.calls

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _TINY_BUFFER)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._open.append(connection)
                with self._changed:
                    self.calls += 1
                    self._changed.notify_all()
                if self.mood != "stalls":
                    threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            job = self._read(connection)
            if self.mood == "resets":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif job:
                with self._changed:
                    self.jobs.append(job)
                    self._changed.notify_all()
            connection.close()

    def _read(self, connection: socket.socket) -> bytes:
        job = b""
        while part := connection.recv(4_096):
            if asked := len(_ASKED.findall(part)):
                if self.status is not None:
                    connection.sendall(self.status[:asked])
                part = _ASKED.sub(b"", part)
            job += part
            if job and self.mood == "resets":
                return job
        return job


@contextmanager
def taking_nobody() -> Iterator[int]:
    """Listen on a port, which it gives, where no connection is taken and none refused."""
    with ExitStack() as stack:
        listener = stack.enter_context(closing(socket.socket()))
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
