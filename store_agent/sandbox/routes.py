"""Every relayed call that the platform answers: method, path pattern, handler. The first that fits is taken.

`{member}` stands for `users/{user_id}` and for its twin `external/users/{external_id}`, `{version}` for `v1`, `v2`...
Sources: "Core Loyalty APIs", and the recorded collection for everything that has a folder there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from store_agent.sandbox.call import Call
from store_agent.sandbox.connect import acquisition, info, points, redemption, stores, tiers
from store_agent.sandbox.core import campaigns, cards, events, privacy, profiles, referrals, rewards, skills, tags
from store_agent.sandbox.world.world import World

Handler = Callable[[World, Call], Any]

_APP = "/priv/{version}/apps/{api_key}"
_OFFERS = "/offers/api/2.0/offers"
_TIERS = "/incentives/api/1.0"
_POINTS = "/incentives/api/2.0/user_points"

TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("POST", f"{_APP}/users", profiles.create),
    ("GET", f"{_APP}/users", profiles.listing),
    ("GET", f"{_APP}/users/search", profiles.search),
    ("GET", f"{_APP}/users/search_users", profiles.search_users),
    ("GET", f"{_APP}/{{member}}", profiles.show),
    ("PUT", f"{_APP}/{{member}}", profiles.update),
    ("DELETE", f"{_APP}/{{member}}", profiles.delete),
    ("POST", f"{_APP}/{{member}}/merge_accounts", profiles.merge),
    ("GET", f"{_APP}/{{member}}/merge_accounts/{{merge_id}}", profiles.show_merge),
    ("POST", f"{_APP}/events", events.create),
    ("POST", f"{_APP}/{{member}}/events", events.create_of_member),
    ("POST", f"{_APP}/{{member}}/campaigns/{{campaign_id}}/events", campaigns.count_events),
    ("POST", f"{_APP}/{{member}}/external/campaigns/{{campaign_id}}/events", campaigns.count_events),
    ("POST", f"{_APP}/places/{{place_id}}/check_ins", events.check_in_of_nobody),
    ("POST", f"{_APP}/{{member}}/places/{{place_id}}/check_ins", events.check_in),
    ("GET", f"{_APP}/{{member}}/timelines/{{view}}", events.timeline),
    ("GET", f"{_APP}/{{member}}/privacy", privacy.listing),
    ("GET", f"{_APP}/{{member}}/privacy/export", privacy.exports),
    ("POST", f"{_APP}/{{member}}/privacy/forget", privacy.forget),
    ("POST", f"{_APP}/{{member}}/privacy/restrict", privacy.restrict),
    ("GET", f"{_APP}/{{member}}/tags", tags.listing),
    ("POST", f"{_APP}/{{member}}/tags", tags.add),
    ("GET", f"{_APP}/{{member}}/activities", campaigns.activities),
    ("GET", "/priv/v2/apps/{api_key}/{member}/campaigns", campaigns.listing_v2),
    ("GET", f"{_APP}/{{member}}/campaigns", campaigns.listing),
    ("GET", f"{_APP}/{{member}}/campaigns/{{campaign_id}}", campaigns.show),
    ("GET", f"{_APP}/{{member}}/campaigns/{{campaign_id}}/opt_in", campaigns.opt_in),
    ("POST", f"{_APP}/{{member}}/campaigns/{{campaign_id}}/opt_in", campaigns.opt_in),
    ("GET", f"{_APP}/offers", rewards.listing),
    ("GET", f"{_APP}/{{member}}/offers", rewards.listing_of_member),
    ("GET", "/api/v1/apps/{api_key}/offers", rewards.listing_of_nobody),
    ("GET", f"{_APP}/{{member}}/challenges/skills_test_question", skills.ask),
    (
        "POST",
        f"{_APP}/{{member}}/offers/{{offer_id}}/challenges/skills_test_questions/{{question_id}}",
        skills.take,
    ),
    ("POST", f"{_APP}/{{member}}/referrals", referrals.create),
    ("GET", f"{_APP}/{{member}}/referrals", referrals.listing),
    ("GET", f"{_APP}/{{member}}/referrals/{{referral_id}}", referrals.show),
    ("POST", f"{_APP}/{{member}}/loyalty_cards", cards.create),
    ("GET", f"{_APP}/loyalty_cards/{{card_number}}", cards.scan),
    ("POST", f"{_APP}/{{member}}/loyalty_links", cards.link),
    ("GET", f"{_APP}/{{member}}/loyalty_links", cards.linked),
    ("DELETE", f"{_APP}/{{member}}/loyalty_links/{{card_id}}", cards.unlink),
    ("GET", f"{_APP}/{{member}}/loyalty_transactions", cards.transactions),
    ("GET", f"{_APP}/loyalty_retailers/anonymous_index", cards.retailers),
    ("GET", f"{_APP}/{{member}}/loyalty_retailers", cards.retailers_of_member),
    ("GET", "/api/v1/apps/{api_key}/loyalty_retailers", cards.retailers_of_nobody),
    ("POST", f"{_OFFERS}/acquisition/issue", acquisition.issue),
    ("POST", f"{_OFFERS}/acquisition/revoke", acquisition.revoke),
    ("POST", f"{_OFFERS}/acquisition/update", acquisition.update),
    ("POST", f"{_OFFERS}/acquisition/move_user_offers", acquisition.move),
    ("POST", f"{_OFFERS}/fetch_offers_overview", info.overview),
    ("POST", f"{_OFFERS}/fetch_offers_details", info.overview),
    ("POST", f"{_OFFERS}/fetch_offer", info.offer),
    ("POST", f"{_OFFERS}/get_user", info.user),
    ("POST", f"{_OFFERS}/get_user_offers", info.user_offers),
    ("POST", f"{_OFFERS}/get_user_offer_details", info.user_offer),
    ("POST", f"{_OFFERS}/user_offer_history", info.history),
    ("POST", f"{_OFFERS}/redemption/redeem", redemption.redeem),
    ("POST", f"{_OFFERS}/redemption/reinstate", redemption.reinstate),
    ("POST", f"{_OFFERS}/redemption/lock", redemption.lock),
    ("POST", f"{_OFFERS}/redemption/unlock", redemption.unlock),
    ("POST", f"{_OFFERS}/rewardstores/get_reward_stores", stores.listing),
    ("POST", f"{_OFFERS}/rewardstores/get_user_reward_stores", stores.listing_of_user),
    ("POST", f"{_OFFERS}/rewardstores/get_reward_store_offers", stores.offers),
    ("POST", f"{_OFFERS}/rewardstores/get_reward_stores_containing_offer", stores.containing),
    ("POST", f"{_OFFERS}/rewardstores/purchase_offer", stores.purchase),
    ("POST", f"{_TIERS}/user_tiers/tier_status", tiers.status),
    ("POST", f"{_TIERS}/movement/qualifying", tiers.qualify),
    ("POST", f"{_TIERS}/movement/move_user", tiers.move),
    ("POST", f"{_TIERS}/user_events/trigger_user_event", tiers.trigger),
    ("POST", f"{_POINTS}/deposit", points.deposit),
    ("POST", f"{_POINTS}/spend_multiple", points.spend),
    ("POST", f"{_POINTS}/spend_multiple_batch", points.spend_batch),
    ("POST", f"{_POINTS}/balance", points.balance),
    ("POST", f"{_POINTS}/fetch_point_audit_logs", points.audit_log),
)

_MEMBER = r"(?:users/(?P<user_id>[^/]+)|external/users/(?P<external_id>[^/]+))"


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table, ready to be matched."""

    method: str
    path: re.Pattern[str]
    handler: Handler


def _compiled(method: str, pattern: str, handler: Handler) -> Route:
    text = re.escape(pattern).replace(r"\{member\}", _MEMBER).replace(r"\{version\}", r"v[0-9]+")
    return Route(method, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", text) + "/?"), handler)


ROUTES = tuple(_compiled(*row) for row in TABLE)


def find_route(method: str, path: str) -> Route | None:
    """Find the row for a call; a slash at the end makes no difference."""
    return next((route for route in ROUTES if route.method == method and route.path.fullmatch(path)), None)


def names_in(method: str, path: str) -> Mapping[str, str]:
    """Give the parts of a path that its row gives names to, as sent; none for an unknown call."""
    route = find_route(method, path)
    found = None if route is None else route.path.fullmatch(path)
    return {} if found is None else {name: value for name, value in found.groupdict().items() if value is not None}
