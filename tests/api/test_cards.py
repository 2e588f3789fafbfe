"""Card data is refused or masked at every door of the agent, and told by the field's path (G16)."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.cards import TRACK_1, TRACK_2, VISA, escaped
from tests.support.sales import payment, sale

MASKED = "411111******1111"
RELAYED = "/priv/v1/apps/any/users/4f5b82c0-07c8-11e6-8d84-624132d14633"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One agent without a platform."""
    running = AgentProcess(tmp_path_factory.mktemp("agent"), "http://127.0.0.1:9").start()
    yield running
    running.close()


def accepted(agent: AgentProcess) -> int:
    return int(agent.status()["outbox"]["accepted"])


def as_manager(agent: AgentProcess, method: str, path: str, **request: Any) -> httpx.Response:
    token = (agent.directory / "data" / "control.token").read_text().strip()
    with agent.client_of("manager", token) as client:
        return client.request(method, path, **request)


def paths_of(answer: httpx.Response) -> list[str]:
    """Give the fields at fault of an answer that refuses card data, and repeats none."""
    assert answer.status_code == 400, answer.text
    errors = answer.json()["errors"]
    assert errors["code"] == "card_data"
    assert "nothing was stored" in errors["message"]
    assert VISA not in answer.text
    assert "2512101" not in answer.text
    return [field["path"] for field in errors["fields"]]


DECLARED = [
    ({"pan": VISA}, "pan"),
    ({"card_number": int(VISA)}, "card_number"),
    ({"card": {"number": "4111 1111 1111 1111"}}, "card.number"),
    ({"cvv": "123"}, "cvv"),
    ({"Card-Security-Code": 123}, "Card-Security-Code"),
    ({"note": TRACK_1}, "note"),
    ({"user_id": TRACK_2, "user_id_type": "phone"}, "user_id"),
]


@pytest.mark.parametrize(("fields", "path"), DECLARED)
def test_a_sale_with_card_data_is_refused_by_path_G16(shared: AgentProcess, fields: dict[str, Any], path: str) -> None:
    before = accepted(shared)
    answer = shared.send(sale("R-1", payments=[payment("P1"), payment("P2", **fields)]))
    assert paths_of(answer) == [f"request_payload.payments.1.{path}"]
    assert accepted(shared) == before


@pytest.mark.parametrize(("fields", "path"), DECLARED)
def test_one_sale_with_card_data_refuses_the_whole_call_G16(
    shared: AgentProcess, fields: dict[str, Any], path: str
) -> None:
    before = accepted(shared)
    sales = [sale("R-2"), sale("R-3", payments=[payment("P1", **fields)])]
    answer = shared.post("send_batch_transaction", json.dumps({"request_payload": {"transactions": sales}}))
    assert paths_of(answer) == [f"request_payload.transactions.1.payments.0.{path}"]
    assert accepted(shared) == before


def test_a_name_hidden_by_escapes_is_read_as_what_it_says_G16(shared: AgentProcess) -> None:
    body = f'{{"request_payload": {{"transaction_id": "R-4", "{escaped("cvv")}": "{escaped("123")}"}}}}'
    assert paths_of(shared.post("send_transaction", body)) == ["request_payload.cvv"]


def test_a_number_elsewhere_is_masked_with_a_warning_G16_G7(shared: AgentProcess) -> None:
    text = '{"transaction_id": "M-1",\t"note" : "guest said 4111-1111-1111-1111", "ref":4111111111111111 , "x": 1.50}'
    answer = shared.send(text)
    assert answer.status_code == 200
    payload = answer.json()["payload"]
    warnings = [one for one in payload["warnings"] if one["code"] == "card_number_masked"]
    assert [one["path"] for one in warnings] == ["request_payload.note", "request_payload.ref"]
    assert "card_data.exempt" in warnings[0]["message"]
    kept = shared.client.get(f"/v1/outbox/{payload['sequence']}").json()["payload"]["payload"]
    stays = text.replace("4111-1111-1111-1111", "4111-11**-****-1111").replace(VISA, "4111110000001111")
    assert kept.startswith(stays[:-1])


def test_the_same_unmasked_sale_again_is_the_same_sale_G9_G16(shared: AgentProcess) -> None:
    one = sale("M-2", note=f"paid by {VISA}")
    answers = [shared.send(one).json() for _ in range(2)]
    assert answers[0] == answers[1]
    before = accepted(shared)
    assert shared.send(one | {"note": "paid in cash"}).json()["payload"]["sequence"] > 0
    assert accepted(shared) == before + 1


def test_each_sale_of_a_call_is_warned_of_its_own_fields_G16(shared: AgentProcess) -> None:
    sales = [sale("M-3"), sale("M-4", items=[{"line_id": "1", "item_id": "1", "serial": VISA}])]
    answer = shared.post("send_batch_transaction", json.dumps({"request_payload": {"transactions": sales}}))
    told = [
        [one["path"] for one in taken["warnings"] if one["code"] == "card_number_masked"]
        for taken in answer.json()["payload"]["transactions"]
    ]
    assert told == [[], ["request_payload.transactions.1.items.0.serial"]]


def test_identification_fields_are_left_alone_G16(shared: AgentProcess) -> None:
    """The control: what looks like a card is taken as it is where it names a guest or a sale."""
    one = sale(VISA, payments=[payment("P1", user_id=VISA, user_id_type="External_ID")])
    payload = shared.send(one).json()["payload"]
    assert payload["transaction"] == {"id": VISA}
    assert "card_number_masked" not in json.dumps(payload["warnings"])


@pytest.mark.parametrize("call", ["lookup", "redeem", "lock", "unlock", "reinstate"])
def test_the_calls_at_the_counter_take_no_card_data_G16(shared: AgentProcess, call: str) -> None:
    body = json.dumps({"request_payload": {"user_id": "1", "card_no": VISA}})
    assert paths_of(shared.post(call, body)) == ["request_payload.card_no"]


def test_what_waits_to_be_told_later_is_masked_G16(shared: AgentProcess) -> None:
    asked = {"user_offer_id": "O-1", "employee_id": "7", "note": f"card {VISA}"}
    before = accepted(shared)
    answer = shared.post("unlock", json.dumps({"request_payload": asked}))
    assert answer.status_code == 200, answer.text
    assert accepted(shared) == before + 1
    payload = answer.json()["payload"]
    assert [one["path"] for one in payload["warnings"]] == ["request_payload.note"]
    shown = shared.client.get(f"/v1/outbox/{payload['sequence']}").text
    assert MASKED in shown
    assert VISA not in shown


def test_relayed_calls_take_no_card_data_in_body_or_query_G16(shared: AgentProcess) -> None:
    headers = {"Content-Type": "application/json"}
    referral = json.dumps({"referrals": [{"referee": "Kim", "pan": VISA}]})
    answer = shared.client.post(f"{RELAYED}/referrals", content=referral, headers=headers)
    assert paths_of(answer) == ["referrals.0.pan"]
    assert paths_of(shared.client.get(f"{RELAYED}/offers", params={"q": f"x {VISA}"})) == ["q"]
    assert paths_of(shared.client.get(f"{RELAYED}/offers?{VISA}")) == ["411111******1111"]
    link = json.dumps({"loyalty_card": {"retailer_id": "1", "card_number": VISA}})
    assert shared.client.post(f"{RELAYED}/loyalty_links", content=link, headers=headers).status_code == 200
    noted = json.dumps({"loyalty_card": {"card_number": "1", "note": VISA}})
    answer = shared.client.post(f"{RELAYED}/loyalty_links", content=noted, headers=headers)
    assert [one["path"] for one in answer.json()["warnings"]] == ["loyalty_card.note"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/receipts", {"transaction_id": "X", "payments": ["1"], "pan": VISA}, "pan"),
        ("/v1/receipts", {"transaction_id": TRACK_2}, "transaction_id"),
        ("/v1/terminals", {"name": VISA}, "name"),
        ("/v1/terminals", {"name": "lane-9", "reason": f"swap {VISA}"}, "reason"),
        ("/v1/outbox/hold", {"by": f"Ada {VISA}", "sequences": [1]}, "by"),
        ("/v1/outbox/discard", {"by": "Ada", "reason": VISA, "sequences": [1]}, "reason"),
        ("/v1/day/close", {"by": "Ada", "reason": TRACK_1}, "reason"),
    ],
)
def test_what_managers_and_programs_type_is_refused_G16(
    shared: AgentProcess, path: str, body: dict[str, Any], field: str
) -> None:
    assert paths_of(as_manager(shared, "POST", path, json=body)) == [field]
    again = json.dumps(body).replace(VISA, escaped(VISA))
    headers = {"Content-Type": "application/json"}
    assert paths_of(as_manager(shared, "POST", path, content=again, headers=headers)) == [field]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1"])
def test_other_encodings_hide_nothing_G16(shared: AgentProcess, encoding: str) -> None:
    body = json.dumps({"by": "\u00c4da", "reason": VISA, "sequences": [1]}, ensure_ascii=False).encode(encoding)
    for path in ("/v1/outbox/hold", "/api/2.0/unlock", f"{RELAYED}/referrals"):
        answer = as_manager(shared, "POST", path, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["errors"]["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("track", [TRACK_2.strip(";?"), TRACK_2.strip(";?").replace("=", "D")])
def test_a_track_in_a_path_is_refused_and_a_number_there_is_an_identifier_G16(shared: AgentProcess, track: str) -> None:
    relayed = RELAYED.rpartition("/")[0]
    assert paths_of(shared.client.get(f"{relayed}/{quote(track, safe='')}")) == ["path"]
    assert shared.client.get(f"{relayed}/{VISA}").json()["errors"]["code"] != "card_data"


def test_a_large_call_is_screened_like_a_small_one_G16(shared: AgentProcess) -> None:
    sales = [sale(f"LARGE-{number}", note="x" * 2_000) for number in range(200)]
    last = sale("LARGE-LAST", note=VISA)
    answer = shared.post("send_batch_transaction", json.dumps({"request_payload": {"transactions": [*sales, last]}}))
    (*_, taken) = answer.json()["payload"]["transactions"]
    assert taken["warnings"][-1]["path"] == "request_payload.transactions.200.note"


def test_a_reason_in_the_query_is_refused_G16(shared: AgentProcess) -> None:
    assert paths_of(as_manager(shared, "DELETE", "/v1/terminals/lane-1", params={"reason": VISA})) == ["reason"]


def test_receipt_codes_are_minted_for_any_id_G16(shared: AgentProcess) -> None:
    answer = shared.client.post("/v1/receipts", json={"transaction_id": VISA, "payments": [VISA]})
    assert answer.status_code == 200


def test_the_log_tells_once_which_field_held_what_G16(shared: AgentProcess) -> None:
    for number in range(3):
        payments = [payment(f"P{place}", pin_note=f"x {VISA}") for place in range(number + 1)]
        assert shared.send(sale(f"L-{number}", payments=payments)).status_code == 200
    log = shared.log.read_text()
    assert log.count("request_payload.payments.*.pin_note: ") == 1
    assert VISA not in log


def test_strict_refuses_everywhere_but_in_the_fields_that_are_named(make_agent: MakeAgent) -> None:
    rules = {"mode": "strict", "exempt": ["payments.*.user_id", "items.*.serial"]}
    agent = make_agent("http://127.0.0.1:9", card_data=rules).start()
    taken = sale("S-1", items=[{"serial": VISA}], payments=[payment("P1", user_id=VISA, user_id_type="x")])
    assert agent.send(taken).status_code == 200
    assert paths_of(agent.send(taken | {"note": VISA})) == ["request_payload.note"]
    assert paths_of(agent.send(taken | {"transaction_id": VISA})) == ["request_payload.transaction_id"]


def test_a_terminal_added_beside_the_agent_is_no_card_either_G16(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9")
    refused = agent.cli("terminal", "add", VISA)
    assert refused.returncode == 65
    assert "number of a payment card" in refused.stderr
    assert VISA not in refused.stderr
    agent.cli_json("terminal", "add", "lane-2", "--reason", f"for {VISA}")
    agent.start()
    assert MASKED in json.dumps(agent.cli_json("audit"))
