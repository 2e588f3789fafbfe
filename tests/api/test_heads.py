"""What two programs could read in two ways is refused, and nothing of it is done (RFC 9112, section 11.2; G15)."""

import base64
import socket
from typing import Any

import pytest

from store_agent.api.heads import HEADERS_MAX, why_ambiguous
from tests.support.agent import AgentProcess


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    running = AgentProcess(tmp_path_factory.mktemp("agent"), "http://127.0.0.1:9").start()
    yield running
    running.close()


def answers_to(agent: AgentProcess, sent: bytes) -> bytes:
    """Send bytes and our end, and read until the agent closes, or has answered what was whole."""
    with socket.create_connection(("127.0.0.1", agent.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
        return received


def request(agent: AgentProcess, line: str = "GET /v1/me HTTP/1.1", *more: str, host: str = "Host: 127.0.0.1") -> bytes:
    credentials = base64.b64encode(f"lane-1:{agent.token}".encode()).decode()
    return "\r\n".join([line, host, f"Authorization: Basic {credentials}", *more, "", ""]).encode()


SMUGGLED = b"0\r\n\r\nGET /v1/me HTTP/1.1\r\n\r\n"
POST = "POST /api/2.0/send_transaction HTTP/1.1"


@pytest.mark.parametrize(
    "more",
    [
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Content-Length: 5"],
        ["Content-Length: 5, 5"],
        ["Content-Length: +5"],
        ["Content-Length: 0x5"],
        ["Content-Length: 99999999999999999999999"],
        ["Content-Length : 5"],
        ["Transfer-Encoding: gzip, chunked"],
        ["Transfer-Encoding: chunked, identity"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding:\x0bchunked"],
        ["Transfer-Encoding:", " chunked"],
        ["X: a\nTransfer-Encoding: chunked"],
        ["X: a\rTransfer-Encoding: chunked"],
    ],
)
def test_a_body_of_two_lengths_is_refused(shared: AgentProcess, more: list[str]) -> None:
    received = answers_to(shared, request(shared, POST, "Content-Type: application/json", *more) + SMUGGLED)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1 ") == 1
    assert b'"invalid_http"' in received


def test_chunks_are_taken_in_their_one_form(shared: AgentProcess) -> None:
    """The control for the test above."""
    more = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    received = answers_to(shared, request(shared, POST, *more) + b"2\r\n{}\r\n0\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b'"invalid_field"' in received, "the body was read"


@pytest.mark.parametrize(
    "line",
    [
        "GET http://evil.example.com/v1/me HTTP/1.1",
        "GET http://127.0.0.1/v1/me HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "CONNECT evil.example.com:443 HTTP/1.1",
        "GET v1/me HTTP/1.1",
        "GET\t/v1/me\tHTTP/1.1",
        "GET /v1/../v1/me HTTP/1.1",
        "GET /v1/%2e%2e/v1/me HTTP/1.1",
        "GET /v1/./me HTTP/1.1",
        "GET /v1%5c..%5cme HTTP/1.1",
        "GET /v1/me%00 HTTP/1.1",
        "GET /v1/me%0d%0aX-Evil:%20yes HTTP/1.1",
        "GET /v1/m\x01e HTTP/1.1",
        "GET /v1/%ff HTTP/1.1",
        "GET /v1/me",
        "GET /v1/me HTTP/1.2",
        "GET /v1/me HTTP/2.0",
        "FOO /v1/me HTTP/1.1",
        "get /v1/me HTTP/1.1",
    ],
)
def test_a_path_that_could_mean_another_is_refused(shared: AgentProcess, line: str) -> None:
    received = answers_to(shared, request(shared, line))
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b'"invalid_http"' in received
    assert b"evil" not in received.lower()


@pytest.mark.parametrize(
    "more",
    [
        ["Host: evil.example.com"],
        ["Host: 127.0.0.1"],
        ["Authorization: Basic bGFuZS0xOng="],
        ["Content-Type: application/json", "Content-Type: text/plain"],
        ["Origin: https://a.example.com", "Origin: https://b.example.com"],
        ["Connection: Upgrade", "Upgrade: websocket"],
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"],
        ["X: a\x00b"],
        [": nameless"],
    ],
)
def test_a_header_that_decides_stands_once_and_in_its_form(shared: AgentProcess, more: list[str]) -> None:
    received = answers_to(shared, request(shared, "GET /v1/me HTTP/1.1", *more))
    assert received.startswith(b"HTTP/1.1 400 ")


def test_a_client_that_wants_another_protocol_is_told_how_to_ask(shared: AgentProcess) -> None:
    """Java's HttpClient offers HTTP/2 by default."""
    more = (
        "Content-Type: application/json",
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "Content-Length: 2",
    )
    assert b"HttpClient.Version.HTTP_1_1" in answers_to(shared, request(shared, POST, *more) + b"{}")


def test_other_headers_may_stand_twice(shared: AgentProcess) -> None:
    received = answers_to(shared, request(shared, "GET /v1/me HTTP/1.1", "Accept: a/b", "Accept: c/d"))
    assert received.startswith(b"HTTP/1.1 200 ")


def test_without_a_host_nobody_is_let_in(shared: AgentProcess) -> None:
    assert answers_to(shared, request(shared, host="X: y")).startswith(b"HTTP/1.1 403 ")


def test_headers_behind_the_body_are_refused(shared: AgentProcess) -> None:
    more = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    received = answers_to(shared, request(shared, POST, *more) + b"2\r\n{}\r\n0\r\nAuthorization: Basic x\r\n\r\n")
    assert not received or received.startswith(b"HTTP/1.1 400 "), "cut off, or refused"
    assert b"trailers" in received or not received


def test_a_request_is_not_answered_with_the_refusal_of_the_next(shared: AgentProcess) -> None:
    """What comes behind a good request must never seem to be its answer."""
    received = answers_to(shared, request(shared) + b"NOT HTTP\r\n\r\n")
    assert not received.startswith(b"HTTP/1.1 400 ")


def test_a_head_has_its_bounds(shared: AgentProcess) -> None:
    lines = [f"X-{number}: y" for number in range(HEADERS_MAX)]
    for more in (lines, ["X: " + "x" * 65_536]):
        received = answers_to(shared, request(shared, "GET /v1/me HTTP/1.1", *more))
        assert received.startswith(b"HTTP/1.1 431 ")
        assert b"header_too_large" in received
    fine = answers_to(shared, request(shared, "GET /v1/me HTTP/1.1", *lines[:90], "Y: " + "y" * 60_000))
    assert fine.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", [b"/v1/a%20b", b"/v1/caf%C3%A9", b"/v1/a..b", b"/v1/.hidden", b"/v1/x?q=../..&r=%00"])
def test_names_may_hold_what_is_no_way_elsewhere(path: bytes) -> None:
    assert why_ambiguous(path, "1.1", [(b"host", b"a")]) == ""


@pytest.mark.parametrize("name", ["<b>x</b>", "\x1b[31mred", "%(x)s", "'; DROP TABLE terminal; --", "x" * 5_000])
def test_names_of_others_do_no_harm(shared: AgentProcess, name: str) -> None:
    with shared.client_of(name, "wrong") as client:
        answer = client.get("/v1/status")
    assert answer.status_code == 401
    assert name not in answer.text
    assert name not in shared.log.read_text()


@pytest.mark.parametrize("path", ["/v1/terminals", "/v1/outbox/retry", "/api/2.0/send_transaction", "/api/2.0/lookup"])
@pytest.mark.parametrize("depth", [65, 10_000])
def test_json_that_is_nested_too_deep_is_refused_on_every_route(shared: AgentProcess, path: str, depth: int) -> None:
    token = (shared.directory / "data" / "control.token").read_text()
    body = '{"request_payload": ' + "[" * depth + "]" * depth + "}"
    with shared.client_of("manager", token) as manager:
        answer = manager.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "code": "invalid_json",
        "message": "The body is nested deeper than 64 levels.",
        "fields": [],
    }
