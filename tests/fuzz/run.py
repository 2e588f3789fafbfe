"""Sends so many fuzzed requests from several callers at once, and holds the agent to what must be true."""

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

import httpx
import psutil

from tests.fuzz.caller import Caller
from tests.fuzz.memory import Memory
from tests.fuzz.mutate import Callers, Mutator
from tests.fuzz.recordings import recordings
from tests.support.agent import AgentProcess

QUICK = {
    "header_timeout_seconds": 2.0,
    "body_timeout_seconds": 2.0,
    "rate_per_second": 1_000_000.0,
    "rate_burst": 1_000_000,
}
"""The bounds of a caller's pace would answer for the agent otherwise."""

ROUNDS = 40
"""After each, memory is looked at."""


@dataclass(slots=True)
class Result:
    """`counts` are answers by status, 0 those that were cut off."""

    requests: int = 0
    seconds: float = 0.0
    counts: Counter[int] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)


def run(agent: AgentProcess, requests: int, seed: int, callers: int) -> Result:
    """Fuzz a running agent."""
    result = Result()
    made = Mutator(recordings(agent.client.get("/openapi.json").json()), _known(agent), seed)
    lines = [Caller(agent.port) for _ in range(callers)]
    began = time.monotonic()
    try:
        with ThreadPoolExecutor(callers) as pool:
            for end in _ends(requests):
                _round(pool, lines, made, result.requests, end)
                result.requests = end
                result.memory.look(agent.pid, end)
        _judge(agent, result)
    except (psutil.NoSuchProcess, OSError, httpx.TransportError):
        result.violations.append(f"the agent ended by request {result.requests}: {agent.log.read_text()[-2_000:]}")
    result.seconds = time.monotonic() - began
    for line in lines:
        result.counts += line.counts
        result.violations += line.violations
        line.close()
    return result


def _ends(requests: int) -> list[int]:
    """Give the numbers at which the rounds end."""
    return sorted({requests * number // ROUNDS for number in range(1, ROUNDS + 1)} - {0})


def _known(agent: AgentProcess) -> Callers:
    token = (agent.directory / "data" / "control.token").read_text().strip()
    return [("lane-1", agent.token), ("lane-1", agent.token), ("manager", token)]


def _round(pool: ThreadPoolExecutor, lines: Sequence[Caller], made: Mutator, first: int, end: int) -> None:
    """Send the requests from a number up to another; each caller takes its share."""

    def share(place: int) -> None:
        for number in range(first + place, end, len(lines)):
            fuzzed = made.make(number)
            lines[place].send(fuzzed.sent, whole=fuzzed.whole, name=f"request {number}")

    list(pool.map(share, range(len(lines))))


def _judge(agent: AgentProcess, result: Result) -> None:
    """Hold the agent to its memory, its books and its log."""
    result.violations += result.memory.violations
    if not agent.status()["outbox"]["balanced"]:
        result.violations.append("the books do not balance")
    log = agent.log.read_text()
    result.violations += [f"log: {line}" for line in islice((one for one in log.splitlines() if "api.bug" in one), 5)]
