"""What printers that stall, reset and refuse cost the sales: acknowledgements with a print on each sale."""

import http.client
import json
import socket
import struct
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from statistics import median
from time import perf_counter

from benchmarks import table
from benchmarks.load import bodies
from benchmarks.part import Ground, Part, at_most
from benchmarks.servers import Served, agent, closed_port
from benchmarks.spread import Spread

FAILING = ("stalls", "resets", "refuses")
WELL = ("prints",)
PRINTING_AT_ONCE = 4

RATIO_MAX = 1.5
"""Keeping and drawing receipts takes part of the machine; waiting for a printer would be hundreds of times as long."""


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    taken: dict[tuple[str, ...], list[float]] = {(): [], WELL: [], FAILING: []}
    failed = 0
    with ExitStack() as stack:
        platform = stack.enter_context(closed_port())
        ports = [stack.enter_context(made()) for made in (_stalling, _resetting, closed_port, _taking)]
        environment = {"STORE_AGENT_PRINTERS": json.dumps(dict(zip(FAILING + WELL, map(_table, ports), strict=True)))}
        environment["STORE_AGENT_PRINTING__KEEP_JOBS_MAX"] = "10000"
        server = stack.enter_context(agent(ground.directory / "printing", platform, environment=environment))
        _sell(server, 50, ())
        for _ in range(ground.pick(9, 3)):
            for printers, medians in taken.items():
                seconds, refused = _sell(server, ground.pick(200, 40), printers)
                medians.append(seconds)
                failed += refused
    plain, well, failing = (Spread.of(medians) for medians in taken.values())
    _show(plain, well, failing)
    to_well, to_plain = failing / well, failing / plain
    figures = {
        "failing_to_well": to_well.as_json(),
        "failing_to_plain": to_plain.as_json(),
        "failed_print_requests": failed,
    }
    verdicts = [
        at_most("ack latency, failing printers / printers that print", to_well, RATIO_MAX, table.ratio),
        at_most("ack latency, failing printers / no printing", to_plain, RATIO_MAX, table.ratio),
        at_most("requests to print that got no answer", failed, 0, str),
    ]
    return Part(figures, verdicts)


def _show(plain: Spread, well: Spread, failing: Spread) -> None:
    rows = [
        ["no printing", *plain.shown(table.milliseconds)],
        ["each sale printed, printers that print", *well.shown(table.milliseconds)],
        ["each sale printed, printers that fail", *failing.shown(table.milliseconds)],
        ["failing / printing", *(failing / well).shown(table.ratio)],
        ["failing / no printing", *(failing / plain).shown(table.ratio)],
    ]
    table.show("Printing: until a sale is acknowledged, 1 lane", ("", "median", "min .. max of rounds"), rows)


def _table(port: int) -> dict[str, object]:
    return {"kind": "network", "host": "127.0.0.1", "port": port, "terminals": []}


def _sell(server: Served, count: int, printers: tuple[str, ...]) -> tuple[float, int]:
    """Sell, and print each receipt at one of some printers.

    Gives the median seconds until a sale was acknowledged, and how many requests to print got no answer.
    """
    seconds = []
    asked: list[Future[None]] = []
    with ThreadPoolExecutor(PRINTING_AT_ONCE) as pool:
        till = http.client.HTTPConnection("127.0.0.1", server.port)
        for number, body in enumerate(bodies(count)):
            began = perf_counter()
            payload = _post(till, server, "/api/2.0/send_transaction", body)
            seconds.append(perf_counter() - began)
            codes = [receipt["code"] for receipt in payload["receipts"]] if printers else []  # none for a known guest
            asked += [pool.submit(_print, server, code, printers[number % len(printers)]) for code in codes]
        till.close()
        pool.shutdown(cancel_futures=True)
    return median(seconds), sum(not one.cancelled() and one.exception() is not None for one in asked)


def _print(server: Served, code: str, printer: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    _post(connection, server, f"/v1/receipts/{code}/print", json.dumps({"printer": printer}).encode())
    connection.close()


def _post(
    connection: http.client.HTTPConnection, server: Served, path: str, body: bytes
) -> dict[str, list[dict[str, str]]]:
    credentials = b64encode(server.token.encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"}
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text
    payload: dict[str, list[dict[str, str]]] = json.loads(text)["payload"]
    return payload


@contextmanager
def _stalling() -> Iterator[int]:
    """Connections are taken by the system, and nobody ever reads."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1_024)
        yield int(listener.getsockname()[1])


@contextmanager
def _resetting() -> Iterator[int]:
    with _serving(_reset) as port:
        yield port


@contextmanager
def _taking() -> Iterator[int]:
    with _serving(_take) as port:
        yield port


@contextmanager
def _serving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1_024)
        threading.Thread(target=_serve_all, args=(listener, serve), daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def _serve_all(listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                serve(connection)


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _take(connection: socket.socket) -> None:
    connection.recv(64)
    connection.sendall(b"\x12\x12\x12")  # it is ready and has paper
    while connection.recv(4_096):
        pass
