"""Processes that the benchmarks talk to: agents of several kinds and the sandbox."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent

AGENT = ("store_agent", "run", "-c")
"""The real thing; other kinds are modules that take the configuration's path too."""

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0


@dataclass(frozen=True)
class Served:
    """A running agent: where it listens, how to log in, its process, and the seconds until it answered."""

    port: int
    token: str
    pid: int
    start_seconds: float


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Hold a port at which every connection is refused; free to be listened on once the context has ended."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def free_port() -> int:
    """Find a port that is free now."""
    with closed_port() as port:
        return port


@contextlib.contextmanager
def agent(
    directory: Path,
    platform_port: int,
    *,
    kind: Sequence[str] = AGENT,
    environment: Mapping[str, str] | None = None,
    drain: Mapping[str, float] | None = None,
) -> Iterator[Served]:
    """Run an agent on `directory`, where `data` is its storage, new or kept from before."""
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    config = _write_config(directory, port, platform_port, drain or {})
    token = _add_terminal(config, f"lane-{port}")
    arguments = [*kind, str(config)]
    with process(arguments, f"http://127.0.0.1:{port}/healthz", environment) as (started, seconds):
        yield Served(port, token, started.pid, seconds)


@contextlib.contextmanager
def sandbox(port: int, latency_ms: int, *faults: str) -> Iterator[str]:
    """Run the stand-in platform, with faults if there are any; gives its address."""
    url = f"http://127.0.0.1:{port}"
    arguments = ["store_agent", "sandbox", "--port", str(port), "--no-keep-bodies", "--latency-ms", str(latency_ms)]
    arguments += [part for fault in faults for part in ("--fault", fault)]
    with process(arguments, f"{url}/sandbox/health"):
        yield url


@contextlib.contextmanager
def process(
    arguments: Sequence[str], url: str, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Run `python -m ...` until the context ends; enters once `url` answers, with the seconds that it took."""
    command = [sys.executable, "-m", *arguments]
    # A file, since a pipe that nobody reads would stop the process when it is full.
    with tempfile.TemporaryFile() as said:
        begin = time.monotonic()
        started = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stderr=said, stdout=subprocess.DEVNULL
        )
        try:
            if not _answers(url, started):
                said.seek(0)
                raise RuntimeError(f"{' '.join(arguments)} does not answer:\n{said.read().decode(errors='replace')}")
            yield started, time.monotonic() - begin
        finally:
            _end(started)


def run_module(arguments: Sequence[str], environment: Mapping[str, str] | None = None, timeout: float = 300.0):
    """Run `python -m ...` to its end and read the JSON that it prints."""
    command = [sys.executable, "-m", *arguments]
    surroundings = {**os.environ, **(environment or {})}
    done = subprocess.run(command, cwd=ROOT, env=surroundings, check=True, stdout=subprocess.PIPE, timeout=timeout)
    return json.loads(done.stdout)


def processor_seconds(server: Served) -> float:
    """Give the processor time that an agent has had; on a machine that others use, too, it says more than the clock."""
    times = psutil.Process(server.pid).cpu_times()
    return float(times.user + times.system)


def read_json(url: str):
    """Read what a server of this run says."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - always http on loopback
        return json.loads(answer.read())


def _answers(url: str, started: subprocess.Popen[bytes]) -> bool:
    begin = time.monotonic()
    while started.poll() is None and time.monotonic() - begin < START_SECONDS_MAX:
        with contextlib.suppress(OSError):
            read_json(url)
            return True
        time.sleep(0.005)
    return False


def _end(started: subprocess.Popen[bytes]) -> None:
    started.send_signal(signal.SIGTERM)
    try:
        started.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()


def _write_config(directory: Path, port: int, platform_port: int, drain: Mapping[str, float]) -> Path:
    path = directory / "config.toml"
    extra = "\n".join(f"{key} = {value}" for key, value in drain.items())
    path.write_text(
        f'[store]\nstore_id = "1"\nclient_id = "c"\n[cloud]\nbase_url = "http://127.0.0.1:{platform_port}"\n'
        f'key = "sandbox-key"\nsecret = "sandbox-secret"\n[api]\nport = {port}\n'
        "rate_per_second = 1e6\nrate_burst = 1000000\n"
        f'[storage]\ndirectory = "{directory / "data"}"\nencryption = "on"\n[receipts]\nbase_url = "https://r.example.com"\n'
        f"[drain]\n{extra}\n"
    )
    return path


def _add_terminal(config: Path, name: str) -> str:
    """Let a terminal in while the agent does not run; gives its user name and token as Basic wants them."""
    added = run_module(["store_agent", "terminal", "add", name, "-c", str(config), "--json"])
    return f"{name}:{added['token']}"
