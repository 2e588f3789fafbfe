"""What the names of fields say of cards, and which fields hold identifiers, which are no cards (G16)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from store_agent.domain.fields import documented

Path = tuple[str | int, ...]
"""Names of members and positions in lists, from the outside in."""

_APART = re.compile(r"[^0-9a-z]+")
_PAN = re.compile(r"(?:^|[^a-z])pan(?:[^a-z]|no|nr|num|$)|(?<=[a-z])P(?:an|AN)(?![a-z])|^[pP][aA][nN](?![a-z])")
_CARD = re.compile(
    r"card|^cc$|^cc(?:no|nr|num|number|account)|primaryaccount|^track[123]?(?:data)?$|magstripe|magnetic|swipe"
)
_BEFORE_SALE = 3
"""Names and positions before a sale in a request, at the most."""

_OTHER_CARD = re.compile(r"loyal|gift|member|reward|bonus|club|customer|storedvalue|svc|voucher|coupon|punch|employee")
_SECURITY_CODE = re.compile(
    r"(?:card|cc)?(?:i|d)?(?:cvv|cvc|cvn|cvd|cav|csc|cid)[12]?(?:code|number|num|no|value|data)?"
    r"|(?:card|cc)?(?:security|verification)(?:code|number|value|digits)"
    r"|card(?:security|verification|validation)\w{0,8}"
)

SALE = (
    "transaction_id", "from_transaction_id", "pos_employee_id", "sm_employee_id", "table_id", "guest_receipt_code",
    "items.*.item_id", "items.*.line_id", "items.*.modifies_line_id", "items.*.external_line_item_id",
    "payments.*.payment_id", "payments.*.receipt_code", "payments.*.user_id", "payments.*.additional_user_id",
    "discounts.*.reference_id", "discounts.*.pos_discount_id", "discounts.*.user_id",
    "discounts.*.discounted_line_ids.*",
)  # fmt: skip
"""Identification fields of a sale (SessionM POS API, Send Transaction)."""

CALLS = (
    "store_id", "client_id", "request_id", "user_id", "external_customer_id", "phone", "user_offer_id", "employee_id",
    "offer_lookup_code", "external_id", "payments.*", "code",
)  # fmt: skip
"""Those of the container and of the calls at the counter (SessionM POS API), and of the agent's own API."""

RELAYED = (
    "user.external_id", "user.external_ids.*", "user.proxy_ids.*", "merge_account.external_id", "referral.user_id",
    "loyalty_card.card_number", "loyalty_card.retailer_id", "loyalty_link.card_number", "events.user_id",
    "retailer_id", "offer_id", "offer_ids.*", "user_ids.*", "source_user_id", "destination_user_id",
    "reward_store_id", "reward_store_ids.*", "reward_store_offer_id", "tier_level_id", "tier_system_id",
    "point_account_ids.*", "point_source_ids.*", "deposit_details.*.reference_id", "spend_details.*.reference_id",
    "transaction.store_id", "transaction.retailer_id", "transaction.items.*.external_line_item_id", "values.member_id",
)  # fmt: skip
"""Those of relayed calls (Core Loyalty APIs; Postman collection, folders 1 to 4)."""

IDENTIFICATION = SALE + CALLS + RELAYED

ANSWERS = (
    "**.id", "**.user_id", "**.external_id", "**.external_ids.*", "**.proxy_ids.*", "**.user_reference_id",
    "**.user_account_id", "**.reference_id", "**.offer_id", "**.root_offer_id", "**.user_offer_id",
    "**.pos_discount_id", "**.PointAccountID", "**.UserPointAccountID", "**.point_account_id",
    "**.user_point_account_id", "**.phone", "**.phone_number", "loyalty_card.card_number",
    "loyalty_cards.*.card_number",
)  # fmt: skip
"""Those in what the platform answers (recorded answers of the Postman collection; Core Loyalty APIs)."""


def says_card(names: tuple[str, ...]) -> bool:
    """Tell whether the name of a field, or of the object around it, says that it is about a payment card.

    `names` are those two, the field's last. A loyalty or gift card is none.
    """
    flat = [_flat(name) for name in names]
    if any(map(_OTHER_CARD.search, flat)):
        return False
    return any(map(_CARD.search, flat)) or any(map(_PAN.search, names))


def says_security_code(names: tuple[str, ...]) -> bool:
    """Tell whether one of the names is that of the code that is printed on a card, whatever a scheme calls it."""
    return any(_SECURITY_CODE.fullmatch(_flat(name)) for name in names)


@dataclass(frozen=True, slots=True)
class Exempt:
    """Fields in which what looks like a card is an identifier. Make it with `exempt`."""

    paths: frozenset[Path] = frozenset()
    ends: frozenset[Path] = frozenset()
    deepest: int = 0

    def has(self, path: Path) -> bool:
        """Tell whether a field is one of them."""
        if len(path) > self.deepest and not self.ends:
            return False
        parts = _within(tuple("*" if isinstance(part, int) else documented(part) for part in path))
        return parts in self.paths or any(parts[at:] in self.ends for at in range(len(parts)))


NOTHING = Exempt()
"""For logs and messages, where an identifier that is masked does no harm."""


def exempt(patterns: Iterable[str]) -> Exempt:
    """Read paths such as `items.*.item_id`; `**.` in front means wherever the field stands.

    A path is that within a sale, whether it is sent alone, in a batch or with a look-up. What stands before a sale
    may be left out or not.
    """
    read = [tuple(pattern.split(".")) for pattern in patterns]
    paths = frozenset(_within(path) for path in read if path[0] != "**")
    ends = frozenset(path[1:] for path in read if path[0] == "**")
    return Exempt(paths, ends, _BEFORE_SALE + max(map(len, paths), default=0))


def _within(path: Path) -> Path:
    """Leave out what stands before a sale in a request."""
    if path[:1] != ("request_payload",):
        return path
    if path[1:3] == ("transactions", "*"):
        return path[3:]
    return path[2:] if path[1:2] == ("transaction",) else path[1:]


def _flat(name: str) -> str:
    return _APART.sub("", name.casefold())
