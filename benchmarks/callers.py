"""Callers at the counter: each makes its calls one after the other over a connection of its own."""

import random
import socket
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from io import BufferedRWPair

from benchmarks.visits import Call

SECONDS_MAX = 30.0
"""For one answer."""

Times = dict[str, list[float]]
"""Seconds of every call, by its name."""


def make_calls(
    port: int, scripts: Sequence[Sequence[Call]], *, pause: float = 0.0, status: int = HTTPStatus.OK
) -> Times:
    """Let each caller go through its calls, all at the same time; raises unless each is answered with `status`.

    `pause` is how long they think before a call at most, in seconds. Without it callers that wait for the same timer of
    the platform would call in step, and what a call gains or loses on its way would vanish between two ticks of it.
    """
    times: Times = defaultdict(list)
    with ThreadPoolExecutor(len(scripts)) as callers:
        for own in callers.map(partial(_one_by_one, port, pause, status), scripts):
            for name, seconds in own.items():
                times[name] += seconds
    return times


def _one_by_one(port: int, pause: float, status: int, script: Sequence[Call]) -> Times:
    times: Times = defaultdict(list)
    with socket.create_connection(("127.0.0.1", port), SECONDS_MAX) as line, line.makefile("rwb") as both:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for call in script:
            time.sleep(random.random() * pause)
            begin = time.perf_counter()
            head, body = _exchange(both, call.request)
            times[call.name].append(time.perf_counter() - begin)
            if int(head.split(b" ", 2)[1]) != status:
                raise RuntimeError(f"{call.name}: {(head + body).decode(errors='replace')}")
    return times


def _exchange(line: BufferedRWPair, request: bytes) -> tuple[bytes, bytes]:
    line.write(request)
    line.flush()
    head = b"".join(iter(line.readline, b"\r\n"))
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return head, line.read(length)
