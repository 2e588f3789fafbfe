"""The platform's calls that the agent relays: which, where to, who may, and what happens without a line.

Sources: Core Loyalty APIs (rewards store, skills test, referrals, loyalty cards) and the Postman collection, folders 1
to 4. A call that is not in this table is not there.

Nothing that spends points, moves offers or changes a profile is done from memory or later: a guest must be able to rely
on what a cashier says. Referrals and links of cards lose nothing by arriving later.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from urllib.parse import unquote

from store_agent.domain.relayed import APP, RelayAsked, Target, Upstream
from store_agent.domain.roles import Role

_LEADING_ELSEWHERE = frozenset("/\\;%")
"""What is in no id, and what a server might take for the end of one; a percent sign would be read a second time."""

CASHIER, MANAGER = Role.CASHIER, Role.MANAGER
CORE, CONNECT = Upstream.CORE, Upstream.CONNECT


class Offline(StrEnum):
    """What happens where the platform cannot be asked."""

    REFUSE = "refuse"
    REMEMBERED = "remembered"
    DEFERRED = "deferred"


REFUSE, REMEMBERED, DEFERRED = Offline.REFUSE, Offline.REMEMBERED, Offline.DEFERRED


@dataclass(frozen=True)
class Route:
    """One call. `{name}` in `pattern` is one part of the path, `{app}` the app key, which the agent puts in.

    `idempotent` tells that making it twice is as good as once; `GET` and `DELETE` are, and questions that are POSTs.
    """

    method: str
    pattern: str
    upstream: Upstream
    role: Role
    offline: Offline = REFUSE
    idempotent: bool = True

    @cached_property
    def _names(self) -> list[str]:
        return self.pattern.split("/")

    def target(self, path: str, query: str) -> Target | None:
        """Return where a request goes, None if it is not this call's. `path` is as sent, with its percent signs."""
        parts = path.split("/")
        if len(parts) != len(self._names) or not all(map(_fits, self._names, parts)):
            return None
        filled = "/".join(
            part if _is_open(name) and name != APP else name for name, part in zip(self._names, parts, strict=True)
        )
        return Target(self.method, self.upstream, f"{filled}?{query}" if query else filled)


def _is_open(name: str) -> bool:
    return name.startswith("{")


def _fits(name: str, part: str) -> bool:
    """Hold a part of a path against the pattern's as a server would read it, since %2F may lead elsewhere."""
    plain = unquote(part)
    if not _is_open(name):
        return plain == name
    return plain not in ("", ".", "..") and plain.isprintable() and _LEADING_ELSEWHERE.isdisjoint(plain)


def _of_users(version: str, rest: str) -> tuple[str, str]:
    """Both ways to name a customer: by the platform's id, and by that of another system."""
    apps = f"/priv/{version}/apps/{{app}}"
    return f"{apps}/users/{{user_id}}{rest}", f"{apps}/external/users/{{external_id}}{rest}"


def _core(
    method: str,
    *patterns: str,
    role: Role = CASHIER,
    offline: Offline = REFUSE,
) -> list[Route]:
    return [Route(method, pattern, CORE, role, offline, method != "POST") for pattern in patterns]


def _connect(prefix: str, *names: str, role: Role = CASHIER, asks: bool) -> list[Route]:
    return [Route("POST", f"{prefix}/{name}", CONNECT, role, REFUSE, asks) for name in names]


_PRIV = "/priv/v1/apps/{app}"
_OFFERS = "/offers/api/2.0/offers"
_INCENTIVES = "/incentives/api"

ROUTES: tuple[Route, ...] = (
    # Core Loyalty: rewards store
    *_core("GET", f"{_PRIV}/offers", *_of_users("v1", "/offers"), offline=REMEMBERED),
    *_core("GET", "/api/v1/apps/{app}/offers", offline=REMEMBERED),
    # Core Loyalty: skills test
    *_core("GET", *_of_users("v1", "/challenges/skills_test_question")),
    *_core("POST", *_of_users("v1", "/offers/{offer_id}/challenges/skills_test_questions/{question_id}")),
    # Core Loyalty: referrals
    *_core("POST", *_of_users("v1", "/referrals"), offline=DEFERRED),
    *_core("GET", *_of_users("v1", "/referrals"), *_of_users("v1", "/referrals/{referral_id}")),
    # Core Loyalty: loyalty cards
    *_core("POST", *_of_users("v1", "/loyalty_cards")),
    *_core("POST", *_of_users("v1", "/loyalty_links"), offline=DEFERRED),
    *_core("GET", *_of_users("v1", "/loyalty_links")),
    *_core("DELETE", *_of_users("{version}", "/loyalty_links/{link_id}")),
    *_core("GET", *_of_users("v1", "/loyalty_transactions")),
    *_core("GET", f"{_PRIV}/loyalty_retailers/anonymous_index", *_of_users("v1", "/loyalty_retailers")),
    *_core("GET", "/api/v1/apps/{app}/loyalty_retailers"),
    *_core("GET", f"{_PRIV}/loyalty_cards/{{card_number}}", offline=REMEMBERED),
    # 1.1 and 1.7 Customer profiles. Fixed names come before those that take any.
    *_core("POST", f"{_PRIV}/users"),
    *_core("GET", f"{_PRIV}/users/search"),
    *_core("GET", f"{_PRIV}/users/search_users", role=MANAGER),
    *_core("GET", *_of_users("v1", "")),
    *_core("PUT", *_of_users("v1", "")),
    # 1.2 Merging accounts
    *_core("POST", _of_users("v1", "/merge_accounts")[1], role=MANAGER),
    *_core("GET", _of_users("v1", "/merge_accounts/{account_id}")[1], role=MANAGER),
    # 1.3 Events
    *_core("POST", "/priv/v2/apps/{app}/events"),
    *_core("POST", *_of_users("v1", "/campaigns/{campaign_id}/events")),
    # 1.4 Timelines
    *_core("GET", *_of_users("v1", "/timelines/{timeline}")),
    # 1.5 Privacy
    *_core("GET", *_of_users("v1", "/privacy"), *_of_users("v1", "/privacy/export"), role=MANAGER),
    *_core("POST", *_of_users("v1", "/privacy/forget"), *_of_users("v1", "/privacy/restrict"), role=MANAGER),
    # 1.6 Tags
    *_core("GET", *_of_users("v1", "/tags")),
    *_core("POST", *_of_users("v1", "/tags")),
    # 2 Promotions. Opting in is a GET that changes something, to the same end however often.
    *_core("GET", *_of_users("v1", "/campaigns"), *_of_users("v1", "/campaigns/{campaign_id}/opt_in")),
    *_core("GET", "/priv/v2/apps/{app}/external/users/{external_id}/campaigns/"),
    *_core("GET", "/priv/v2/apps/{app}/external/users/{external_id}/campaigns/{campaign_id}/"),
    # 3.1 Acquisition of offers
    *_connect(f"{_OFFERS}/acquisition", "issue", "revoke", "update", "move_user_offers", role=MANAGER, asks=False),
    # 3.2 Information about offers
    *_connect(
        _OFFERS,
        "fetch_offers_overview",
        "fetch_offer",
        "fetch_offers_details",
        "get_user",
        "get_user_offers",
        "get_user_offer_details",
        "user_offer_history",
        asks=True,
    ),
    # 3.3 Redemption of offers
    *_connect(f"{_OFFERS}/redemption", "redeem", "reinstate", "lock", "unlock", asks=False),
    # 3.4 Reward stores
    *_connect(
        f"{_OFFERS}/rewardstores",
        "get_reward_stores",
        "get_reward_store_offers",
        "get_reward_stores_containing_offer",
        "get_user_reward_stores",
        asks=True,
    ),
    *_connect(f"{_OFFERS}/rewardstores", "purchase_offer", asks=False),
    # 4.1 Tiers
    *_connect(f"{_INCENTIVES}/1.0/user_tiers", "tier_status", asks=True),
    *_connect(f"{_INCENTIVES}/1.0/movement", "qualifying", "move_user", role=MANAGER, asks=False),
    # 4.2 Points
    *_connect(f"{_INCENTIVES}/2.0/user_points", "balance", "fetch_point_audit_logs", asks=True),
    *_connect(f"{_INCENTIVES}/2.0/user_points", "deposit", role=MANAGER, asks=False),
    *_connect(f"{_INCENTIVES}/2.0/user_points", "spend_multiple", "spend_multiple_batch", asks=False),
    # 4.3 Loyalty events
    *_connect(f"{_INCENTIVES}/1.0/user_events", "trigger_user_event", asks=False),
)

PREFIXES = ("/priv/", "/api/v1/", "/offers/api/", "/incentives/api/")
"""Where all of them begin."""


def find_route(asked: RelayAsked) -> tuple[Route, Target] | None:
    """Find the call that a request makes, and where it goes; None if the table has none."""
    for route in ROUTES:
        if route.method == asked.method and (target := route.target(asked.path, asked.query)) is not None:
            return route, target
    return None
