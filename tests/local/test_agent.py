"""Whoever asks the agent gets a payload, or an error that tells whose fault it is."""

from pathlib import Path

import pytest

from store_agent.cloud.transport import Timeouts
from store_agent.errors import AgentError, FieldError, TemporaryFailure, Unavailable
from store_agent.local.address import Address
from store_agent.local.agent import LocalAgent
from store_agent.local.credentials import ControlToken, Credentials
from store_agent.local.problems import NotRunning, Refused
from tests.support.agent import free_port
from tests.support.served import Served
from tests.support.spoken import speaking

JSON_404 = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


async def asking(url: str, credentials: Credentials | ControlToken | None = None, seconds: float = 10.0) -> AgentError:
    """Ask once for the status; gives what went wrong."""
    agent = LocalAgent(Address(url), credentials, Timeouts(read=seconds, whole=seconds))
    try:
        with pytest.raises(AgentError) as problem:
            await agent.call("GET", "/v1/status")
    finally:
        await agent.close()
    return problem.value


async def test_the_payload_is_given(served: Served, manager: LocalAgent) -> None:
    await served.sell("T-1")
    assert (await manager.call("GET", "/v1/status"))["outbox"]["waiting"] == 1
    done = await manager.call("POST", "/v1/outbox/hold", {"by": "Ada", "sequences": [1]})
    assert done["done"] == 1


async def test_a_refusal_carries_its_code_status_and_fields(manager: LocalAgent) -> None:
    with pytest.raises(Refused) as unknown:
        await manager.call("GET", "/v1/outbox/999")
    assert (unknown.value.status, unknown.value.code, unknown.value.fields) == (404, "unknown_sequence", ())
    assert unknown.value.exit_code == 65
    with pytest.raises(Refused) as wrong:
        await manager.call("GET", "/v1/outbox?limit=0")
    assert wrong.value.fields == (FieldError("limit", "Input should be greater than or equal to 1"),)
    assert str(wrong.value) == f"{wrong.value.message}\n  limit: Input should be greater than or equal to 1"


async def test_what_is_the_agent_s_own_fault_has_another_exit_code() -> None:
    assert Refused(503, "not_ready", "The disk does not answer.").exit_code == 69


async def test_without_credentials_the_agent_knows_nobody(served: Served) -> None:
    refused = await asking(str(served.manager.base_url))
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (401, "unauthorized")


async def test_a_token_that_cannot_be_read_is_told_with_the_cure(served: Served, tmp_path: Path) -> None:
    problem = await asking(str(served.manager.base_url), ControlToken(tmp_path / "nowhere"))
    assert isinstance(problem, Unavailable)
    assert "cannot be read. Run this command as the agent's user" in str(problem)
    problem = await asking(str(served.manager.base_url), ControlToken(tmp_path / "nowhere", "managers"))
    assert str(problem).endswith("or become a member of the group managers")


async def test_the_token_of_an_agent_that_started_anew_is_taken(served: Served, tmp_path: Path) -> None:
    token = tmp_path / "control.token"
    token.write_text("of the run before")
    agent = LocalAgent(Address(str(served.manager.base_url)), ControlToken(tmp_path))
    with pytest.raises(Refused):
        await agent.call("GET", "/v1/status")
    token.write_text("manager-token")
    assert await agent.call("GET", "/v1/status")
    await agent.close()


async def test_nobody_there_and_nobody_in_time_are_told_apart() -> None:
    assert isinstance(await asking(f"http://127.0.0.1:{free_port()}"), NotRunning)
    async with speaking(b"", hold=True) as url:
        assert isinstance(await asking(url, seconds=0.2), TemporaryFailure)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"status": "Error", "payload": null, "errors": ["x"]}'])
async def test_another_program_is_told_apart(body: bytes) -> None:
    async with speaking(JSON_404 + body) as url:
        problem = await asking(url)
    assert type(problem) is Unavailable
    assert "Another program" in str(problem)


def test_a_token_is_not_shown_by_accident_G16() -> None:
    assert "secret" not in repr(Credentials("lane-1", "secret"))
