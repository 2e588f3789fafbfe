"""Points and tiers (`/incentives/...`)."""

import pytest

from tests.sandbox.conftest import code_of, fine

NORA = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001"
MILO = "7d1f4a52-6a0c-4f53-9a51-20c6b9a10002"
SPEND = "0b7cbe4e-52ad-4f0e-8a2c-51f1f7c6a001"
TIER = "0b7cbe4e-52ad-4f0e-8a2c-51f1f7c6a002"
SYSTEM = "7ae1c000-0001-4f3b-8d6a-90b1c2d30001"
GOLD = "7ae1c000-0001-4f3b-8d6a-90b1c2d30013"


def deposit(connect, *amounts, account=SPEND, **more):
    details = [{"amount": amount, "point_account_id": account, "reference_id": "R1"} for amount in amounts]
    return connect.call("/incentives/api/2.0/user_points/deposit", user_id=NORA, deposit_details=details, **more)


def spend(connect, *amounts, detail=None, **more):
    details = [{"amount": amount, "point_account_ids": [SPEND], **(detail or {})} for amount in amounts]
    return connect.call("/incentives/api/2.0/user_points/spend_multiple", user_id=NORA, spend_details=details, **more)


def balance(connect, account=SPEND, user_id=NORA):
    shown = connect.incentives("2.0/user_points/balance", user_id=user_id, point_account_ids=[account])
    (one,) = shown["details"]
    return one["available_balance"], one["life_time_value"]


def test_deposits_and_spends_change_the_balance_that_everybody_sees(connect, counter, core):
    fine(deposit(connect, 100, 50))
    fine(spend(connect, 30))

    assert balance(connect) == (1370, 1400)
    assert counter.call("lookup", {"user_id": NORA}).json()["payload"][0]["points"] == 1370
    assert fine(core.get(f"/users/{NORA}"))["user"]["available_points"] == 1370
    scanned = fine(core.get("/loyalty_cards/8000000000010001"))["loyalty_card"]
    assert scanned["user"]["available_points"] == 1370
    assert balance(connect, TIER) == (625, 625)


def test_more_than_there_is_cannot_be_spent_unless_forced(connect):
    assert code_of(spend(connect, 1251)) == "insufficient_points"
    assert balance(connect) == (1250, 1250)

    fine(spend(connect, 1251, detail={"force_spend": True}))

    assert balance(connect)[0] == -1


def test_a_return_puts_points_back_without_counting_as_earned(connect):
    fine(spend(connect, 50))
    fine(spend(connect, 20, detail={"is_return": True}))

    assert balance(connect) == (1220, 1250)


@pytest.mark.parametrize("amount", [0, -1, "5", None, True])
def test_an_amount_must_be_a_number_above_nothing(connect, amount):
    assert code_of(deposit(connect, 10, amount)) == "argument_error"
    assert balance(connect) == (1250, 1250)


def test_of_several_spends_all_or_none_happen(connect):
    assert code_of(spend(connect, 1000, 1000)) == "insufficient_points"

    assert balance(connect) == (1250, 1250)
    assert connect.incentives("2.0/user_points/fetch_point_audit_logs", user_id=NORA)["total_records"] == 0


def test_a_partial_success_does_what_can_be_done(connect):
    done = fine(spend(connect, 1000, 1000, 5, allow_partial_success=True))["payload"]["results"]

    assert [one["successful"] for one in done] == [True, False, True]
    assert done[1]["code"] == "insufficient_points"
    assert balance(connect)[0] == 245


def test_a_batch_of_spends_is_several_calls_in_one(connect):
    requests = [
        {"user_id": NORA, "spend_details": [{"amount": 50}]},
        {"user_id": "nobody", "spend_details": [{"amount": 50}]},
        {"user_id": MILO, "spend_details": [{"amount": 80}]},
    ]

    done = connect.incentives("2.0/user_points/spend_multiple_batch", requests=requests)["results"]

    assert [one["status"] for one in done] == ["ok", "error", "ok"]
    assert (balance(connect)[0], balance(connect, user_id=MILO)[0]) == (1200, 0)


def test_the_audit_log_tells_every_change_newest_first(connect):
    fine(deposit(connect, 100))
    fine(deposit(connect, 7, account=TIER))
    fine(spend(connect, 30))

    log = connect.incentives("2.0/user_points/fetch_point_audit_logs", user_id=NORA, skip=0, take=2)
    assert (log["total_records"], len(log["results"])) == (3, 2)
    assert [(one["modification_type"], one["amount"]) for one in log["results"]] == [("spend", 30), ("deposit", 7)]
    tier = connect.incentives("2.0/user_points/fetch_point_audit_logs", user_id=NORA, point_account_ids=[TIER])
    assert [one["reference_id"] for one in tier["results"]] == ["R1"]
    none = connect.incentives("2.0/user_points/fetch_point_audit_logs", user_id=NORA, point_source_ids=["x"])
    assert none["results"] == []


def test_an_unknown_account_is_not_found(connect):
    answer = deposit(connect, 10, account="none")

    assert (answer.status_code, code_of(answer)) == (404, "point_account_not_found")


def tier_names(connect, user_id=NORA):
    return [one["name"] for one in connect.incentives("1.0/user_tiers/tier_status", user_id=user_id)["tier_levels"]]


def test_a_user_gets_the_level_of_the_tier_points(connect, core):
    assert tier_names(connect) == []

    connect.incentives("1.0/movement/qualifying", user_id=NORA)
    assert tier_names(connect) == ["Silver"]

    fine(deposit(connect, 875, account=TIER))
    (moved,) = connect.incentives("1.0/movement/qualifying", user_ids=[NORA], tier_system_id=SYSTEM)["movements"]
    assert (moved["tier_level_name"], moved["to_tier_level_id"]) == ("Gold", GOLD)
    assert moved["from_tier_level_id"] is not None
    shown = fine(core.get(f"/users/{NORA}?expand_incentives=true"))["user"]["tier_details"]
    assert shown["tier_levels"][0]["name"] == "Gold"


def test_a_user_can_be_put_in_a_level(connect):
    connect.incentives("1.0/movement/move_user", user_id=MILO, tier_system_id=SYSTEM, tier_level_id=GOLD)

    assert tier_names(connect, MILO) == ["Gold"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"user_id": NORA, "tier_level_id": "none"}, "tier_level_not_found"),
        ({"user_id": NORA, "tier_level_id": GOLD, "tier_system_id": "none"}, "tier_system_not_found"),
        ({"user_id": "nobody", "tier_level_id": GOLD}, "user_not_found"),
    ],
)
def test_a_move_that_names_nothing_is_not_found(connect, fields, code):
    answer = connect.call("/incentives/api/1.0/movement/move_user", **fields)

    assert (answer.status_code, code_of(answer)) == (404, code)
    assert tier_names(connect) == []


def test_a_status_tells_what_is_asked_for(connect):
    connect.incentives("1.0/movement/qualifying", user_id=NORA)
    asked = {"include_progress": True, "include_tier_overview": True, "include_point_account_balances": True}

    shown = connect.incentives("1.0/user_tiers/tier_status", user_id=NORA, **asked)

    assert (shown["progress"][0]["name"], shown["progress"][0]["points_missing"]) == ("Gold", 875)
    assert len(shown["tier_overview"][0]["tier_levels"]) == 3
    assert shown["point_account_balances"]["summary"] == {"total_points": 1250, "life_time_points": 1250}


def test_in_the_highest_level_nothing_is_missing(connect):
    connect.incentives("1.0/movement/move_user", user_id=NORA, tier_level_id=GOLD)

    assert connect.incentives("1.0/user_tiers/tier_status", user_id=NORA, include_progress=True)["progress"] == []


def test_a_loyalty_event_is_noted(connect, core):
    told = connect.incentives("1.0/user_events/trigger_user_event", user_id=NORA, event_lookup="SUBSCRIBED")

    assert told["user_event"] | {"event_lookup": "SUBSCRIBED", "user_id": NORA} == told["user_event"]
    assert (told["event_saved_successfully"], told["outcomes"]) == (True, [])
    (event,) = fine(core.get(f"/users/{NORA}/timelines/END_USER_MEMBER_STATEMENT"))["result"]
    assert event["event_stream_payload"]["name"] == "SUBSCRIBED"
