"""Referrals, the rewards store and skills tests ("Core Loyalty APIs")."""

import pytest

from tests.sandbox.conftest import code_of, fine

NORA = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001"
WAYS = [f"/users/{NORA}", "/external/users/8000000000010001"]


def friends(*emails):
    return {"referrer": "Nora", "referrals": [{"referee": "F", "email": email, "tel": "5551212"} for email in emails]}


@pytest.mark.parametrize("way", WAYS)
def test_friends_are_referred_listed_and_shown(core, way):
    made = fine(core.post(f"{way}/referrals", json=friends("a@example.com", "b@example.com")))["referrals"]

    assert [one["email"] for one in made] == ["a@example.com", "b@example.com"]
    assert made[0] | {"referee": "F", "tel": "5551212", "status": "pending", "conversion_points": 0} == made[0]
    assert made[0]["pending_at"].endswith("Z")
    assert fine(core.get(f"{way}/referrals")) == {"status": "ok", "cursor": None, "referral": made}
    assert fine(core.get(f"{way}/referrals/{made[1]['id']}"))["referral"] == made[1]


def test_a_friend_who_becomes_a_member_is_registered(core):
    fine(core.post(f"/users/{NORA}/referrals", json=friends("a@example.com")))

    fine(core.post("/users", json={"user": {"email": "a@example.com"}}))

    (one,) = fine(core.get(f"/users/{NORA}/referrals"))["referral"]
    assert (one["status"], one["registered_at"] is None) == ("registered", False)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (friends(None), "referral_email_required"),
        (friends("a@example.com", ""), "referral_email_required"),
        (friends("a@example.com", "a@example.com"), "referral_duplicate_email"),
        (friends("milo@example.com"), "referral_registered_email"),
        (friends(), "missing_data"),
        ({"referrer": "Nora", "referrals": [7]}, "missing_data"),
        ({"referrals": [{"email": "a@example.com"}]}, "missing_data"),
        (friends(*(f"{number}@example.com" for number in range(51))), "validation"),
    ],
)
def test_referrals_that_cannot_be_are_refused_as_a_whole(core, body, code):
    assert code_of(core.post(f"/users/{NORA}/referrals", json=body)) == code
    assert fine(core.get(f"/users/{NORA}/referrals"))["referral"] == []


def test_a_friend_is_referred_once(core):
    fine(core.post(f"/users/{NORA}/referrals", json=friends("a@example.com")))

    again = core.post(f"/users/{NORA}/referrals", json=friends("a@example.com"))

    assert code_of(again) == "referral_duplicate_email"


def test_a_referral_belongs_to_its_member(core):
    (made,) = fine(core.post(f"/users/{NORA}/referrals", json=friends("a@example.com")))["referrals"]

    answer = core.get(f"/external/users/8000000000010002/referrals/{made['id']}")

    assert (answer.status_code, code_of(answer)) == (404, "referral_not_found")


def statuses(answer):
    return {one["name"]: one["status"] for one in fine(answer)["offers"]}


@pytest.mark.parametrize("way", WAYS)
def test_a_member_sees_which_rewards_there_are_points_for(core, way):
    found = statuses(core.get(f"{way}/offers?locale=en-us"))

    assert (found["$5 reward"], found["Draw for a $50 voucher"]) == ("available", "insufficient_points")
    assert fine(core.get(f"{way}/offers"))["offer"]["points"] == 100


def test_a_restricted_member_does_not_qualify(core):
    fine(core.post(f"/users/{NORA}/privacy/restrict"))

    assert set(statuses(core.get(f"/users/{NORA}/offers")).values()) == {"not_qualified"}


def test_nobody_in_particular_sees_rewards_without_knowing_more(core, platform):
    anonymous = f"{platform.url}/api/v1/apps/sandbox-app-key/offers"

    assert set(statuses(core.get("/offers?locale=en-us")).values()) == {"user_required"}
    assert set(statuses(core.get(f"{anonymous}?auth_token=t")).values()) == {"user_required"}
    assert code_of(core.get(anonymous)) == "invalid_auth_token"


def take(core, question, response, offer="4304"):
    path = f"/users/{NORA}/offers/{offer}/challenges/skills_test_questions/{question}"
    return core.post(path, json={"challenge": {"skills_test_question": {"response": response}}})


@pytest.mark.parametrize("way", WAYS)
def test_a_skills_test_is_asked_and_judged(core, way):
    question = fine(core.get(f"{way}/challenges/skills_test_question"))["challenge"]["skills_test_question"]
    assert question == {"id": 100, "question": "(2+2) + (2-2)"}

    right, wrong = take(core, 100, "4"), take(core, 100, 5)

    assert fine(right)["challenge"]["status"] == "valid"
    assert fine(wrong)["challenge"]["status"] == "invalid"
    assert fine(right)["challenge"]["id"] != fine(wrong)["challenge"]["id"]


def test_a_skills_test_that_is_not_there_is_refused(core):
    assert code_of(take(core, 99, 4)) == "skills_test_not_found"
    assert code_of(take(core, 100, 4, offer="1")) == "offer_not_found"
    path = f"/users/{NORA}/offers/4304/challenges/skills_test_questions/100"
    assert code_of(core.post(path, json={"challenge": {}})) == "missing_data"
