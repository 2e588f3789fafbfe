"""The table has every documented call, sends it where it belongs, and lets nothing through that it does not have."""

import itertools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.relayed import APP, RelayAsked, Target, Upstream
from store_agent.domain.roles import Role
from store_agent.gateway.table import PREFIXES, ROUTES, Offline, Route, find_route

PRIV = "/priv/v1/apps/any"
UPSTREAMS = {"endpoint": Upstream.CORE, "endpoint_connect": Upstream.CONNECT}

documented = pytest.mark.skipif(
    "POS_REFERENCE_DOCUMENTS" not in os.environ, reason="POS_REFERENCE_DOCUMENTS names no directory with the documents"
)


def find(method: str, path: str, query: str = "") -> tuple[Route, Target] | None:
    return find_route(RelayAsked(method, path, query, b""))


def target(method: str, path: str, query: str = "") -> Target:
    found = find(method, path, query)
    assert found is not None, (method, path)
    return found[1]


def route(method: str, path: str) -> Route:
    found = find(method, path)
    assert found is not None, (method, path)
    return found[0]


def texts() -> list[str]:
    return [path.read_text() for path in sorted(Path(os.environ["POS_REFERENCE_DOCUMENTS"]).glob("*.txt"))]


def requests_below(folder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in folder.get("item", []):
        if "request" in item:
            yield item["request"]
        yield from requests_below(item)


def collected() -> list[tuple[str, str, str]]:
    """Every request of the Postman collection's folders 1 to 4: method, name of the upstream, path."""
    (text,) = (text for text in texts() if '"_postman_id"' in text[:500])
    collection, _ = json.JSONDecoder().raw_decode(text)
    folders = [folder for folder in collection["item"] if folder["name"][:1] in "1234"]
    found = []
    for request in itertools.chain.from_iterable(map(requests_below, folders)):
        url = request["url"] if isinstance(request["url"], str) else request["url"]["raw"]
        match = re.fullmatch(r"\{\{(\w+)\}\}(/[^?]*)(?:\?.*)?", url)
        assert match is not None, url
        found.append((request["method"], match[1], filled(match[2])))
    return found


def described() -> list[tuple[str, str]]:
    """Every call that a section of Core Loyalty describes: method and path. One of them has `apps:/` for `apps/:`."""
    (text,) = (text for text in texts() if text.startswith("Core Loyalty APIs"))
    _, _, sections = text.partition("Eligible Campaigns GET")
    lines = re.findall(r"^(GET|POST|PUT|DELETE) (/\S+)$", sections, re.MULTILINE)
    paths = [(method, path.partition("?")[0].replace("apps:/", "apps/:")) for method, path in lines]
    return [(method, filled(path)) for method, path in paths if not path.endswith("/activities")]


def filled(path: str) -> str:
    return re.sub(r"\{\{\w+\}\}|(?<=/):\w+", lambda match: "v1" if "version" in match[0] else "x-1", path)


@documented
def test_every_call_of_the_collection_is_in_the_table() -> None:
    calls = collected()
    assert len(calls) >= 50
    for method, upstream, path in calls:
        assert target(method, path).upstream is UPSTREAMS[upstream], path
        assert path.startswith(PREFIXES)


@documented
def test_every_call_of_core_loyalty_is_in_the_table() -> None:
    calls = described()
    assert len(calls) >= 28
    for method, path in calls:
        assert target(method, path).upstream is Upstream.CORE, path
        assert path.startswith(PREFIXES)


@documented
def test_calls_that_are_missing_in_the_table_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without its routes to one upstream the table lacks what the documents name."""
    core = tuple(one for one in ROUTES if one.upstream is Upstream.CORE)
    monkeypatch.setattr("store_agent.gateway.table.ROUTES", core)
    assert {upstream for method, upstream, path in collected() if find(method, path) is None} == {"endpoint_connect"}
    monkeypatch.setattr("store_agent.gateway.table.ROUTES", ())
    assert [call for call in described() if find(*call) is not None] == []


def example(route: Route) -> str:
    return re.sub(r"\{\w+\}", "x-1", route.pattern)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.pattern}")
def test_each_call_is_found_and_hidden_by_no_other(route: Route) -> None:
    found = find(route.method, example(route))
    assert found is not None
    assert found[0] is route
    assert example(route).startswith(PREFIXES)


@pytest.mark.parametrize(
    ("fixed", "pattern"),
    [
        ("/users/search", "/priv/v1/apps/{app}/users/search"),
        ("/users/search_users", "/priv/v1/apps/{app}/users/search_users"),
        ("/users/7", "/priv/v1/apps/{app}/users/{user_id}"),
        ("/users/search2", "/priv/v1/apps/{app}/users/{user_id}"),
        ("/external/users/search", "/priv/v1/apps/{app}/external/users/{external_id}"),
        ("/users/search/offers", "/priv/v1/apps/{app}/users/{user_id}/offers"),
        ("/loyalty_retailers/anonymous_index", "/priv/v1/apps/{app}/loyalty_retailers/anonymous_index"),
    ],
)
def test_a_fixed_name_is_no_id_and_an_id_no_fixed_name(fixed: str, pattern: str) -> None:
    assert route("GET", PRIV + fixed).pattern == pattern


def test_the_app_key_is_the_agent_s_whatever_the_pos_writes() -> None:
    for key in ("any", "{app}", "another-key", "x%20y"):
        assert target("GET", f"/priv/v1/apps/{key}/users/7").path == f"/priv/v1/apps/{APP}/users/7"
    assert "another-key" not in target("GET", "/priv/v1/apps/another-key/users/7/offers", "a=b").endpoint


def test_ids_and_the_query_go_as_they_were_sent() -> None:
    query = "show_identifiers=true&user[user_profile]=true&q=a%2Fb"
    found = target("GET", f"{PRIV}/external/users/a%40b+c~1", query)
    assert found.path == f"/priv/v1/apps/{APP}/external/users/a%40b+c~1?{query}"
    assert target("POST", "/offers/api/2.0/offers/redemption/lock").path == "/offers/api/2.0/offers/redemption/lock"


@pytest.mark.parametrize(
    "path",
    [
        f"{PRIV}/users/..",
        f"{PRIV}/users/.",
        f"{PRIV}/users/%2e%2e",
        f"{PRIV}/users/%2E.",
        f"{PRIV}/users/../offers",
        f"{PRIV}/users/..%2Fsearch_users",
        f"{PRIV}/users/..%2fsearch_users",
        f"{PRIV}/users/7%2Fprivacy",
        f"{PRIV}/users/7%2fprivacy%2fexport",
        f"{PRIV}/users/7%5Cprivacy",
        f"{PRIV}/users/..%255Csearch_users",
        f"{PRIV}/users/7%252Fprivacy",
        f"{PRIV}/users/%252e%252e",
        f"{PRIV}/users/7;x/offers",
        f"{PRIV}/users/search_users;x=1",
        f"{PRIV}/users/7%00",
        f"{PRIV}/users/7%0d%0aHost:x",
        f"{PRIV}/users/",
        f"{PRIV}//users/7",
        f"{PRIV}/users//offers",
        f"{PRIV}/users/7/",
        f"{PRIV}/users/7/offers/",
        f"x{PRIV}/users/7",
        f"/{PRIV}/users/7",
        "/priv/v1/apps/..%2F../users/7",
        "/priv/v1/apps/../users/7",
        "/priv/v3/apps/any/users/7",
        "/priv/v1/apps/any",
        "/offers/api/2.0/offers/acquisition/../redemption/redeem",
        "/OFFERS/api/2.0/offers/redemption/redeem",
        "/api/2.0/lookup",
        "/",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_path_that_leads_elsewhere_is_not_in_the_table_G15(method: str, path: str) -> None:
    assert find(method, path) is None


@pytest.mark.parametrize(
    "path",
    [
        f"{PRIV}/users/search%5Fusers",
        f"{PRIV}/users/%73earch_users",
        f"{PRIV}/users/7/privac%79",
        f"{PRIV}/users/7/%70rivacy/export",
        f"{PRIV}/%75sers/search_users",
    ],
)
def test_a_name_written_otherwise_is_the_same_name_and_asks_for_the_same_role_G15(path: str) -> None:
    assert route("GET", path).role is Role.MANAGER
    assert target("GET", path).path == unquote(path).replace("any", APP, 1)


@pytest.mark.parametrize("method", ["PATCH", "HEAD", "OPTIONS", "get", "DELETE"])
def test_a_method_that_is_not_documented_is_not_in_the_table(method: str) -> None:
    assert find(method, f"{PRIV}/users/7") is None


@given(st.sampled_from(ROUTES), st.lists(st.text(min_size=1, max_size=6), min_size=4, max_size=4), st.data())
def test_whatever_stands_for_an_id_no_path_leads_to_another_call_G15(
    route: Route, ids: list[str], data: st.DataObject
) -> None:
    safe = data.draw(st.sampled_from(["", "/", "/%", "%"]))
    fill = iter(quote(one, safe=safe) for one in itertools.cycle(ids))
    path = re.sub(r"\{\w+\}", lambda _: next(fill), route.pattern)
    found = find(route.method, path)
    if found is None:
        return
    taken, where = found
    read = unquote(where.path)
    parts, names = read.split("/"), taken.pattern.split("/")
    assert len(parts) == len(names), "a server that decodes the path sees the same parts"
    assert all(part == name or name.startswith("{") for part, name in zip(parts, names, strict=True))
    assert not {".", ".."} & set(parts)
    as_read = find(route.method, read)
    assert as_read is None or as_read[0] is taken, "and takes it for the same call"


MANAGERS = {
    f"GET {PRIV}/users/search_users",
    f"POST {PRIV}/external/users/7/merge_accounts",
    f"GET {PRIV}/external/users/7/merge_accounts/8",
    f"GET {PRIV}/users/7/privacy",
    f"GET {PRIV}/external/users/7/privacy/export",
    f"POST {PRIV}/users/7/privacy/forget",
    f"POST {PRIV}/users/7/privacy/restrict",
    "POST /offers/api/2.0/offers/acquisition/issue",
    "POST /incentives/api/1.0/movement/move_user",
    "POST /incentives/api/2.0/user_points/deposit",
}


def test_what_changes_a_guest_s_account_or_shows_all_guests_is_the_manager_s_G15() -> None:
    assert {call for call in MANAGERS if route(*call.split(" ")).role is not Role.MANAGER} == set()
    assert route("GET", f"{PRIV}/users/7").role is Role.CASHIER
    assert route("POST", "/offers/api/2.0/offers/redemption/lock").role is Role.CASHIER


def test_only_what_loses_nothing_by_it_is_done_later_or_from_memory() -> None:
    later = {one.pattern.rpartition("/")[2] for one in ROUTES if one.offline is Offline.DEFERRED}
    remembered = {one for one in ROUTES if one.offline is Offline.REMEMBERED}
    assert later == {"referrals", "loyalty_links"}
    assert {one.method for one in ROUTES if one.offline is Offline.DEFERRED} == {"POST"}
    assert {one.method for one in remembered} == {"GET"}
    assert {one.pattern.split("/")[-1] for one in remembered} == {"offers", "{card_number}"}


def test_what_must_not_be_done_twice_says_so() -> None:
    once = {one.pattern.rpartition("/")[2] for one in ROUTES if not one.idempotent}
    assert {"purchase_offer", "deposit", "spend_multiple", "redeem", "events", "referrals", "issue"} <= once
    assert {one.method for one in ROUTES if not one.idempotent} == {"POST"}
