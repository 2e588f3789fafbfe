"""Campaigns, events, timeline, tags and privacy of members."""

import pytest

from store_agent.sandbox.world.tags import Tags
from tests.sandbox.conftest import code_of, fine

NORA = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001"
EXTERNAL = "/external/users/8000000000010001"
ME = f"/users/{NORA}"


@pytest.fixture
def second(core, platform):
    """The paths of the second version."""
    return f"{platform.url}/priv/v2/apps/sandbox-app-key"


def progress(core, second, campaign):
    shown = fine(core.get(f"{second}{EXTERNAL}/campaigns/{campaign}/?sections=behaviors,progress"))["campaign"]
    return shown["status"], shown["progress"]["behaviors"][0]["progress"]


def test_events_bring_a_campaign_forward_until_it_is_completed(core, second):
    assert progress(core, second, 601) == ("qualified", 0)

    fine(core.post(f"{ME}/campaigns/601/events", json={"visit": [{"qty": 1, "store": "A1"}, {"qty": 2}]}))

    assert progress(core, second, "promotion_welcome") == ("completed", 1)
    done = fine(core.get(f"{ME}/activities"))["activities"]
    assert [one["campaign_id"] for one in done["points"]] == [601]


def test_a_campaign_that_must_be_joined_counts_from_then_on(core, second):
    event = {"visit": {"qty": 2}}
    fine(core.post(f"{EXTERNAL}/external/campaigns/promotion_five_visits/events", json=event))
    assert progress(core, second, 602) == ("eligible", 0)

    assert fine(core.get(f"{ME}/campaigns/602/opt_in")) == {"status": "ok"}
    fine(core.post(f"{ME}/campaigns/602/events", json=event))

    assert progress(core, second, 602) == ("qualified", 2)


def test_campaigns_are_listed_in_the_shape_of_each_version(core, second):
    first = fine(core.get(f"{ME}/campaigns"))["campaigns"]["promotions"]
    listed = fine(core.get(f"{second}{EXTERNAL}/campaigns/?sections=progress"))

    assert [one["permalink"] for one in first] == ["promotion_welcome", "promotion_five_visits"]
    assert {"progress", "behaviors"} <= set(first[0])
    assert [one["campaign_id"] for one in listed["campaigns"]] == [601, 602]
    assert (listed["page"], "behaviors" in listed["campaigns"][0]) == (1, False)


@pytest.mark.parametrize("call", [("GET", ""), ("GET", "/opt_in"), ("POST", "/events")])
def test_an_unknown_campaign_is_not_found(core, call):
    answer = core.request(call[0], f"{ME}/campaigns/1{call[1]}", json={})

    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def told(core, who=ME):
    shown = fine(core.get(f"{who}/timelines/END_USER_MEMBER_STATEMENT"))
    assert shown["count"] == len(shown["result"])
    return [one["event_stream_payload"] for one in shown["result"]]


def test_events_of_every_kind_show_in_the_timeline_newest_first(core, second):
    survey = {"name": "survey_completed", "by": "1", "user_id": NORA, "context": {"star_rating": 5}}
    assert fine(core.post(f"{second}/events", json={"events": survey})) == {"status": "ok"}
    fine(core.post(f"{EXTERNAL}/events", json={"app_opened": {"count": 1}}))
    fine(core.post(f"{ME}/places/p1/check_ins", json={}))
    fine(core.post("/places/p2/check_ins", json={"check_in": {"user_id": NORA}}))

    last = told(core)
    assert [one["name"] for one in last] == ["check_in", "check_in", "app_opened", "survey_completed"]
    assert last[-1]["context"] == {"star_rating": 5}
    assert told(core, EXTERNAL) == last


def test_what_happens_to_a_member_shows_in_the_timeline(core, connect, counter):
    user = fine(core.post("/users", json={"user": {"email": "new@example.com"}}))["user"]
    fine(core.put(f"/users/{user['id']}", json={"user": {"city": "Anytown"}}))
    connect.offers("acquisition/issue", user_id=user["id"], offer_id="99c0ffee-0001-4b6e-8f57-6d2f3a7b0001")
    ask = {"offer_lookup_code": "430001", "offer_lookup_type": "TTLCode"}
    transaction = {"transaction_id": "A1", "subtotal": 9}
    assert counter.call("redeem", {**ask, "transaction": transaction}).status_code == 200

    slugs = [one["event_type_slug"] for one in told(core, f"/users/{user['id']}")]
    assert slugs == ["REDEEMED_OFFER", "ISSUED_OFFER", "PROFILE_UPDATED", "PROFILE_CREATED"]


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([], "ok"),
        ({"name": "seen", "user_id": "nobody"}, "user_not_found"),
        ([{"name": "seen", "user_id": NORA}, {"user_id": NORA}], "missing_data"),
        ("seen", "missing_data"),
    ],
)
def test_events_are_taken_all_or_none(core, second, events, code):
    answer = core.post(f"{second}/events", json={"events": events})

    assert answer.json().get("errors", {"code": "ok"})["code"] == code
    assert told(core) == []


def test_an_unknown_view_is_not_found(core):
    assert code_of(core.get(f"{ME}/timelines/NOTHING")) == "not_found"


def test_tags_count_and_are_the_member_s_own(core):
    assert fine(core.get(f"{ME}/tags"))["tags"] == {}
    fine(core.post(f"{ME}/tags", json={"tags": ["app_opened"], "ttl": 20000}))

    assert fine(core.post(f"{EXTERNAL}/tags", json={"tags": ["app_opened", "vip"]}))["tags"] == {
        "app_opened": 2,
        "vip": 1,
    }
    assert fine(core.get("/external/users/8000000000010002/tags"))["tags"] == {}


@pytest.mark.parametrize("body", [{"tags": []}, {"tags": [1]}, {"tags": ["a"], "ttl": 0}, {"tags": ["a"], "ttl": True}])
def test_tags_that_make_no_sense_are_refused(core, body):
    assert code_of(core.post(f"{ME}/tags", json=body)) in ("missing_data", "argument_error")
    assert fine(core.get(f"{ME}/tags"))["tags"] == {}


class Hands:
    """A clock that is set by hand."""

    now = 0.0

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def test_a_tag_dies_after_its_life_and_begins_anew():
    clock = Hands()
    tags = Tags(clock)
    tags.add(NORA, ["seen", "kept"], 10)
    tags.add(NORA, ["kept"], None)

    clock.now = 10
    assert tags.of(NORA) == {"kept": 2}

    tags.add(NORA, ["seen"], 10)
    assert tags.of(NORA) == {"kept": 2, "seen": 1}


def test_privacy_requests_are_kept(core):
    assert fine(core.get(f"{ME}/privacy"))["privacy_requests"] == []
    assert fine(core.get(f"{ME}/privacy/export"))["gdpr_user_data"] == []

    made = fine(core.post(f"{ME}/privacy/forget"))["privacy_request"]

    assert "forget" in made["privacy_request_part_ids"].values()
    (one,) = fine(core.get(f"{EXTERNAL}/privacy"))["privacy_requests"]
    assert (one["id"], one["type"], one["status"]) == (made["id"], "forget", "pending")


def test_restricting_again_takes_it_back(core):
    states = []
    for _ in range(2):
        assert fine(core.post(f"{ME}/privacy/restrict")) == {"status": "ok"}
        states.append(fine(core.get(ME))["user"]["account_status"])

    assert states == ["restricted", "good"]
    kinds = [one["type"] for one in fine(core.get(f"{ME}/privacy"))["privacy_requests"]]
    assert kinds == ["restrict", "reinstate"]
