"""The parts around the core: honest health, logs that keep secrets, a loud end."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from store_agent.agent.health import STALLED_SECONDS, AgentHealth
from store_agent.agent.parts import Parts
from store_agent.domain.card_numbers import find_numbers, find_tracks
from store_agent.errors import AgentError
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.sales import sale


class Part:
    """A writer and a drain as health sees them."""

    def __init__(self, *, alive: bool = True, failure: str = "", stalled: float = 0.0) -> None:
        self.alive, self.failure, self.stalled = alive, failure, stalled

    def stalled_seconds(self) -> float:
        return self.stalled


@pytest.mark.parametrize(
    ("writer", "drain", "words"),
    [
        (Part(), Part(), []),
        (Part(alive=False), Part(), ["stopping"]),
        (Part(failure="disk is full"), Part(), ["disk is full"]),
        (Part(stalled=STALLED_SECONDS + 1), Part(), ["has not confirmed"]),
        (Part(), Part(stalled=STALLED_SECONDS + 1), ["Sending has not moved"]),
        (Part(failure="full"), Part(stalled=99), ["full", "Sending"]),
    ],
)
def test_health_names_what_does_not_move_G17(writer: Part, drain: Part, words: list[str]) -> None:
    problems = AgentHealth(writer, drain).problems()  # type: ignore[arg-type]
    assert len(problems) == len(words)
    assert all(word in problem for word, problem in zip(words, problems, strict=True))


PROGRAM = """
import structlog
from store_agent.agent import logs
logs.configure("info", {form!r})
def handle(authorization):
    card = "4111111111111111"
    raise ValueError("broken")
try:
    handle("Basic c2VjcmV0")
except ValueError:
    structlog.get_logger("api").exception("api.bug", path="/x")
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_logged_bug_shows_no_values_G16(form: str, tmp_path: Path) -> None:
    program = PROGRAM.format(form=form)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "api.bug" in done.stderr
    assert "broken" in done.stderr
    assert "4111111111111111" not in done.stderr
    assert "c2VjcmV0" not in done.stderr
    if form == "json":
        assert json.loads(done.stderr)["path"] == "/x"


CARELESS = """
import asyncio, logging
import structlog
from store_agent.agent import logs
logs.configure("info", {form!r})
card = "4111 1111 1111 1111"
log = structlog.get_logger("api")
log.info("api.told", words=f"card {{card}}", number=4111111111111111, path="/?q=4111111111111111", more=[{{card: 1}}])
log.info("api.fine", sequence=12, path="/x")
logging.getLogger("other").error("said %s", ";4111111111111111=25121010000?")
try:
    raise ValueError(card)
except ValueError:
    log.exception("api.bug")
    logging.getLogger("other").exception("broken")
raise RuntimeError(card)
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_line_of_the_log_holds_a_card_number_G16(form: str, tmp_path: Path) -> None:
    program = CARELESS.format(form=form)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert find_numbers(done.stderr.replace('card = "4111 1111 1111 1111"', "")) == []
    assert find_tracks(done.stderr) == []
    assert done.stderr.count("4111 11") >= 4
    if form == "text":
        assert "RuntimeError: 4111 11** **** 1111" in done.stderr
    else:
        told, fine, *_, died = map(json.loads, done.stderr.splitlines())
        assert (died["event"], died["exception"][0]["exc_value"]) == ("agent.died", "4111 11** **** 1111")
        assert told["number"] == 4111110000001111
        assert (fine["sequence"], fine["path"]) == (12, "/x")


def test_a_database_that_fails_under_the_agent_shows_in_readiness_G17(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url).start()
    agent.send(sale())
    agent.wait_for_outbox(delivered=1)
    assert agent.client.get("/readyz").status_code == 200
    other = sqlite3.connect(agent.directory / "data" / "store-agent.db")
    other.execute("ALTER TABLE revision RENAME COLUMN live TO something_else")
    other.commit()
    other.close()
    refused = agent.send(sale("T-2"))
    assert (refused.status_code, refused.json()["errors"]["code"]) == (503, "retry")
    problem = agent.client.get("/readyz")
    assert problem.status_code == 503
    assert "Sales cannot be stored" in problem.json()["errors"]["message"]
    assert agent.log.read_text().count("storage.failing") == 1


async def test_a_part_that_dies_ends_the_agent_with_a_reason_G17() -> None:
    parts = Parts(lambda: None)
    ended: list[str] = []

    async def broken() -> None:
        raise ZeroDivisionError

    async def well() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("well")

    parts.add("well", well())
    parts.add("drain", broken())
    assert await parts.first_end()
    with pytest.raises(AgentError, match="drain"):
        await parts.close()
    assert ended == ["well"]
