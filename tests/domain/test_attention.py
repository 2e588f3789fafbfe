"""What a manager is told to do about a refusal, for every way in which the platform refuses."""

from typing import Any

import pytest

from store_agent.cloud.sessionm.refusals import read_refusal
from store_agent.domain import fields
from store_agent.domain.attention import _KNOWN, TABLE, Kind, Refusal, what_to_do
from store_agent.storage.salvage.sales import _DOUBT


def refused(errors: Any, call: str | None = None, *, burst: bool = False) -> Refusal:
    """Read a refusal as the platform writes it."""
    words, named = read_refusal({"status": "Error", "errors": errors})
    return Refusal(words, named, burst, call)


def named(path: str) -> Any:
    """A refusal that says nothing but where."""
    return {"code": "invalid_transaction", "message": "It is wrong", "fields": [{"path": path, "message": "no"}]}


SALES: list[tuple[Any, str]] = [
    ({"message": "unknown employee 1000", "fields": [{"path": "pos_employee_id"}]}, "Have the employee added"),
    ({"message": "Employee 1000 was not found"}, "Have the employee added"),
    ({"message": "Unknown item 4711"}, "Upload the catalog, or have the item added"),
    (named("items.0.item_id"), "Upload the catalog, or have the item added"),
    (named("Items[3].ItemId"), "Upload the catalog, or have the item added"),
    (named("request_payload.discounts.0.reference_id"), "The offer of the guest is gone"),
    (
        {"code": "offer_redeemed", "message": "Offer 17 is REDEEMED by transaction T-9"},
        "The offer of the guest is gone",
    ),
    ({"code": "offer_not_found", "message": "There is no offer 17"}, "The offer of the guest is gone"),
    ({"message": "Unknown store 1234x"}, "Check store.store_id and store.client_id"),
    (named("client_id"), "Check store.store_id and store.client_id"),
    (named("payments.0.user_id"), "Look whether the platform knows the guest"),
    ({"message": "User 5 not found"}, "Look whether the platform knows the guest"),
    ({"message": "More than one account has this phone"}, "Look whether the platform knows the guest"),
    (named("guest_receipt_code"), "The receipt code belongs to another sale"),
    ({"message": "Transaction T-1 already exists"}, "Compare the sale with what the platform has"),
    (named("transaction_id"), "Compare the sale with what the platform has"),
    (named("items.2.subtotal"), "The amounts of the sale do not fit together"),
    ({"message": "tax_total must be a number"}, "The amounts of the sale do not fit together"),
    (named("payments.1.type"), "Ask whoever looks after the platform whether it knows this way of paying"),
    (named("open_time"), "Check the clocks"),
    (named("channel"), "set this channel up"),
    (named("custom_data"), "Whoever looks after the tills"),
    ({"message": "is_closed is required"}, "The till left out or mistook a field"),
    ({"message": "pos_employee_id is required"}, "Have the employee added"),
    ({"message": "something_else is missing"}, "The till left out or mistook a field"),
    ({"message": "It is wrong"}, "Read the words of the platform"),
    (named("loyalty_wormhole"), "Read the words of the platform"),
    (None, "Read the words of the platform"),
]

CALLS: list[tuple[str, Any, str]] = [
    ("unlock", {"message": "Offer 17 is REDEEMED, not LOCKED"}, "There may be nothing left to give back"),
    ("reinstate", {"code": "offer_not_found"}, "There may be nothing left to give back"),
    ("upload_catalog", named("items.0.name"), "Correct what the reason names in the file"),
    (
        "upload_employees",
        {"message": "employees.0.employee_id is missing"},
        "Correct what the reason names in the file",
    ),
    ("POST core /links", {"code": "card_not_found"}, "Look at the cards of the guest"),
    ("POST core /links", {"code": "card_limit_reached"}, "Look at the cards of the guest"),
    ("POST core /links", {"code": "retailer_code_invalid"}, "Look at the cards of the guest"),
    ("POST core /referrals", {"code": "referral_duplicate_email"}, "The friend may be a member"),
    (
        "POST core /referrals",
        {"code": "referral_registered_email", "message": "a@b.c is a member already"},
        "The friend",
    ),
    ("POST core /referrals", {"code": "user_not_found"}, "Look whether the platform knows the guest"),
    ("POST core /referrals", {"code": "requires_registered_user"}, "Look whether the platform knows the guest"),
    (
        "POST core /referrals",
        {"code": "invalid_api_key"},
        "Ask whoever looks after the platform whether this store may",
    ),
    ("POST core /referrals", {"code": "missing_data"}, "The till left out or mistook a field"),
    ("POST core /referrals", {"code": "validation"}, "Read the words of the platform"),
]


@pytest.mark.parametrize(("errors", "begins"), SALES)
def test_every_refusal_of_a_sale_has_its_advice(errors: Any, begins: str) -> None:
    assert begins in what_to_do(refused(errors))


@pytest.mark.parametrize(("call", "errors", "begins"), CALLS)
def test_every_refusal_of_a_call_has_its_advice(call: str, errors: Any, begins: str) -> None:
    assert begins in what_to_do(refused(errors, call))


@pytest.mark.parametrize(
    ("cause", "call", "advice"),
    [
        ("The request is larger than the platform takes.", None, "sales of this size"),
        ("The request is larger than the platform takes. Ask ...", "upload_catalog", "catalog.upload_bytes_max"),
        ("The platform cannot be called: set cloud.core.", "POST core /referrals", "what the reason names"),
        ("The platform does not take sales at this address (404).", "unlock", "check the address"),
        (_DOUBT, None, "Look each up there"),
        ("The platform refuses this store's credentials (401).", "POST core /referrals", "check the address"),
    ],
)
def test_what_the_agent_says_itself_has_its_advice(cause: str, call: str | None, advice: str) -> None:
    assert advice in what_to_do(Refusal(cause, call=call))


def test_a_burst_is_a_fault_of_the_setup() -> None:
    unnamed = what_to_do(refused(None, burst=True))
    assert "rather the setup than these sales" in unnamed
    assert "store.store_id, store.client_id and cloud.base_url" in unnamed
    employees = what_to_do(refused({"message": "Unknown employee 7"}, burst=True))
    assert "rather the setup" in employees
    assert "Have the employee added" in employees
    store = what_to_do(refused(named("store_id"), burst=True))
    assert store == what_to_do(refused(named("store_id"))), "it speaks of the setup anyhow"


def test_every_documented_field_of_a_sale_has_an_advice_of_its_own() -> None:
    tables = {"": fields.TRANSACTION, "items.0.": fields.ITEM, "payments.0.": fields.PAYMENT}
    paths = [f"{at}{name}" for at, table in tables.items() for name in table]
    paths += [f"discounts.0.{name}" for name in fields.DISCOUNT]
    assert len(paths) > 30
    last = what_to_do(Refusal("no"))
    assert [path for path in paths if what_to_do(Refusal("no", (path,))) == last] == []


def test_every_advice_ends_with_something_that_can_be_done_here() -> None:
    for row in TABLE:
        ending = row.words.rsplit(". ", 1)[-1].lower()
        assert "retry" in ending or "discard" in ending, row.words


def test_a_row_is_for_something_and_the_last_one_for_everything() -> None:
    assert all(row.fields or row.phrases or row.kinds != frozenset(Kind) for row in TABLE[:-1])
    assert not TABLE[-1].fields
    assert not TABLE[-1].phrases
    assert "employee_id" in _KNOWN


def test_a_hostile_list_of_fields_is_read_all_the_same() -> None:
    assert what_to_do(Refusal("x" * 10_000, ("..", "", "[[[", "é" * 1_000, "a." * 5_000)))
