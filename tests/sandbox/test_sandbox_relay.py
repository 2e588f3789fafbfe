"""What all relayed calls share: credentials, their account, repetitions and faults."""

import json
import re
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.sandbox.call import CONNECT, CORE
from store_agent.sandbox.fault import Fault
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.relay import Relay
from store_agent.sandbox.routes import ROUTES, TABLE, find_route
from store_agent.sandbox.sandbox import Sandbox
from store_agent.sandbox.server import SandboxServer
from tests.sandbox.conftest import code_of, fine

NORA = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001"
APP = ("sandbox-app-key", "sandbox-app-secret")
CARD = "/loyalty_cards/8000000000010001"
SCAN = f"/priv/v1/apps/sandbox-app-key{CARD}"
BALANCE = "/incentives/api/2.0/user_points/balance"
REFERRALS = f"/users/{NORA}/referrals"
FRIEND = {"referrer": "Nora", "referrals": [{"email": "friend@example.com"}]}
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", SCAN), ("GET", "/api/v1/apps/sandbox-app-key/offers?auth_token=t"), ("POST", BALANCE)]
)
@pytest.mark.parametrize("auth", [None, ("sandbox-key", "sandbox-secret"), ("sandbox-app-key", "guessed")])
def test_strangers_are_refused_by_both_upstreams(platform, method, path, auth):
    answer = httpx.request(method, platform.url + path, auth=auth)

    assert (answer.status_code, code_of(answer)) == (401, "access_denied")
    (call,) = platform.account()["calls"]
    assert (call["authorised"], call["status"]) == (False, 401)


def test_each_upstream_has_a_pair_of_its_own(platform, core, connect):
    assert httpx.post(platform.url + BALANCE, auth=APP).status_code == 401
    assert httpx.get(platform.url + SCAN, auth=connect.client.auth).status_code == 401


def test_the_key_in_the_path_must_be_that_of_the_credentials(platform):
    answer = httpx.get(f"{platform.url}/priv/v1/apps/another{CARD}", auth=APP)

    assert (answer.status_code, code_of(answer)) == (401, "invalid_api_key")


def test_other_credentials_can_be_asked_for():
    options = SandboxOptions(port=0, app_key="a", app_secret="b", connect_key="c", connect_secret="d")
    with SandboxServer(options) as server:
        scan = f"{server.url}/priv/v1/apps/a{CARD}"
        fine(httpx.get(scan, auth=("a", "b")))
        fine(httpx.post(server.url + BALANCE, auth=("c", "d"), json={"retailer_id": "r", "user_id": NORA}))
        assert httpx.get(scan, auth=APP).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("PATCH", CARD), ("POST", CARD), ("GET", f"/users/{NORA}/offers/1")]
)
def test_a_call_that_is_not_in_the_table_is_not_found(core, method, path):
    answer = core.request(method, path)

    assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("who", ["users/nobody", "external/users/nobody"])
@pytest.mark.parametrize("what", ["", "/offers", "/loyalty_links", "/referrals", "/tags", "/campaigns", "/privacy"])
def test_an_unknown_user_is_not_found(core, who, what):
    answer = core.get(f"/{who}{what}")

    assert (answer.status_code, code_of(answer)) == (404, "user_not_found")


def test_the_account_shows_each_call_in_order(platform, core, connect):
    core.get(f"{CARD}?a=1&b=%20")
    core.post(REFERRALS, json=FRIEND, headers={"Idempotency-Key": "k1"})
    connect.call(BALANCE, user_id=NORA)

    first, second, third = platform.account(bodies=True)["calls"]

    assert first | {"upstream": "core", "method": "GET", "path": SCAN, "query": "a=1&b=%20"} == first
    assert first | {"authorised": True, "status": 200, "idempotency_key": None, "body": ""} == first
    assert second["idempotency_key"] == "k1"
    assert json.loads(second["body"]) == FRIEND
    assert (third["upstream"], third["path"]) == ("connect", BALANCE)
    shown = core.get(f"{platform.url}/sandbox/account").json()["calls"]
    assert [call["path"] for call in shown] == [first["path"], second["path"], third["path"]]
    assert "body" not in shown[0]
    assert platform.totals() | {"calls_received": 3, "calls_answered": 3, "requests_received": 0} == platform.totals()


def test_an_account_without_bodies_keeps_their_digests():
    with SandboxServer(SandboxOptions(port=0, keep_bodies=False)) as server:
        url = f"{server.url}/priv/v1/apps/sandbox-app-key{REFERRALS}"
        for _ in range(2):
            fine(httpx.post(url, auth=APP, json=FRIEND, headers={"Idempotency-Key": "k1"}))
        calls = server.account(bodies=True)["calls"]

        assert [call["body"] for call in calls] == [None, None]
        assert len(calls[0]["sha256"]) == 64
        assert server.totals()["call_conflicts"] == 0


def test_a_repeated_key_gets_the_stored_answer_and_nothing_happens_twice(platform, core):
    key = {"Idempotency-Key": "k1"}
    first = core.post(REFERRALS, json=FRIEND, headers=key)
    again = core.post(REFERRALS, json=FRIEND, headers=key)

    assert again.content == first.content
    assert len(fine(core.get(REFERRALS))["referral"]) == 1
    assert [call["repeated"] for call in platform.account()["calls"]] == [False, True, False]
    assert platform.totals() | {"calls_repeated": 1, "call_conflicts": 0} == platform.totals()


def test_without_a_key_it_does_happen_twice(core):
    fine(core.post(f"/users/{NORA}/tags", json={"tags": ["seen"]}))

    assert fine(core.post(f"/users/{NORA}/tags", json={"tags": ["seen"]}))["tags"] == {"seen": 2}


def test_a_refusal_is_repeated_like_any_answer(core):
    key = {"Idempotency-Key": "k1"}
    link = {"loyalty_card": {"retailer_id": "54321", "card_number": "?"}}
    first = core.post(f"/users/{NORA}/loyalty_links", json=link, headers=key)

    link["loyalty_card"]["card_number"] = "12345"
    again = core.post(f"/users/{NORA}/loyalty_links", json=link, headers=key)

    assert code_of(first) == "card_not_found"
    assert again.content == first.content


def test_another_body_under_a_known_key_is_a_conflict(platform, core):
    for names in (["a"], ["b"]):
        core.post(f"/users/{NORA}/tags", json={"tags": names}, headers={"Idempotency-Key": "k1"})

    assert platform.totals()["call_conflicts"] == 1
    assert fine(core.get(f"/users/{NORA}/tags"))["tags"] == {"a": 1}


def test_an_answer_about_credentials_is_not_stored(platform, core):
    key = {"Idempotency-Key": "k1"}
    httpx.post(f"{core.base_url}{REFERRALS.removeprefix('/')}", auth=("x", "y"), json=FRIEND, headers=key)

    fine(core.post(REFERRALS, json=FRIEND, headers=key))


def test_a_key_of_a_get_means_nothing(core):
    key = {"Idempotency-Key": "k1"}
    core.get(f"/users/{NORA}/tags", headers=key)
    core.post(f"/users/{NORA}/tags", json={"tags": ["a"]})

    assert fine(core.get(f"/users/{NORA}/tags", headers=key))["tags"] == {"a": 1}


def test_a_lost_answer_is_had_by_asking_again_with_the_key(platform, core):
    platform.set_faults(["drop_after:count=1"])
    key = {"Idempotency-Key": "k1"}
    with pytest.raises(BROKEN):
        core.post(REFERRALS, json=FRIEND, headers=key)

    made = fine(core.post(REFERRALS, json=FRIEND, headers=key))["referrals"]

    assert fine(core.get(REFERRALS))["referral"] == made
    assert platform.totals()["calls_failed_by_fault"] == 1


@pytest.mark.parametrize("fault", ["down", "drop_before"])
def test_a_line_that_breaks_before_leaves_nothing_behind(platform, core, fault):
    platform.set_faults([f"{fault}:count=1"])
    with pytest.raises(BROKEN):
        core.post(REFERRALS, json=FRIEND)

    assert fine(core.get(REFERRALS))["referral"] == []
    assert platform.totals()["requests_failed_by_fault"] == 0


def test_a_hanging_call_is_answered_when_the_fault_is_cleared(platform, core):
    platform.set_faults(["hang"])
    with pytest.raises(httpx.ReadTimeout):
        core.get(CARD, timeout=0.05)

    platform.set_faults([])
    fine(core.get(CARD))


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [("status:code=503,retry_after=2", 503, "application/json"), ("captive", 200, "text/html"), ("drip:ms=1", 200, "")],
)
def test_answers_can_be_spoilt(platform, core, fault, status, kind):
    platform.set_faults([fault])

    answer = core.get(CARD)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind)
    assert platform.account()["calls"][0]["status"] == (200 if fault.startswith("drip") else None)


@pytest.mark.parametrize("fault", ["refuse:ids=A1", "poison:ids=A1", "pending"])
def test_faults_about_transactions_pass_relayed_calls_by(platform, core, fault):
    platform.set_faults([fault])

    fine(core.get(CARD))


def test_a_fault_can_be_aimed_at_paths(platform, core, counter):
    platform.set_faults(["down:path=/priv/", "status:code=503,count=1,path=/api/2.0/lookup"])

    assert counter.send("A1").status_code == 200
    assert counter.call("lookup", {"user_id": NORA}).status_code == 503
    assert counter.call("lookup", {"user_id": NORA}).status_code == 200
    with pytest.raises(BROKEN):
        core.get(CARD)
    shown = [fault.as_json() for fault in platform.faults()]
    assert shown[0] == {"kind": "down", "count": None, "probability": 1.0, "path": "/priv/"}


def test_a_fault_s_path_begins_with_a_slash():
    with pytest.raises(Exception, match="path must be the beginning of a path"):
        Fault("down", path="lock")


def test_what_was_forgotten_is_gone(platform, core, connect):
    core.post("/users", json={"user": {"email": "new@example.com"}})
    core.post(REFERRALS, json=FRIEND, headers={"Idempotency-Key": "k1"})
    deposit = {"deposit_details": [{"amount": 5}]}
    connect.incentives("2.0/user_points/deposit", user_id=NORA, **deposit)

    platform.forget()

    assert platform.account()["calls"] == []
    assert set(platform.totals().values()) == {0}
    assert core.get("/users/search?email=new@example.com").status_code == 404
    assert fine(core.get(REFERRALS))["referral"] == []
    assert fine(core.get(CARD))["loyalty_card"]["user"]["available_points"] == 1250
    fine(core.post(REFERRALS, json=FRIEND, headers={"Idempotency-Key": "k1"}))
    assert len(fine(core.get(REFERRALS))["referral"]) == 1


def test_names_in_a_path_are_decoded_and_a_slash_in_one_stays_in_it(core):
    answer = core.get("/external/users/a%2Fb%20c")

    assert "a/b c" in answer.json()["errors"]["message"]


NAMES = st.sampled_from(
    [
        *(
            "user",
            "external_id",
            "email",
            "user_profile",
            "phone_numbers",
            "merge_account",
            "events",
            "name",
            "user_id",
        ),
        *(
            "tags",
            "ttl",
            "referrer",
            "referrals",
            "loyalty_card",
            "retailer_id",
            "card_number",
            "challenge",
            "check_in",
        ),
        *("offer_id", "quantity", "user_offer_id", "user_offers_id_list", "values", "member_id", "take", "skip"),
        *("user_ids", "transaction", "pos_transaction_key", "deposit_details", "spend_details", "amount", "requests"),
        *("tier_system_id", "tier_level_id", "event_lookup", "reward_store_id", "reward_store_ids", "offer_ids"),
        *(
            "source_user_id",
            "destination_user_id",
            "point_account_ids",
            "search",
            "custom_data",
            "qty",
            "include_offers",
        ),
    ]
)
WORDS = st.sampled_from([NORA, "retailer-1", "54321", "99c0ffee-0001-4b6e-8f57-6d2f3a7b0001", "410001", "", "\ud800"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
REWARD = "99c0ffee-0001-4b6e-8f57-6d2f3a7b0001"
WELL = {
    "retailer_id": "retailer-1",
    "user_id": NORA,
    "source_user_id": NORA,
    "destination_user_id": NORA,
    "user_ids": [NORA],
    "event_lookup": "E",
    "offer_id": REWARD,
    "user_offer_id": "a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001",
    "quantity": 1,
    "reward_store_id": "5d0c8e20-0001-4c55-9b1e-3f1a7c2d0001",
    "reward_store_offer_id": REWARD,
    "user_offers_id_list": ["a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001"],
    "transaction": {"pos_transaction_key": "T1"},
    "pos_transaction_key": "T1",
    "values": {"member_id": NORA},
    "include_offers": True,
    "deposit_details": [{"amount": 5}],
    "spend_details": [{"amount": 5}],
    "requests": [{}],
    "user": {"email": "new@example.com", "user_profile": {}},
    "merge_account": {"external_id": "8000000000010003"},
    "events": {"name": "seen", "user_id": NORA},
    "check_in": {"user_id": NORA},
    "tags": ["seen"],
    "ttl": 5,
    "referrer": "Nora",
    "referrals": [{"email": "friend@example.com"}],
    "loyalty_card": {"retailer_id": "54321", "card_number": "12345"},
    "challenge": {"skills_test_question": {"response": "4"}},
}
"""Satisfies every call of the table at once."""

CHANGES = st.dictionaries(NAMES, VALUES, max_size=2)
BODIES = st.builds(lambda changes: {**WELL, **changes}, CHANGES) | st.dictionaries(NAMES, VALUES, max_size=8) | VALUES
PARTS = {
    "member": st.sampled_from([f"users/{NORA}", "external/users/8000000000010002", "users/x"]),
    "version": st.just("v1"),
    "api_key": st.just("sandbox-app-key"),
    "campaign_id": st.sampled_from(["601", "promotion_five_visits", "x"]),
    "card_number": st.sampled_from(["8000000000010001", "x"]),
    "offer_id": st.sampled_from(["4301", "x"]),
    "question_id": st.sampled_from(["100", "x"]),
    "view": st.just("END_USER_MEMBER_STATEMENT"),
}


class Asked:
    """Stands in for a line: one call, with the right credentials."""

    def __init__(self, method: str, path: str, upstream: str) -> None:
        self.method, self.path, self.query = method, path, "limit=2&zip=02120&auth_token=t&email=x"
        pair = b"c2FuZGJveC1hcHAta2V5OnNhbmRib3gtYXBwLXNlY3JldA=="
        other = b"c2FuZGJveC1jb25uZWN0LWtleTpzYW5kYm94LWNvbm5lY3Qtc2VjcmV0"
        self._token = (pair if upstream == CORE else other).decode()

    def header(self, name: str) -> str:
        return f"Basic {self._token}" if name == "authorization" else ""


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str, str]:
    """A method, a path that some row of the table fits, and its upstream."""
    method, pattern, _ = draw(st.sampled_from(TABLE))
    path = re.sub(r"\{(\w+)\}", lambda name: draw(PARTS.get(name[1], st.sampled_from(["1", "x"]))), pattern)
    return method, path, CORE if path.startswith(("/priv/", "/api/v1/")) else CONNECT


@settings(deadline=None, max_examples=300)
@given(asked=st.lists(st.tuples(calls(), BODIES), min_size=1, max_size=4))
def test_any_call_is_answered_in_the_upstream_s_shape(asked):
    sandbox = Sandbox(SandboxOptions())
    for (method, path, upstream), body in asked:
        relay = Relay(upstream, sandbox.options, sandbox.platform, sandbox.clock)
        call = relay.read(Asked(method, path, upstream), json.dumps(body).encode())  # type: ignore[arg-type]
        relay.hear(call)
        answer = relay.answer(call)

        assert answer.status in (200, 400, 401, 404)
        json.loads(answer.body, parse_constant=pytest.fail)
    json.dumps(sandbox.account.as_json(bodies=True))


def test_external_ids_have_every_route_that_user_ids_have():
    for route in ROUTES:
        if "user_id" in route.path.groupindex:
            assert "external_id" in route.path.groupindex


def test_any_version_unlinks_a_card():
    assert find_route("DELETE", f"/priv/v9/apps/k/users/{NORA}/loyalty_links/1") is not None
    assert find_route("DELETE", f"/priv/x/apps/k/users/{NORA}/loyalty_links/1") is None
