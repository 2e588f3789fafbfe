"""A queue to compare with, and how one that blocks is loaded: producers in threads, one consumer that takes tens."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from store_agent.storage.intake import Arrival

TENS = 10
"""Sales that are taken and acknowledged together: a batch of the platform."""


class Queue(Protocol):
    """A durable queue; `enqueue` and `dequeue` give seconds."""

    def enqueue(self, producers: int, sales: Sequence[Arrival]) -> float:
        """Put all sales in, each known to be durable before its producer goes on."""
        ...

    def dequeue(self, count: int) -> float:
        """Take so many out and acknowledge them, by tens."""
        ...


@dataclass(frozen=True)
class Peer:
    """A queue to compare with, what it stands on, and what it guarantees."""

    name: str
    on: str
    guarantees: tuple[str, ...]
    open: Callable[[Path], AbstractContextManager[Queue]]


class Blocking:
    """A queue whose calls block. `put` makes the call of a producer's own thread, `take` deals with up to ten."""

    def __init__(self, put: Callable[[], Callable[[bytes], object]], take: Callable[[int], int]) -> None:
        self._put = put
        self._take = take

    def enqueue(self, producers: int, sales: Sequence[Arrival]) -> float:
        """Share the texts out to threads that begin together."""
        begin = threading.Barrier(producers + 1)
        todo = iter([arrival.sale.text.encode() for arrival in sales])
        failures: list[Exception] = []
        threads = [threading.Thread(target=_produce, args=(self._put, begin, todo, failures)) for _ in range(producers)]
        for thread in threads:
            thread.start()
        begin.wait()
        began = time.perf_counter()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return time.perf_counter() - began

    def dequeue(self, count: int) -> float:
        """Take until so many are done."""
        began = time.perf_counter()
        left = count
        while left:
            taken = self._take(min(TENS, left))
            if not taken:
                raise RuntimeError(f"{left} of {count} are missing in the queue")
            left -= taken
        return time.perf_counter() - began


def _produce(
    put: Callable[[], Callable[[bytes], object]],
    begin: threading.Barrier,
    todo: Iterator[bytes],
    failures: list[Exception],
) -> None:
    try:
        put_one = put()
        begin.wait()
        for text in todo:
            put_one(text)
    except Exception as failure:  # noqa: BLE001 - told by the thread that measures
        begin.abort()
        failures.append(failure)
