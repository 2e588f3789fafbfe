"""Members: made, found, changed, merged, and known to the till from then on."""

import pytest

from tests.sandbox.conftest import code_of, fine

NORA = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001"
MILO = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10002"
INES_CARD = "8000000000010003"
NEW = {
    "external_id": "MC-1",
    "external_id_type": "merchant_identifier",
    "opted_in": "true",
    "email": "new@example.com",
    "first_name": "Tess",
    "last_name": "Sample",
    "gender": "f",
    "dob": "1991-01-01",
    "city": "Anytown",
    "phone_numbers": [{"phone_number": "5550100009", "phone_type": "mobile", "preference_flags": ["primary"]}],
    "user_profile": {"partner": ["root"]},
}


def enrol(core, **changes):
    return fine(core.post("/users", json={"user": {**NEW, **changes}}))["user"]


def test_a_profile_is_made_in_the_recorded_shape(core):
    user = enrol(core)

    assert user | {"external_id": "MC-1", "opted_in": True, "email": "new@example.com", "available_points": 0} == user
    assert user["identifiers"] == [{"external_id": "MC-1", "external_id_type": "merchant_identifier"}]
    assert user["user_profile"] == {"_version": 1, "partner": ["root"]}
    (phone,) = user["phone_numbers"]
    assert (phone["phone_number"], phone["verified_ownership"]) == ("5550100009", False)
    assert user["account_status"] == "good"
    assert len(user["created_at"]) == len("2025-04-08 13:56:39")


@pytest.mark.parametrize(
    "criterion",
    [{"email": "new@example.com"}, {"phone": "5550100009"}, {"external_customer_id": "MC-1"}],
)
def test_a_made_member_is_found_by_the_till_at_once(core, counter, criterion):
    user = enrol(core)

    (found,) = counter.call("lookup", criterion).json()["payload"]

    assert (found["user_reference_id"], found["first_name"], found["offers"]) == (user["id"], "Tess", [])
    assert found["profile_fields"]["partner"] == ["root"]


@pytest.mark.parametrize(
    "path", ["/users/search?email=nora@example.com", f"/users/{NORA}", "/external/users/8000000000010001"]
)
def test_a_seeded_guest_is_a_member(core, path):
    user = fine(core.get(path))["user"]

    assert (user["id"], user["available_points"]) == (NORA, 1250)
    assert "user_profile" not in user
    assert "identifiers" not in user


def test_a_profile_shows_more_when_asked(core):
    query = {"show_identifiers": "true", "user[user_profile]": "true", "expand_incentives": "true"}

    user = fine(core.get(f"/users/{NORA}", params=query))["user"]

    assert user["identifiers"][0]["external_id"] == "8000000000010001"
    assert user["user_profile"]["email_optin"] is True
    assert user["tier_details"]["point_account_balances"]["details"][0]["available_balance"] == 1250


def test_a_change_keeps_what_it_does_not_name_and_is_a_new_version(core, counter):
    user = enrol(core)
    changes = {"city": "Elsewhere", "user_profile": {"home_store": "1234x"}}

    changed = fine(core.put(f"/users/{user['id']}", json={"user": changes}))["user"]

    assert (changed["city"], changed["email"]) == ("Elsewhere", "new@example.com")
    assert changed["user_profile"] == {"_version": 2, "partner": ["root"], "home_store": "1234x"}
    (found,) = counter.call("lookup", {"user_id": user["id"]}).json()["payload"]
    assert found["profile_fields"]["home_store"] == "1234x"


@pytest.mark.parametrize("user", [{"email": "nora@example.com"}, {"external_id": "8000000000010001"}])
def test_an_identity_belongs_to_one_member(core, user):
    mine = enrol(core)

    assert code_of(core.post("/users", json={"user": user})) == "validation"
    assert code_of(core.put(f"/users/{mine['id']}", json={"user": user})) == "validation"
    fine(core.put(f"/users/{NORA}", json={"user": user}))


@pytest.mark.parametrize("body", [{}, {"user": {}}, {"user": {"first_name": "Tess"}}, []])
def test_a_profile_needs_an_identity(core, body):
    assert code_of(core.post("/users", json=body)) == "missing_data"


def test_a_body_that_is_not_json_is_refused(core):
    answer = core.post("/users", content=b'{"user": ')

    assert (answer.status_code, code_of(answer)) == (400, "argument_error")


def test_a_deleted_member_is_gone_with_cards_and_offers(core, counter, platform):
    fine(core.delete(f"/users/{NORA}"))

    assert counter.call("lookup", {"email": "nora@example.com"}).json()["payload"] == []
    assert code_of(core.get("/loyalty_cards/8000000000010001")) == "unknown_loyalty_card"
    assert platform.offer("a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001")["status"] == "REVOKED"


def test_members_are_listed_by_page(core):
    assert [user["id"] for user in fine(core.get("/users/?limit=2"))["users"]] == [NORA, MILO]
    assert len(fine(core.get("/users?limit=2&page=2"))["users"]) == 1
    assert code_of(core.get("/users?limit=0")) == "argument_error"


def test_a_search_finds_by_any_attributes_sorted_and_limited(core):
    enrol(core, last_name="Other")
    query = {"last_name": "Sample", "sort": "first_name", "limit": "2", "advanced_search_params[user_profile]": "true"}

    found = fine(core.get("/users/search_users", params=query))

    assert found["total_count"] == 3
    assert [player["first_name"] for player in found["players"]] == ["Ines", "Milo"]
    assert found["players"][0]["masked_phone_numbers"] == ["XXX-XXX-0002"]
    assert found["players"][0]["user_profile"]["_version"] == 2
    assert fine(core.get("/users/search_users?first_name=Tess&last_name=Sample"))["players"] == []
    assert code_of(core.get("/users/search_users?limit=2")) == "missing_data"


def test_a_merged_account_goes_with_all_it_had(core, counter, connect):
    body = {"merge_account": {"external_id": "8000000000010001"}}

    merge = fine(core.post(f"/external/users/{INES_CARD}/merge_accounts", json=body))["merge_account"]

    assert fine(core.get(f"/external/users/{INES_CARD}/merge_accounts/{merge['id']}"))["merge_account"] == merge
    assert merge["merged_user_id"] == NORA
    assert core.get(f"/users/{NORA}").status_code == 404
    (found,) = counter.call("lookup", {"external_customer_id": "8000000000010001"}).json()["payload"]
    assert (found["first_name"], found["points"], len(found["offers"])) == ("Ines", 1250, 3)
    assert fine(core.get("/loyalty_cards/8000000000010001"))["loyalty_card"]["user"]["external_id"] == INES_CARD


def test_a_merge_that_cannot_be_is_refused(core):
    same = {"merge_account": {"external_id": INES_CARD}}

    assert code_of(core.post(f"/external/users/{INES_CARD}/merge_accounts", json=same)) == "validation"
    assert code_of(core.get(f"/external/users/{INES_CARD}/merge_accounts/1")) == "not_found"
    same["merge_account"]["external_id"] = "nobody"
    assert code_of(core.post(f"/external/users/{INES_CARD}/merge_accounts", json=same)) == "user_not_found"
