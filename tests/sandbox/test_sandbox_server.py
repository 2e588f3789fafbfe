"""Starting and stopping: in this process, and as the command line does it."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from store_agent.errors import ConfigurationError, Unavailable
from store_agent.sandbox.fault import Fault
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer, serve

PROGRAM = """
from store_agent.sandbox.fault import parse_fault
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import serve
serve(SandboxOptions(port=0, faults=(parse_fault("hang"),)))
print("stopped in order")
"""


@contextmanager
def own_process() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a sandbox in which requests hang; gives the process and the line it prints."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_one_line_and_stops_within_a_second_though_a_request_hangs(number, stopwatch):
    with own_process() as (process, said):
        url = said.split()[5]
        assert said == f"The sandbox platform listens on {url} (key sandbox-key, secret sandbox-secret)\n"
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(b"POST /api/2.0/lookup HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
            _wait_until_it_hangs(url)

            with stopwatch() as watch:
                process.send_signal(number)
                rest, errors = process.communicate(timeout=10)

            with pytest.raises(ConnectionResetError):
                line.recv(1)
        assert watch.seconds < 1
        assert (process.returncode, rest, errors) == (0, "stopped in order\n", "")


def test_the_command_takes_the_credentials_of_each_upstream():
    names = ("key", "secret", "app-key", "app-secret", "connect-key", "connect-secret")
    options = [text for name in names for text in (f"--{name}", f"my-{name}")]
    command = [sys.executable, "-m", "store_agent", "sandbox", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[5]
            app, connect = ("my-app-key", "my-app-secret"), ("my-connect-key", "my-connect-secret")
            scan = httpx.get(f"{url}/priv/v1/apps/my-app-key/loyalty_cards/8000000000010001", auth=app)
            status = httpx.post(f"{url}/incentives/api/1.0/user_tiers/tier_status", auth=connect, json={})
            lookup = httpx.post(f"{url}/api/2.0/lookup", auth=("my-key", "my-secret"), json={})
        finally:
            process.terminate()

    assert (scan.status_code, status.status_code, lookup.status_code) == (200, 200, 400)


def _wait_until_it_hangs(url):
    with httpx.Client(base_url=url) as client:
        for _ in range(10_000):
            if client.get("/sandbox/account?totals=1").json()["totals"]["requests_hanging"] == 1:
                return
    raise AssertionError("the request never hung")


def test_a_taken_port_is_named_with_the_cure(server):
    port = int(server.url.rpartition(":")[2])

    with pytest.raises(Unavailable, match=rf"Port {port} on 127\.0\.0\.1 is taken.*--port"):
        serve(SandboxOptions(port=port))
    with pytest.raises(Unavailable, match=str(port)):
        SandboxServer(SandboxOptions(port=port)).start()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.com", ""])  # noqa: S104 - refused
def test_only_this_machine_can_be_listened_on(host):
    with pytest.raises(ConfigurationError, match="this machine only"):
        SandboxOptions(host=host)


@pytest.mark.parametrize("wrong", [{"port": -1}, {"port": 65_536}, {"batch_max": 0}, {"latency_ms": -1}])
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ConfigurationError):
        SandboxOptions(**wrong)


@pytest.mark.parametrize(("host", "start"), [("localhost", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_other_names_of_this_machine_are_listened_on(host, start):
    with SandboxServer(SandboxOptions(host=host, port=0)) as server:
        assert server.url.startswith(start)
        assert httpx.get(f"{server.url}/sandbox/health").status_code == 200


def test_a_stopped_server_refuses_connections_and_comes_back_with_its_account(server, till):
    till.send("A1", request_id="r1")
    url = server.url

    server.stop()

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/sandbox/health")
    assert server.account()["totals"]["requests_processed"] == 1

    server.start()

    assert server.url == url
    till.send("A1", request_id="r1")
    assert server.totals() | {"requests_repeated": 1, "transactions_accepted": 1} == server.totals()


def test_faults_survive_a_restart(server, till):
    server.set_faults(["hang", Fault("captive", count=3)])
    with pytest.raises(httpx.ReadTimeout):
        till.client.post("/api/2.0/lookup", json={}, timeout=0.05)
    server.stop()
    server.start()

    assert server.faults() == [Fault("hang"), Fault("captive", count=3)]
    with pytest.raises(httpx.ReadTimeout):
        till.client.post("/api/2.0/lookup", json={}, timeout=0.05)
    server.wait_for(lambda totals: totals["requests_failed_by_fault"] == 2)


def test_starting_twice_and_stopping_twice_does_no_harm(server):
    server.start()
    server.stop()
    server.stop()


@pytest.mark.parametrize("fault", ["hang", "slow:ms=600000", "drip:ms=600000"])
async def test_stopping_does_not_wait_for_open_requests(server, till, stopwatch, fault):
    server.set_faults([fault])
    async with httpx.AsyncClient(base_url=server.url, auth=("sandbox-key", "sandbox-secret"), timeout=30) as client:
        container = till.container({"transaction_id": "A1"})
        request = asyncio.create_task(client.post("/api/2.0/send_transaction", json=container))
        await asyncio.to_thread(server.wait_for, lambda totals: totals["requests_received"] == 1)

        with stopwatch() as watch:
            await asyncio.to_thread(server.stop)

        assert watch.seconds < 1
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await request


def test_waiting_for_what_does_not_come_ends(server):
    with pytest.raises(TimeoutError, match="requests_received"):
        server.wait_for(lambda totals: totals["requests_received"] == 1, within_s=0.01)


def test_a_mistake_in_a_fault_is_told_to_the_thread_that_made_it(server):
    with pytest.raises(ConfigurationError, match="flood"):
        server.set_faults(["flood"])


def test_two_servers_know_nothing_of_each_other(till, till_of):
    other = till_of(SandboxOptions(port=0))
    till.send("A1")

    assert other.totals()["requests_received"] == 0
