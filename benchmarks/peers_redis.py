"""Queues on a Redis of this run that syncs its log after every command (`appendfsync always`), over its Unix socket."""

import itertools
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peer import TENS, Blocking, Peer, Queue

START_SECONDS_MAX = 10.0


@contextmanager
def _client(directory: Path) -> Iterator[Any]:
    import redis

    with tempfile.TemporaryDirectory() as near:  # a socket's path may have 107 characters
        socket = f"{near}/redis"
        arguments = ["--port", "0", "--unixsocket", socket, "--appendonly", "yes", "--appendfsync", "always"]
        server = subprocess.Popen(
            ["redis-server", *arguments, "--save", "", "--dir", str(directory)],
            stdout=subprocess.DEVNULL,
        )
        client = redis.Redis(unix_socket_path=socket)
        try:
            _wait(client)
            yield client
        finally:
            client.close()
            server.terminate()
            server.wait()


def _wait(client: Any) -> None:
    begin = time.monotonic()
    while not _answers(client):
        if time.monotonic() - begin > START_SECONDS_MAX:
            raise TimeoutError("redis-server does not answer")
        time.sleep(0.01)
    if list(client.config_get("appendfsync").values()) not in (["always"], [b"always"]):
        raise RuntimeError("Redis does not sync every command: this would not be the same durability")


def _answers(client: Any) -> bool:
    import redis

    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@contextmanager
def _stream(directory: Path) -> Iterator[Queue]:
    with _client(directory) as client:
        client.xgroup_create("sales", "drain", id="0", mkstream=True)

        def take(count: int) -> int:
            ((_, found),) = client.xreadgroup("drain", "one", {"sales": ">"}, count=count)
            numbers = [number for number, _ in found]
            done = client.pipeline(transaction=False)
            done.xack("sales", "drain", *numbers)
            done.xdel("sales", *numbers)
            done.execute()
            return len(numbers)

        yield Blocking(lambda: lambda text: client.xadd("sales", {"sale": text}), take)


@contextmanager
def _dramatiq(directory: Path) -> Iterator[Queue]:
    from dramatiq import Message
    from dramatiq.brokers.redis import RedisBroker

    with _client(directory) as client:
        broker: Any = RedisBroker(client=client, middleware=[])
        broker.declare_queue("sales")
        consumer = broker.consume("sales", prefetch=TENS)

        def put(text: bytes) -> None:
            broker.enqueue(Message(queue_name="sales", actor_name="send", args=(text.decode(),), kwargs={}, options={}))

        def take(count: int) -> int:
            found = list(itertools.islice(iter(consumer.__next__, None), count))
            for one in found:
                consumer.ack(one)
            return len(found)

        yield Blocking(lambda: put, take)


def is_installed() -> bool:
    """Tell whether this machine has a Redis."""
    return shutil.which("redis-server") is not None


PEERS = (
    Peer(
        "dramatiq",
        "Redis with appendfsync always, a sync for each enqueue, fetch and ack",
        (
            "At least once: what was fetched and not acknowledged comes again.",
            "All that waits is held in memory, by a second service.",
        ),
        _dramatiq,
    ),
    Peer(
        "Redis stream",
        "Redis with appendfsync always, a sync for each XADD (shared by those that come together), XREADGROUP and XACK",
        (
            "At least once: what was read and not acknowledged comes again to who claims it (XAUTOCLAIM).",
            "All that waits is held in memory, by a second service.",
        ),
        _stream,
    ),
)
