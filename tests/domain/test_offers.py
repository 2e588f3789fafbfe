"""What a sale does to the offers of its transaction: carried, given back, or let be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain import offers
from store_agent.domain.offers import OfferAction, Reconciled, Use, UseState, reconcile
from store_agent.domain.transaction import Sale
from tests.support.arrivals import arrival
from tests.support.uses import DISCOUNT, use

LOCK, REDEEM = OfferAction.LOCK, OfferAction.REDEEM
ASKED, APPLIED, USED = UseState.ASKED, UseState.APPLIED, UseState.USED

OPEN: dict[str, Any] = {"is_closed": False}
CLOSED: dict[str, Any] = {"is_closed": True}
VOIDED: dict[str, Any] = {"is_closed": True, "is_voided": True}

ONLINE: dict[str, Any] = {"offline": False}
UNHEARD: dict[str, Any] = {"offline": True, "reached": False}
HEARD: dict[str, Any] = {"offline": True, "reached": True}

NOTHING, KEPT, LET_GO, GIVEN_BACK, HIS = "nothing", "used", "released", "given back", "for the POS to say"


def sale(state: dict[str, Any], *discounts: dict[str, Any]) -> Sale:
    return arrival("T-1", discounts=list(discounts), **state).sale


def fate(found: Reconciled) -> str:
    """Put what became of a single use into a word."""
    (kept, ended, back) = (len(found.used), len(found.released), len(found.give_back))
    told = [warning.code for warning in found.warnings] == ["offer_not_in_sale"]
    words = {(1, 0, 0): KEPT, (0, 1, 0): LET_GO, (0, 1, 1): GIVEN_BACK, (0, 0, 0): HIS if told else NOTHING}
    return words[kept, ended, back]


@pytest.mark.parametrize("how", [ONLINE, UNHEARD, HEARD])
@pytest.mark.parametrize("action", [LOCK, REDEEM])
@pytest.mark.parametrize("state", [ASKED, APPLIED, USED])
@pytest.mark.parametrize("carried", [True, False])
def test_an_open_sale_ends_nothing(how: dict[str, Any], action: OfferAction, state: UseState, *, carried: bool) -> None:
    one = use(action=action, state=state, **how)
    assert fate(reconcile(sale(OPEN, *[DISCOUNT] * carried), [one], "")) == NOTHING


@pytest.mark.parametrize("how", [ONLINE, UNHEARD, HEARD])
@pytest.mark.parametrize("action", [LOCK, REDEEM])
@pytest.mark.parametrize("state", [ASKED, APPLIED])
def test_a_closed_sale_uses_what_it_carries(how: dict[str, Any], action: OfferAction, state: UseState) -> None:
    found = reconcile(sale(CLOSED, DISCOUNT), [use(action=action, state=state, **how)], "")
    assert (fate(found), found.warnings) == (KEPT, ())


@pytest.mark.parametrize("sent", [True, False])
def test_what_was_used_before_is_not_used_again(*, sent: bool) -> None:
    assert fate(reconcile(sale(CLOSED, DISCOUNT), [use(state=USED, sent=sent)], "")) == NOTHING


@pytest.mark.parametrize("state", [CLOSED, VOIDED])
@pytest.mark.parametrize(
    ("one", "becomes"),
    [
        # The platform may have done what nobody answered for: taking it back does no harm.
        (use(state=ASKED), GIVEN_BACK),
        (use(state=ASKED, action=REDEEM), GIVEN_BACK),
        (use(), GIVEN_BACK),
        # Redeemed at once, by the POS's own wish.
        (use(action=REDEEM), HIS),
        # Offline: only what the platform may have heard of is given back.
        (use(**UNHEARD), LET_GO),
        (use(action=REDEEM, **UNHEARD), LET_GO),
        (use(**HEARD), GIVEN_BACK),
        (use(action=REDEEM, **HEARD), GIVEN_BACK),
        # Closed with it before, and that was never sent: as if it had never been.
        (use(state=USED), GIVEN_BACK),
        (use(state=USED, action=REDEEM), HIS),
        (use(state=USED, **UNHEARD), LET_GO),
        (use(state=USED, action=REDEEM, **HEARD), GIVEN_BACK),
        # The platform took it with an earlier state of the sale.
        (use(state=USED, sent=True), HIS),
        (use(state=USED, sent=True, action=REDEEM), HIS),
        (use(state=USED, sent=True, taken=True, **UNHEARD), HIS),
        # An open state of the sale that arrived has taken it from the wallet, since it said OFFLINE.
        (use(taken=True, **UNHEARD), GIVEN_BACK),
        (use(action=REDEEM, taken=True, **UNHEARD), GIVEN_BACK),
        (use(taken=True), GIVEN_BACK),
        (use(action=REDEEM, taken=True), HIS),
        # Nobody answered for a code, so that nobody knows whose offer it is.
        (use(state=ASKED, code="123456", offer=None, discount=None), LET_GO),
    ],
)
def test_what_a_sale_does_not_carry_in_the_end_goes_back(state: dict[str, Any], one: Use, becomes: str) -> None:
    assert fate(reconcile(sale(state), [one], "")) == becomes


def test_a_voided_sale_carries_nothing_whatever_stands_in_it() -> None:
    found = reconcile(sale(VOIDED, DISCOUNT | {"amount": 9}), [use(**HEARD)], "")
    assert (fate(found), found.offline, found.warnings) == (GIVEN_BACK, frozenset(), ())


@pytest.mark.parametrize("state", [OPEN, CLOSED])
def test_an_offer_applied_offline_must_say_so_in_the_sale(state: dict[str, Any]) -> None:
    both = [use(**UNHEARD), use(2, code="offer-2", offer="offer-2", discount=None)]
    assert reconcile(sale(state, DISCOUNT, {"reference_id": "offer-2"}), both, "").offline == {"offer-1"}
    assert reconcile(sale(state), both, "").offline == frozenset()


def test_an_offer_is_found_by_what_it_was_asked_by_and_by_what_was_answered() -> None:
    by_code = use(code="123456", offer="offer-1")
    assert fate(reconcile(sale(CLOSED, DISCOUNT), [by_code], "")) == KEPT
    assert fate(reconcile(sale(CLOSED, {"reference_id": "123456"}), [by_code], "")) == KEPT
    assert fate(reconcile(sale(CLOSED, {"reference_id": "other"}), [by_code], "")) == GIVEN_BACK
    unknown = use(code="123456", offer=None, state=ASKED, discount=None)
    assert fate(reconcile(sale(CLOSED, {"reference_id": "123456"}), [unknown], "")) == KEPT


@pytest.mark.parametrize(
    "change",
    [
        {"reference_id_type": "TTLCode"},
        {"discount_source": "POS"},
        {"pos_discount_id": "78"},
        {"display_name": "Two coffees"},
        {"user_id": "u-2"},
        {"amount": 2.49},
        {"amount": "2.49"},
        {"stack_order": 2},
    ],
)
def test_a_discount_that_is_not_what_was_answered_is_a_warning(change: dict[str, Any]) -> None:
    found = reconcile(sale(CLOSED, {"reference_id": "x"}, DISCOUNT | change), [use()], "request_payload.")
    (warning,) = found.warnings
    assert (warning.code, warning.path) == ("discount_changed", f"request_payload.discounts.1.{next(iter(change))}")
    assert "offer-1" in warning.message


@pytest.mark.parametrize(
    "change",
    [
        {"discount_source": "SESSIONM"},
        {"amount": "2.50"},
        {"amount": None},
        {"display_name": ""},
        {"stack_order": "1"},
        {"status": "OFFLINE"},
        {"applied_time": "2026-03-01T10:00:00.000Z"},
        {"new": 1},
    ],
)
def test_the_same_discount_written_otherwise_is_no_warning(change: dict[str, Any]) -> None:
    """Recorded traffic has numbers as strings, and `discount_source` in another case."""
    assert reconcile(sale(CLOSED, DISCOUNT | change), [use()], "").warnings == ()


def test_the_other_spelling_is_the_same_discount() -> None:
    pascal = {"ReferenceId": "offer-1", "Amount": "2.5", "UserId": "u-1"}
    found = reconcile(sale(CLOSED, pascal), [use()], "")
    assert (fate(found), found.warnings) == (KEPT, ())


@pytest.mark.parametrize(
    ("one", "calls"),
    [
        (use(), ("unlock",)),
        (use(state=ASKED, action=REDEEM), ("reinstate",)),
        (use(action=REDEEM), ()),
        (use(**HEARD), ("unlock",)),
        (use(**UNHEARD), ()),
        (use(taken=True, **UNHEARD), ("reinstate",)),
        (use(taken=True, **HEARD), ("unlock", "reinstate")),
        (use(offer=None, state=ASKED), ()),
    ],
)
def test_each_use_has_its_own_ways_back(one: Use, calls: tuple[str, ...]) -> None:
    assert one.ways_back == calls


def test_the_pos_is_told_what_happens_to_an_offer_that_its_sale_does_not_carry() -> None:
    words = {
        code: reconcile(sale(CLOSED), [one], "request_payload.").warnings[0]
        for code, one in {"back": use(), "here": use(**UNHEARD), "his": use(action=REDEEM)}.items()
    }
    assert "given back to the guest" in words["back"].message
    assert "given back" not in words["here"].message
    assert "reinstate" in words["his"].message
    assert {warning.path for warning in words.values()} == {"request_payload.discounts"}


@st.composite
def uses(draw: st.DrawFn) -> list[Use]:
    names = draw(st.lists(st.sampled_from(["offer-1", "offer-2", "offer-3"]), max_size=5))
    return [
        use(
            number,
            action=draw(st.sampled_from(list(OfferAction))),
            code=name,
            offer=draw(st.sampled_from([name, None])),
            state=draw(st.sampled_from([ASKED, APPLIED, USED])),
            sent=draw(st.booleans()),
            taken=draw(st.booleans()),
            discount=draw(st.sampled_from([DISCOUNT, None])),
            **draw(st.sampled_from([ONLINE, UNHEARD, HEARD])),
        )
        for number, name in enumerate(names, 1)
    ]


def against_the_rules(found: Reconciled, given: list[Use], sold: Sale) -> list[str]:
    """Name the rules of the documents that a result breaks."""
    carried = set() if sold.voided else {discount.get("reference_id") for discount in sold.discounts}
    ended = [*found.used, *found.released]
    offline = {one.name for one in given if one.offline and {one.code, one.offer} & carried}
    broken = {
        "used and released": [one for one in found.used if one in found.released],
        "given back and not released": [one for one in found.give_back if one not in found.released],
        "given back though the platform never heard of it": [
            one for one in found.give_back if not (one.reached or one.taken)
        ],
        "given back though nobody knows which": [one for one in found.give_back if one.offer is None],
        "released though the sale carries it": [one for one in found.released if {one.code, one.offer} & carried],
        "released though the platform took it": [one for one in found.released if one.state is USED and one.sent],
        "released though it is spent": [one for one in found.released if one.spent],
        "ended by an open sale": [] if sold.closed or sold.voided else ended,
        "used without being carried": [one for one in found.used if not {one.code, one.offer} & carried],
        "offline without being so": found.offline - offline,
        "closed with it but not carried": [one for one in found.used if one not in found.carried],
        "made up": [one for one in ended if one not in given],
    }
    return [rule for rule, culprits in broken.items() if culprits]


DISCOUNTS = st.lists(st.sampled_from(["offer-1", "offer-2", "offer-3", "offer-4"]), max_size=3)


@given(uses(), st.sampled_from([OPEN, CLOSED, VOIDED]), DISCOUNTS)
def test_whatever_happens_an_offer_is_used_or_given_back_and_never_both(
    given_uses: list[Use], state: dict[str, Any], names: list[str]
) -> None:
    sold = sale(state, *({"reference_id": name} for name in names))
    assert against_the_rules(reconcile(sold, given_uses, ""), given_uses, sold) == []


def test_an_offer_ended_against_the_rules_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: everything ends, and the platform is told of all that ended."""
    monkeypatch.setattr(offers, "_end", lambda one, *, voided: (True, ""))
    spent, taken, sold = use(action=REDEEM), use(2, state=USED, sent=True), sale(VOIDED)
    assert against_the_rules(reconcile(sold, [spent, taken], ""), [spent, taken], sold) == [
        "released though the platform took it",
        "released though it is spent",
    ]
    unheard = (use(**UNHEARD),)
    wrong = Reconciled(frozenset({"offer-1"}), (), unheard, unheard, unheard, ())
    assert against_the_rules(wrong, [], sale(OPEN)) == [
        "used and released",
        "given back though the platform never heard of it",
        "ended by an open sale",
        "used without being carried",
        "offline without being so",
        "closed with it but not carried",
        "made up",
    ]
