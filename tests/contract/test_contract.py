"""The running agent keeps to what /openapi.json says, whatever it is asked (schemathesis).

Each operation is called with every kind of value that its description allows and forbids, and with some at random,
from a fixed seed. No answer may be an internal error, and each must have a status, a content type and a body as
described.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.contract.conftest import credentials
from tests.support.agent import AgentProcess
from tests.support.sales import sale

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SEED = "1"
EXAMPLES = "8"
"""At random, for each operation; about 40 more cover the kinds of values one by one."""

ELSEWHERE = "^/(v1/events|priv/|api/v1/|offers/|incentives/)"
"""An answer that never ends, read by tests/api/test_events.py, and some 90 calls that the platform answers itself."""

SALE = "/api/2.0/send_transaction"

SETTINGS = """
[generation]
with-security-parameters = false

[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 501, 502, 503, 507]
"""
"""What an agent answers that has no printer, no line, no room or something else to do; never 500."""


def compare(
    url: str, described: str, credentials: str, directory: Path, *only: str
) -> subprocess.CompletedProcess[str]:
    """Hold an agent against a description, in a directory for what schemathesis leaves behind."""
    (directory / "schemathesis.toml").write_text(SETTINGS)
    command = [
        sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "--no-color",
        "run", described, "--url", url, "--auth", credentials, "--checks", ",".join(CHECKS), "--seed", SEED,
        "--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, "--warnings", "off",
        "--exclude-path-regex", ELSEWHERE, *only,
    ]  # fmt: skip
    own = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    return subprocess.run(command, cwd=directory, env=own, capture_output=True, text=True, check=False, timeout=280)


@pytest.mark.parametrize("role", ["manager", "cashier"])
def test_every_answer_is_as_the_contract_says_and_none_is_an_internal_error(
    fresh: AgentProcess, tmp_path: Path, role: str
) -> None:
    caller = credentials(fresh)[role]
    done = compare(fresh.url, f"{fresh.url}/openapi.json", caller, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "api.bug" not in fresh.log.read_text()
    name, _, token = caller.partition(":")
    assert httpx.get(f"{fresh.url}/readyz", auth=(name, token)).json()["payload"] == {"ready": True}


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ('"200"', '"201"', "Undocumented status code"),
        ('"Done","content":{"application/json"', '"Done","content":{"text/plain"', "Undocumented Content-Type"),
        ('"integer"', '"boolean"', "Response violates schema"),
    ],
)
def test_an_answer_that_is_not_as_described_would_be_noticed(
    running: AgentProcess, tmp_path: Path, right: str, wrong: str, *, found: str
) -> None:
    """The control: a contract that says something else."""
    described = tmp_path / "openapi.json"
    described.write_text(altered(httpx.get(f"{running.url}/openapi.json").text, right, wrong))
    done = compare(running.url, str(described), f"lane-1:{running.token}", tmp_path, "--include-path", SALE)
    assert done.returncode == 1, done.stdout + done.stderr
    assert found in done.stdout


def altered(text: str, right: str, wrong: str) -> str:
    """Change a description, written without blanks, wherever it says that."""
    compact = json.dumps(json.loads(text), separators=(",", ":"))
    assert right in compact
    return compact.replace(right, wrong)


def test_the_contract_is_there_and_pages_that_draw_it_are_not(running: AgentProcess) -> None:
    """They would load scripts from elsewhere into the till's browser."""
    assert running.client.get("/openapi.json").json()["openapi"].startswith("3.1")
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect", "/swagger"):
        answer = running.client.get(path)
        assert answer.status_code == 404
        assert answer.json()["errors"]["code"] == "not_found"


@pytest.mark.parametrize("call", ["retry", "hold", "release", "discard", "drain", "export"])
def test_what_is_done_to_the_queue_is_no_place_in_it(running: AgentProcess, call: str) -> None:
    answer = running.client.get(f"/v1/outbox/{call}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/receipts", "GET, POST"), ("/v1/prints/1", "DELETE, GET"), ("/openapi.json", "GET, HEAD")],
)
def test_all_methods_of_a_path_are_told(running: AgentProcess, path: str, allowed: str) -> None:
    answer = running.client.put(path, json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_paper_that_there_is_not_is_refused_also_if_nothing_is_to_be_rendered(running: AgentProcess) -> None:
    answer = running.client.post(f"{SALE}?width=57", json={"request_payload": sale("T-57")})
    assert (answer.status_code, answer.json()["errors"]["code"]) == (400, "invalid_field")


@pytest.mark.parametrize("call", ["send_transaction", "lookup", "unlock", "upload_catalog"])
def test_a_call_by_another_method_is_told_the_right_one(running: AgentProcess, call: str) -> None:
    answer = running.client.get(f"/api/2.0/{call}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
