"""A guest as a POS lookup answers one ("SessionM POS API, User Lookup", in the shape of recorded answers)."""

from typing import Any

from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.points import ACCOUNTS, PointAccount, Points


def guest_json(member: Member, offers: list[dict[str, Any]], points: Points) -> dict[str, Any]:
    """Render the guest as recorded lookups do: `partial_response`, and `accounts` with Pascal-case keys."""
    return {
        "user_reference_id": member.user_id,
        "user_account_id": member.user_id,
        "partial_response": False,
        "first_name": member.standard.get("first_name"),
        "last_name": member.standard.get("last_name"),
        "phone": member.phone_numbers[0] if member.phones else None,
        "email": member.standard.get("email"),
        "points": points.balance(member.user_id).available,
        "profile_fields": member.profile,
        "offers": offers,
        "accounts": [_account_json(member, account, points) for account in ACCOUNTS],
    }


def _account_json(member: Member, account: PointAccount, points: Points) -> dict[str, Any]:
    balance = points.balance(member.user_id, account)
    return {
        "AccountName": account.name,
        "UserPointAccountID": "",
        "PointAccountID": account.account_id,
        "GroupingLabel": account.label,
        "AvailableBalance": balance.available,
        "LifeTimeValue": balance.lifetime,
    }
