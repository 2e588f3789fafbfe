"""The calls at the counter: the real agent in front of a real server, online, offline and with bad input."""

import base64
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from store_agent.sandbox.guests import GUESTS
from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.support.agent import AgentProcess
from tests.support.sales import sale

GUEST, OTHER = GUESTS[0], GUESTS[1]
OFFER = GUEST.offers[0].offer_id
CARD = f"/priv/v1/apps/any/loyalty_cards/{GUEST.external_customer_id}"
REFERRALS = f"/priv/v1/apps/any/users/{GUEST.user_id}/referrals"
REFERRAL = {"referrer": "Nora", "referrals": [{"referee": "Kim", "email": "kim@example.com", "tel": "5550100009"}]}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("lookup", {}, "request_payload"),
    ("lookup", {"email": "a@b.c", "phone": "1"}, "request_payload.email"),
    ("lookup", {"email": None, "loyalty_id": "7"}, "request_payload"),
    ("lookup", {"email": "x" * 10_000}, "request_payload.email"),
    ("lookup", {"user_id": {"a": 1}}, "request_payload.user_id"),
    ("lookup", {"email": "a@b.c", "transaction": []}, "request_payload.transaction"),
    ("lock", {"offer_lookup_type": "TTLCode", "transaction": sale()}, "request_payload.offer_lookup_code"),
    (
        "lock",
        {"offer_lookup_code": "x" * 10_000, "offer_lookup_type": "TTLCode"},
        "request_payload.offer_lookup_code",
    ),
    ("redeem", {"offer_lookup_code": "x", "offer_lookup_type": "Voucher"}, "request_payload.offer_lookup_type"),
    ("redeem", {"offer_lookup_code": "x", "offer_lookup_type": "TTLCode"}, "request_payload.transaction"),
    (
        "lock",
        {"offer_lookup_code": "x", "offer_lookup_type": "TTLCode", "transaction": {"transaction_id": 7}},
        "request_payload.transaction.transaction_id",
    ),
    ("unlock", {"employee_id": "1"}, "request_payload.user_offer_id"),
    ("reinstate", {"user_offer_id": "x", "employee_id": 5}, "request_payload.employee_id"),
]


def ask(agent: AgentProcess, call: str, payload: dict[str, Any], **container: Any) -> httpx.Response:
    return agent.post(call, json.dumps({**container, "request_payload": payload}))


def lookup(agent: AgentProcess, value: str = GUEST.email, by: str = "email", **container: Any) -> httpx.Response:
    return ask(agent, "lookup", {by: value}, **container)


def use(agent: AgentProcess, call: str, offer: str, transaction: str, by: str = "UserOfferId") -> httpx.Response:
    open_sale = sale(transaction, is_closed=False)
    asked = {"offer_lookup_code": offer, "offer_lookup_type": by, "transaction": open_sale}
    return ask(agent, call, asked)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"]["code"])


def manager(agent: AgentProcess) -> httpx.Client:
    return agent.client_of("manager", (agent.directory / "data" / "control.token").read_text().strip())


def requests(platform: SandboxServer, endpoint: str) -> list[dict[str, Any]]:
    return [one for one in platform.account(bodies=True)["requests"] if one["endpoint"] == endpoint]


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """A platform that answers everything with the same bytes and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(raw)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def http(body: bytes, status: str = "200 OK", length: int | None = None) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length or len(body)}\r\n\r\n"
    return head.encode() + body


def test_the_platform_s_answer_comes_back_to_the_letter_under_the_agent_s_own_request(
    agent: AgentProcess, platform: SandboxServer
) -> None:
    direct = httpx.post(
        f"{platform.url}/api/2.0/lookup",
        json={
            "store_id": "1234x",
            "client_id": "retailer-1",
            "request_id": "d",
            "request_payload": {"email": GUEST.email},
        },
        auth=("sandbox-key", "sandbox-secret"),
    )
    found = lookup(agent, request_id="1", culture="de-DE", strange={"kept": True})
    assert (found.status_code, found.content) == (200, direct.content)
    (_, sent) = requests(platform, "lookup")
    body = json.loads(sent["body"])
    assert body["request_id"] not in ("1", "d")
    assert (body["culture"], body["strange"]) == ("de-DE", {"kept": True})
    assert body["request_payload"] == {"email": GUEST.email}


def test_a_refusal_comes_back_as_the_platform_says_it(agent: AgentProcess) -> None:
    found = use(agent, "lock", "nobody-s-offer", "V-1")
    assert (found.status_code, code(found)) == (400, "offer_not_found")


@pytest.mark.parametrize(
    "answer", [b'{"status":"OK","payload":{"users":[{"x":1}]},"new":[1.50]}', b'{"status": "success", "payload": []}']
)
def test_documented_and_recorded_shapes_pass_with_unknown_fields(make_agent: MakeAgent, answer: bytes) -> None:
    with answering(http(answer)) as url:
        found = lookup(make_agent(url).start())
    assert (found.status_code, found.content) == (200, answer)


def test_the_same_call_again_gets_the_same_answer_G9(agent: AgentProcess, platform: SandboxServer) -> None:
    first, again = use(agent, "lock", OFFER, "V-1"), use(agent, "lock", OFFER, "V-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert lookup(agent).content == lookup(agent).content
    assert len(requests(platform, "lock")) == 1
    assert len(requests(platform, "lookup")) == 1


def test_what_was_given_back_between_is_asked_for_anew(agent: AgentProcess, platform: SandboxServer) -> None:
    for _ in range(2):
        assert use(agent, "lock", OFFER, "V-1").status_code == 200
        assert ask(agent, "unlock", {"user_offer_id": OFFER, "employee_id": "1"}).status_code == 200
        assert platform.offer(OFFER)["status"] == "INFO"
    assert [len(requests(platform, call)) for call in ("lock", "unlock")] == [2, 2]


def test_bad_input_is_named_and_sent_to_nobody(
    agent: AgentProcess, platform: SandboxServer, subtests: pytest.Subtests
) -> None:
    for call, payload, path in WRONG:
        with subtests.test(call=call, path=path):
            found = ask(agent, call, payload)
            assert found.status_code == 400
            assert found.json()["errors"]["fields"][0]["path"] == path
    assert platform.account()["requests"] == []


@pytest.mark.parametrize(
    ("raw", "status", "wanted"),
    [
        (http(b"<html>PRIVATE login</html>"), 502, "bad_answer"),
        (http(b'{"status": "OK", "payload": "PRIVATE'), 502, "bad_answer"),
        (http(b'["PRIVATE"]'), 502, "bad_answer"),
        (http(b'{"status": "OK", "payload": "PRIVATE"}' + b" " * 3_000), 502, "bad_answer"),
        (http(b'{"status": "OK", "payload": "PRIVATE', length=2_000), 503, "offline"),
        (http(b"PRIVATE", "502 Bad Gateway"), 503, "offline"),
    ],
)
def test_an_answer_that_is_none_is_told_and_leaks_nowhere_G16(
    make_agent: MakeAgent, raw: bytes, status: int, wanted: str
) -> None:
    with answering(raw) as url:
        agent = make_agent(url, gateway={"answer_bytes_max": 2_048}, log={"level": "debug"}).start()
        found = lookup(agent)
        assert (found.status_code, code(found)) == (status, wanted)
        locked = use(agent, "lock", OFFER, "V-1")
        assert (locked.status_code, code(locked)) in {(503, "unknown"), (503, "offline")}
    assert "PRIVATE" not in found.text + locked.text + agent.log.read_text()


def test_a_dead_line_is_not_tried_again_for_each_call(make_agent: MakeAgent) -> None:
    """The breaker: the first call finds out, the next ones are answered without a connection."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes connections, answers nothing
        agent = make_agent(
            f"http://127.0.0.1:{deaf.getsockname()[1]}",
            gateway={"deadline_seconds": 0.3},
            drain={"backoff_base_seconds": 60.0, "backoff_cap_seconds": 60.0},
        ).start()
        lookups = [lookup(agent, f"{number}@example.com") for number in range(2)]
        agent.wait_for_link("backing_off")
        deaf.settimeout(5)
        for _ in lookups:
            deaf.accept()[0].close()
        deaf.setblocking(False)
        lookups += [lookup(agent, f"{number}@example.com") for number in range(2, 6)]
        with pytest.raises(BlockingIOError):
            deaf.accept()
    assert [code(answer) for answer in lookups] == ["offline"] * 6


def test_the_line_is_found_again_without_a_sale(agent: AgentProcess, platform: SandboxServer) -> None:
    platform.stop()
    assert code(lookup(agent)) == "offline"
    assert agent.status()["link"]["state"] == "backing_off"
    platform.start()
    agent.wait_for_link("online")
    assert lookup(agent).status_code == 200


def test_wrong_credentials_are_the_manager_s_business_and_mended_by_a_reload(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url, cloud={"secret": "wrong"}).start()
    found = lookup(agent)
    assert (found.status_code, code(found)) == (503, "halted")
    agent.config.write_text(agent.config.read_text().replace('"wrong"', '"sandbox-secret"'))
    agent.reload()
    agent.wait_for_log("configuration.reloaded")
    assert lookup(agent).status_code == 200


def test_a_remembered_guest_is_marked_with_the_age_of_the_answer(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url, gateway={"repeat_seconds": 0}).start()
    fresh = lookup(agent)
    platform.stop()
    agent.kill()
    agent.start()
    assert code(lookup(agent)) == "offline"
    for found in (
        lookup(agent, allow_remembered=True),
        ask(agent, "lookup", {"allow_remembered": True, "email": GUEST.email.upper()}),
        lookup(agent, GUEST.user_id, "user_id", allow_remembered=True),
    ):
        assert found.status_code == 200
        answer = found.json()
        mark = answer.pop("remembered")
        assert answer == fresh.json()
        assert found.headers["Age"] == str(mark["age_seconds"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", mark["as_of"])
    assert code(lookup(agent, OTHER.email, allow_remembered=True)) == "offline"


def test_what_is_remembered_is_not_readable_on_the_disk_G16(agent: AgentProcess) -> None:
    lookup(agent)
    agent.stop()
    files = [path for path in (agent.directory / "data").rglob("*") if path.is_file()]
    assert any(path.name == "remembered.db" for path in files)
    for path in files:
        content = path.read_bytes()
        assert GUEST.email.encode() not in content, path
        assert GUEST.first_name.encode() not in content, path
    assert GUEST.email not in agent.log.read_text()


def test_a_store_may_remember_nobody(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url, gateway={"remember": "off", "repeat_seconds": 0}).start()
    assert lookup(agent).status_code == 200
    platform.stop()
    assert code(lookup(agent, allow_remembered=True)) == "offline"
    assert not (agent.directory / "data" / "remembered.db").exists()


def test_offers_offline_are_capped(make_agent: MakeAgent, platform: SandboxServer) -> None:
    limits = {"offline_offers": "allow_remembered", "offline_per_guest_day_max": 2, "offline_per_store_day_max": 3}
    agent = make_agent(platform.url, gateway=limits).start()
    for guest in (GUEST, OTHER):
        ask(agent, "lookup", {"user_id": guest.user_id, "transaction": sale("V-0", is_closed=False)})
    platform.stop()
    one, two, three = (offer.offer_id for offer in GUEST.offers)
    found = [use(agent, "lock", one, "V-1"), use(agent, "lock", one, "V-2"), use(agent, "lock", two, "V-3")]
    found += [use(agent, "lock", three, "V-4"), use(agent, "redeem", OTHER.offers[0].offer_id, "V-5")]
    found += [use(agent, "lock", "unknown", "V-6"), use(agent, "lock", GUEST.offers[0].ttl_code, "V-7", "TTLCode")]
    assert [answer.status_code for answer in found] == [200, 409, 200, 409, 200, 409, 409]
    assert {answer.json()["payload"]["status"] for answer in found if answer.status_code == 200} == {"OFFLINE"}
    assert {code(answer) for answer in found if answer.status_code == 409} == {"offline_limit"}


def test_another_discount_than_was_answered_is_a_warning(agent: AgentProcess) -> None:
    discount = use(agent, "lock", OFFER, "V-1").json()["payload"]
    changed = discount | {"amount": "4", "display_name": "Ours"}
    answer = agent.send(sale("V-1", subtotal=6, discounts=[changed]))
    warnings = answer.json()["payload"]["warnings"]
    assert [(one["code"], one["path"]) for one in warnings] == [
        ("discount_changed", "request_payload.discounts.0.display_name"),
        ("discount_changed", "request_payload.discounts.0.amount"),
    ]


def test_the_pos_never_holds_the_platform_s_credentials(agent: AgentProcess, platform: SandboxServer) -> None:
    found = agent.client.get(CARD, params={"a": "b c"})
    assert found.status_code == 200
    assert found.json()["loyalty_card"]["number"] == GUEST.external_customer_id
    (call,) = platform.account()["calls"]
    assert (call["upstream"], call["authorised"], call["status"]) == ("core", True, 200)
    assert call["path"] == CARD.replace("/any/", "/sandbox-app-key/")
    assert "sandbox" not in found.text


def test_a_call_that_is_not_in_the_table_is_not_there(agent: AgentProcess, platform: SandboxServer) -> None:
    for path in ("/priv/v1/apps/any/secrets", "/offers/api/2.0/offers/all", "/priv/v1/apps/any/users/../secrets"):
        found = agent.client.get(path)
        assert found.status_code == 404
        assert found.json()["status"] == "Error"
    assert platform.account()["calls"] == []


def test_cashiers_may_not_do_what_is_the_manager_s(agent: AgentProcess, platform: SandboxServer) -> None:
    path = f"/priv/v1/apps/any/users/{GUEST.user_id}/privacy"
    assert agent.client.get(path).status_code == 403
    assert platform.account()["calls"] == []
    with manager(agent) as client:
        assert client.get(path).status_code == 200
    assert [call["authorised"] for call in platform.account()["calls"]] == [True]


def test_a_card_is_remembered_for_when_the_line_is_down(agent: AgentProcess, platform: SandboxServer) -> None:
    fresh = agent.client.get(CARD)
    platform.stop()
    found = agent.client.get(CARD)
    assert (found.status_code, found.content) == (200, fresh.content)
    assert found.headers["Age"].isdigit()
    assert code(agent.client.get(CARD + "0")) == "offline"
    assert code(agent.client.get(REFERRALS)) == "offline"


@pytest.mark.parametrize("fault", ["down", "drop_after:path=/priv"])
def test_a_referral_without_a_line_is_made_once_when_it_is_back_G2_G3(
    make_agent: MakeAgent, platform: SandboxServer, fault: str
) -> None:
    agent = make_agent(platform.url, gateway={"deadline_seconds": 1.0}).start()
    platform.set_faults([fault])
    found = agent.client.post(REFERRALS, json=REFERRAL)
    assert (found.status_code, found.json()["delivery"]) == (200, "queued")
    agent.kill()
    agent.start()
    platform.set_faults([])
    agent.wait_for_outbox(delivered=1, waiting=0, frozen=0)
    made = httpx.get(
        f"{platform.url}{REFERRALS.replace('any', 'sandbox-app-key')}", auth=("sandbox-app-key", "sandbox-app-secret")
    ).json()
    assert [one["email"] for one in made["referral"]] == ["kim@example.com"]
    assert len({call["idempotency_key"] for call in platform.account()["calls"] if call["method"] == "POST"}) == 1


def test_without_access_to_an_upstream_its_calls_say_so(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url)
    text = agent.config.read_text()
    agent.config.write_text(re.sub(r"\[cloud\.core\]\n(?:.+\n)+?(?=\[)", "", text))
    agent.start()
    found = agent.client.get(CARD)
    assert (found.status_code, code(found)) == (503, "not_configured")
    assert "cloud.core" in found.text


def test_nobody_without_a_token_gets_an_answer_G15(agent: AgentProcess, platform: SandboxServer) -> None:
    for name, token in (("lane-1", "wrong"), ("sandbox-app-key", "sandbox-app-secret")):
        with agent.client_of(name, token) as stranger:
            assert stranger.get(CARD).status_code == 401
            assert stranger.post("/api/2.0/lookup", json={}).status_code == 401
    assert platform.account()["requests"] == platform.account()["calls"] == []


def test_the_control_the_platform_would_take_its_own_credentials(platform: SandboxServer) -> None:
    credentials = base64.b64encode(b"sandbox-app-key:sandbox-app-secret").decode()
    found = httpx.get(
        platform.url + CARD.replace("any", "sandbox-app-key"), headers={"Authorization": f"Basic {credentials}"}
    )
    assert found.status_code == 200


def test_one_endpoint_that_is_not_there_stops_no_sale(agent: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=404,path=/api/2.0/lookup", "status:code=403,path=/api/2.0/redeem"])
    assert code(use(agent, "redeem", OFFER, "V-1")) == "halted"
    lookup(agent)
    assert agent.send(sale("T-1")).json()["payload"]["delivery"] == "live"
    agent.wait_for_outbox(delivered=1)
    assert agent.status()["link"]["state"] == "online"


def test_an_upstream_that_is_dead_stops_neither_sales_nor_lookups(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    agent = make_agent(platform.url)
    text = agent.config.read_text()
    dead = text.replace(f'[cloud.core]\nbase_url = "{platform.url}"', '[cloud.core]\nbase_url = "http://127.0.0.1:9"')
    assert dead != text
    agent.config.write_text(dead)
    agent.start()
    assert agent.client.post(REFERRALS, json=REFERRAL).json()["delivery"] == "queued"
    agent.send(sale("T-1"))
    agent.wait_for_outbox(delivered=1)
    for number in range(20):
        assert lookup(agent, f"{number}@example.com").status_code == 200
        assert agent.status()["link"]["state"] == "online"


def test_refused_calls_are_no_burst_of_refused_sales_G6(agent: AgentProcess, platform: SandboxServer) -> None:
    agent.send(sale("T-0"))
    agent.wait_for_outbox(delivered=1)
    platform.stop()
    for number in range(25):
        given_back = {"user_offer_id": f"unknown-{number}", "employee_id": "1"}
        assert ask(agent, "unlock", given_back).json()["payload"]["delivery"] == "queued"
    platform.start()
    agent.wait_for_outbox(parked=25)
    assert agent.status()["link"]["state"] == "online"


def test_a_key_that_is_none_keeps_nobody_from_selling_G12(make_agent: MakeAgent, platform: SandboxServer) -> None:
    agent = make_agent(platform.url)
    (agent.directory / "data" / "storage.key").write_text("not a key")
    agent.start()
    assert agent.send(sale("T-1")).status_code == 200
    assert lookup(agent).status_code == 200
    assert any("Guests are not remembered." in words for words in agent.status()["words"])


def test_a_guest_is_remembered_only_by_what_was_asked_G16(make_agent: MakeAgent, platform: SandboxServer) -> None:
    """Two guests share a phone number: who was looked up by another name is not found by it."""
    agent = make_agent(platform.url, gateway={"repeat_seconds": 0}).start()
    assert lookup(agent, OTHER.user_id, "user_id").status_code == 200
    platform.stop()
    assert code(lookup(agent, OTHER.phone, "phone", allow_remembered=True)) == "offline"
    assert lookup(agent, OTHER.user_id, "user_id", allow_remembered=True).status_code == 200


def test_the_app_key_is_put_only_where_it_belongs_G16(agent: AgentProcess) -> None:
    for path in ("/priv/v1/apps/x/users/{app}", "/priv/v1/apps/x/loyalty_cards/1?q={app}"):
        assert "sandbox-app-key" not in agent.client.get(path).text


def test_a_queued_call_that_the_platform_does_not_know_stops_no_sale(
    agent: AgentProcess, platform: SandboxServer
) -> None:
    platform.stop()
    assert ask(agent, "unlock", {"user_offer_id": OFFER, "employee_id": "1"}).status_code == 200
    platform.set_faults(["status:code=404,path=/api/2.0/unlock"])
    platform.start()
    agent.send(sale("T-1"))
    agent.wait_for_outbox(delivered=1, parked=1)
    assert agent.status()["link"]["state"] == "online"
