"""The local API takes sales like the platform would, and says clearly what it does not take."""

import contextlib
import json
import socket
from typing import Any

import httpx
import pytest

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import payment, sale


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One agent without a platform for all tests that only look at answers."""
    running = AgentProcess(
        tmp_path_factory.mktemp("agent"),
        "http://127.0.0.1:9",
        api={"header_timeout_seconds": 0.5, "body_timeout_seconds": 0.5},
    ).start()
    yield running
    running.close()


def stored(agent: AgentProcess) -> int:
    return int(agent.status()["outbox"]["accepted"])


def error_of(answer: httpx.Response) -> dict[str, Any]:
    container = answer.json()
    assert container["status"] == "Error"
    assert container["payload"] is None
    errors: dict[str, Any] = container["errors"]
    assert errors["code"]
    assert errors["message"]
    return errors


def test_a_sale_is_answered_with_sequence_digest_and_receipt_code(shared: AgentProcess) -> None:
    answer = shared.send(sale("A-1"), store_id="1234x", client_id="retailer-1", request_id="1", culture="en-US")
    assert answer.status_code == 200
    assert answer.json()["status"] == "OK"
    payload = answer.json()["payload"]
    (receipt,) = payload["receipts"]
    assert payload["transaction"] == {"id": "A-1"}
    assert payload["sequence"] > 0
    assert len(bytes.fromhex(payload["digest"])) == 32
    assert payload["delivery"] in ("live", "queued")
    assert receipt["payment_id"] is None
    assert receipt["url"] == f"https://rewards.example.com/r/{receipt['code']}"
    assert payload["warnings"] == []


def test_the_same_request_id_for_every_sale_loses_none_G9(shared: AgentProcess) -> None:
    before = stored(shared)
    answers = [shared.send(sale(f"B-{number}"), request_id="1").json()["payload"] for number in range(5)]
    assert len({one["sequence"] for one in answers}) == 5
    assert stored(shared) == before + 5


def test_the_same_sale_again_gets_the_same_answer_G9(shared: AgentProcess) -> None:
    answers = [shared.send(sale("C-1"), request_id=str(number)).json() for number in range(3)]
    assert answers[0] == answers[1] == answers[2]


def test_many_sales_are_taken_in_one_call_in_order(shared: AgentProcess) -> None:
    sales = [sale(f"D-{number}") for number in range(25)]
    body = json.dumps({"request_payload": {"transactions": sales}}, indent=1)
    answer = shared.post("send_batch_transaction", body)
    taken = answer.json()["payload"]["transactions"]
    assert [one["transaction"]["id"] for one in taken] == [one["transaction_id"] for one in sales]
    assert [one["sequence"] for one in taken] == list(range(taken[0]["sequence"], taken[0]["sequence"] + 25))


def test_one_wrong_sale_refuses_the_whole_call_by_path(shared: AgentProcess) -> None:
    before = stored(shared)
    body = json.dumps({"request_payload": {"transactions": [sale("E-1"), sale("E-2", subtotal="much")]}})
    answer = shared.post("send_batch_transaction", body)
    assert answer.status_code == 400
    assert error_of(answer)["fields"] == [
        {"path": "request_payload.transactions.1.subtotal", "message": "must be a number"}
    ]
    assert stored(shared) == before


def test_warnings_come_with_the_answer(shared: AgentProcess) -> None:
    warnings = shared.send(sale("F-1", subtotal=99)).json()["payload"]["warnings"]
    assert [(warning["code"], warning["path"]) for warning in warnings] == [
        ("subtotal_mismatch", "request_payload.subtotal")
    ]


def test_a_revision_that_goes_back_in_time_is_taken_with_a_warning_G14(shared: AgentProcess) -> None:
    shared.send(sale("G-1"))
    payload = shared.send(sale("G-1", modified_time="2020-01-01T00:00:00.000Z")).json()["payload"]
    assert [warning["code"] for warning in payload["warnings"]] == ["modified_time_back"]


def test_several_payments_get_their_own_codes_G8(shared: AgentProcess) -> None:
    receipts = shared.send(sale("H-1", payments=[payment("P1"), payment("P2")])).json()["payload"]["receipts"]
    assert [receipt["payment_id"] for receipt in receipts] == ["P1", "P2"]
    assert len({receipt["code"] for receipt in receipts}) == 2


def test_receipt_codes_can_be_switched_off(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9", receipts={"mode": "off"}).start()
    payload = agent.send(sale()).json()["payload"]
    assert payload["receipts"] == []
    assert "receipt_code" not in agent.client.get(f"/v1/outbox/{payload['sequence']}").json()["payload"]["payload"]


PAYLOAD = json.dumps(sale("Z-1"))
BAD = {
    "nothing": (b"", 400, "invalid_json"),
    "no JSON": (b"hello", 400, "invalid_json"),
    "half a request": (b'{"request_payload": {"transaction_id": "x"', 400, "invalid_json"),
    "a list": (b"[]", 400, "invalid_json"),
    "no UTF-8": (b'{"request_payload": {"transaction_id": "\xff"}}', 400, "invalid_json"),
    "NaN": (b'{"request_payload": {"transaction_id": "x", "subtotal": NaN}}', 400, "invalid_json"),
    "a key twice": (b'{"request_payload": {"transaction_id": "x", "transaction_id": "y"}}', 400, "invalid_json"),
    "10,000 levels": (b'{"request_payload":' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, "invalid_json"),
    "no payload": (b'{"request_id": "1"}', 400, "invalid_field"),
    "a payload of the wrong type": (b'{"request_payload": "x"}', 400, "invalid_field"),
    "no transaction_id": (b'{"request_payload": {}}', 400, "invalid_field"),
    "a long transaction_id": (json.dumps({"request_payload": sale("x" * 65)}).encode(), 400, "invalid_field"),
    "another store": (f'{{"store_id": "9", "request_payload": {PAYLOAD}}}'.encode(), 400, "invalid_field"),
    "5 MB": (b'{"request_payload": {"transaction_id": "' + b"x" * 5_000_000 + b'"}}', 413, "too_large"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_clear_refusal_and_stores_nothing(shared: AgentProcess, name: str) -> None:
    body, status, code = BAD[name]
    before = stored(shared)
    answer = shared.post("send_transaction", body)
    assert answer.status_code == status
    assert error_of(answer)["code"] == code
    assert stored(shared) == before
    assert shared.send(sale(f"after {name}")).status_code == 200


@pytest.mark.parametrize("transactions", [None, {}, [], "x", [1], [sale("x")] * 1_001])
def test_a_batch_that_is_none_is_refused(shared: AgentProcess, transactions: Any) -> None:
    body = json.dumps({"request_payload": {"transactions": transactions}})
    answer = shared.post("send_batch_transaction", body)
    assert answer.status_code == 400
    assert error_of(answer)["fields"][0]["path"].startswith("request_payload.transactions")


def test_a_wrong_content_type_is_refused(shared: AgentProcess) -> None:
    for media in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = shared.client.post("/api/2.0/send_transaction", content=b"{}", headers={"Content-Type": media})
        assert answer.status_code == 415
        assert error_of(answer)["code"] == "media_type"


def test_sales_are_only_posted(shared: AgentProcess) -> None:
    answer = shared.client.get("/api/2.0/send_transaction")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert error_of(answer)["code"] == "method"


def test_an_unknown_address_is_answered_in_the_container(shared: AgentProcess) -> None:
    answer = shared.client.get("/nothing/here")
    assert answer.status_code == 404
    assert error_of(answer)["code"] == "not_found"


def raw(agent: AgentProcess, sent: bytes) -> bytes:
    """Send bytes and read until the agent closes."""
    with socket.create_connection(("127.0.0.1", agent.port), timeout=10) as connection:
        connection.sendall(sent)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
        return received


def head(agent: AgentProcess, length: int) -> bytes:
    request = agent.client.build_request("POST", "/api/2.0/send_transaction", content=b"")
    authorization = next(httpx.BasicAuth("lane-1", agent.token).auth_flow(request)).headers["Authorization"]
    return (
        "POST /api/2.0/send_transaction HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: {authorization}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"", b"408", b"header_timeout"),
        (b"POST /api/2.0/send_transaction HTTP/1.1\r\nHost: 127", b"408", b"header_timeout"),
        (b"not http at all\r\n\r\n", b"400", b"invalid_http"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: " + b"x" * 40_000 + b"\r\n", b"408", b"header_timeout"),
    ],
)
def test_half_a_head_is_cut_off_in_the_container(shared: AgentProcess, sent: bytes, status: bytes, code: bytes) -> None:
    received = raw(shared, sent)
    assert received.startswith(b"HTTP/1.1 " + status)
    assert code in received


def test_an_endless_head_is_cut_off(shared: AgentProcess) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        received = b""
        with contextlib.suppress(ConnectionError):
            for number in range(3_000):
                connection.sendall(b"X-%d: " % number + b"x" * 1_000 + b"\r\n")
            received = connection.recv(65_536)
    assert received.startswith(b"HTTP/1.1 431") or not received, "refused, or already cut off"


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /api/2.0/send_transaction HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
)
def test_a_connection_that_goes_on_after_its_answer_is_closed(shared: AgentProcess, sent: bytes) -> None:
    """A byte now and then must not keep a connection, and so a place, for ever."""
    with socket.create_connection(("127.0.0.1", shared.port), timeout=10) as connection:
        connection.sendall(sent)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 ")
        connection.sendall(b"\r\n")
        while connection.recv(65_536):
            pass


def test_half_a_body_to_a_managed_route_is_cut_off(shared: AgentProcess) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=10) as connection:
        path = head(shared, 500).replace(b"/api/2.0/send_transaction", b"/v1/terminals")
        connection.sendall(path + b'{"name": ')
        assert connection.recv(65_536).startswith(b"HTTP/1.1 408")


def test_half_a_body_is_cut_off_and_stores_nothing(shared: AgentProcess) -> None:
    before = stored(shared)
    with socket.create_connection(("127.0.0.1", shared.port), timeout=10) as connection:
        connection.sendall(head(shared, 500) + b'{"request_payload": {"transaction_id": "half"')
        received = b""
        while b"body_timeout" not in received and (more := connection.recv(65_536)):
            received += more
    assert received.startswith(b"HTTP/1.1 408")
    assert b"body_timeout" in received
    assert stored(shared) == before


@pytest.mark.parametrize(
    ("path", "length", "sent", "status"),
    [
        ("/api/2.0/send_transaction", 500, b'{"request_payload": ', b"408"),
        ("/v1/terminals", 500, b'{"name": ', b"408"),
        ("/api/2.0/send_transaction", 5_000_000, b"{", b"413"),
        ("/api/2.0/lookup", 5_000_000, b"{", b"413"),
    ],
)
def test_a_connection_ends_with_the_answer_to_half_a_body(
    shared: AgentProcess, path: str, length: int, sent: bytes, status: bytes
) -> None:
    """What comes behind it is neither the rest of a body nor a request: it has no answer."""
    whole = head(shared, length).replace(b"/api/2.0/send_transaction", path.encode())
    received = raw(shared, whole + sent)
    assert received.startswith(b"HTTP/1.1 " + status)
    assert b"connection: close" in received
    assert received.count(b"HTTP/1.1 ") == 1


def test_who_sends_far_too_much_can_send_it_all_and_reads_why_it_was_refused(shared: AgentProcess) -> None:
    """A connection that was reset instead would be tried again for ever."""
    length = 30_000_000
    with socket.create_connection(("127.0.0.1", shared.port), timeout=10) as connection:
        connection.sendall(head(shared, length) + b" " * length)
        received = b""
        while more := connection.recv(65_536):
            received += more
    assert received.startswith(b"HTTP/1.1 413")
    assert b"Send fewer sales in one call" in received


def test_who_never_goes_after_the_last_answer_is_cut_off(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9", api={"answer_timeout_seconds": 0.2, "body_timeout_seconds": 0.2}).start()
    with socket.create_connection(("127.0.0.1", agent.port), timeout=10) as connection:
        connection.sendall(head(agent, 500))
        received = b""
        while b"body_timeout" not in received and (more := connection.recv(65_536)):
            received += more
        assert b"body_timeout" in received
        with pytest.raises(ConnectionError):
            pour(connection)


def pour(connection: socket.socket) -> None:
    """Send without end."""
    while True:
        connection.sendall(b"x" * 65_536)


def test_a_body_in_pieces_is_put_together(shared: AgentProcess) -> None:
    body = json.dumps({"request_payload": sale("pieces")}).encode()
    with socket.create_connection(("127.0.0.1", shared.port), timeout=10) as connection:
        connection.sendall(head(shared, len(body)) + body[:10])
        connection.sendall(body[10:])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")


def test_many_connections_are_turned_away_in_words(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9", api={"connections_max": 3}).start()
    open_connections = [socket.create_connection(("127.0.0.1", agent.port)) for _ in range(3)]
    try:
        received = raw(agent, b"")
        assert received.startswith(b"HTTP/1.1 503")
        assert b"Too many connections" in received
    finally:
        for connection in open_connections:
            connection.close()


def test_a_sale_is_live_while_the_line_is_up_and_queued_while_not(agent: AgentProcess, platform: SandboxServer) -> None:
    agent.send(sale("first"))
    agent.wait_for_outbox(delivered=1)
    assert agent.send(sale("up")).json()["payload"]["delivery"] == "live"
    agent.wait_for_outbox(delivered=2)
    platform.set_faults(["down"])
    agent.send(sale("breaks"))
    agent.wait_for_link("backing_off")
    assert agent.send(sale("down")).json()["payload"]["delivery"] == "queued"


def test_an_offline_discount_while_live_is_a_warning(agent: AgentProcess) -> None:
    discount = {"reference_id": "o", "status": "OFFLINE", "amount": 0}
    agent.send(sale("first"))
    agent.wait_for_outbox(delivered=1)
    warnings = agent.send(sale("o", discounts=[discount])).json()["payload"]["warnings"]
    assert [warning["code"] for warning in warnings] == ["offline_discount_online"]
