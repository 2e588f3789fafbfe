"""Points deposited, spent and looked up."""

from collections.abc import Callable
from typing import Any

from store_agent.errors import BadInput
from store_agent.sandbox.call import Call, amount_of, objects_of, page_of
from store_agent.sandbox.connect.asked import fields_of, member_of
from store_agent.sandbox.world.member import Member
from store_agent.sandbox.world.points import ACCOUNTS, Change, Points, Posting, account_of
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.world import World

_REFERENCES = ("reference_id", "reference_type", "point_source_id")

_Step = Callable[[Points, dict[str, Any], Posting], Change]


def deposit(world: World, call: Call) -> dict[str, Any]:
    """Add points to a user's accounts."""
    return _done(world, fields_of(call), "deposit_details", _deposit)


def spend(world: World, call: Call) -> dict[str, Any]:
    """Take points from a user's accounts."""
    return _done(world, fields_of(call), "spend_details", _spend)


def spend_batch(world: World, call: Call) -> dict[str, Any]:
    """Do several spends, each for itself."""
    asked = objects_of(call.fields(), "requests")
    return {"results": [_each(world, one) for one in asked]}


def balance(world: World, call: Call) -> dict[str, Any]:
    """Show a user's balances, on the accounts named or on all."""
    fields = fields_of(call)
    return balances(world, member_of(world, fields), fields)


def balances(world: World, member: Member, fields: dict[str, Any]) -> dict[str, Any]:
    """Render a user's balances as recorded answers do."""
    named = [account_of(account_id) for account_id in fields.get("point_account_ids") or []]
    spendable = world.points.balance(member.user_id)
    return {
        "retailer_id": fields["retailer_id"],
        "user_id": member.user_id,
        "summary": {"total_points": spendable.available, "life_time_points": spendable.lifetime},
        "details": world.points.details(member.user_id, named or ACCOUNTS),
    }


def audit_log(world: World, call: Call) -> dict[str, Any]:
    """List changes of a user's points, newest first, of the accounts and sources named or of all."""
    fields = fields_of(call)
    accounts, sources = fields.get("point_account_ids") or [], fields.get("point_source_ids") or []
    found = [
        change
        for change in world.points.log(member_of(world, fields).user_id)
        if (not accounts or change.posting.account.account_id in accounts)
        and (not sources or change.posting.reference.get("point_source_id") in sources)
    ]
    return {"total_records": len(found), "results": [change.as_json() for change in page_of(found, fields)]}


def _done(world: World, fields: dict[str, Any], name: str, step: _Step) -> dict[str, Any]:
    """Do the steps of a call: all or none, or what can be done when it allows that."""
    member = member_of(world, fields)
    details = objects_of(fields, name)
    if not details:
        raise declined("missing_data", f"{name} must be a list of at least one object")
    if fields.get("allow_partial_success"):
        outcomes = [_tried(world, member, one, step) for one in details]
    else:
        with world.points.all_or_nothing(member.user_id):
            outcomes = [_step(world, member, one, step) for one in details]
    world.timeline.note(member.user_id, "POINTS_CHANGED", changes=len(outcomes))
    return {**balances(world, member, {"retailer_id": fields["retailer_id"]}), "results": outcomes}


def _step(world: World, member: Member, details: dict[str, Any], step: _Step) -> dict[str, Any]:
    posting = Posting(
        member.user_id,
        account_of(_account_id(details)),
        amount_of(details, "amount"),
        {name: details[name] for name in _REFERENCES if name in details},
    )
    return {"successful": True, **step(world.points, details, posting).as_json()}


def _tried(world: World, member: Member, details: dict[str, Any], step: _Step) -> dict[str, Any]:
    try:
        return _step(world, member, details, step)
    except BadInput as problem:
        return {"successful": False, "code": problem.code, "message": problem.message}


def _each(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"status": "ok", "payload": _done(world, fields | _retailer(fields), "spend_details", _spend)}
    except BadInput as problem:
        return {"status": "error", "errors": {"code": problem.code, "message": problem.message}}


def _retailer(fields: dict[str, Any]) -> dict[str, Any]:
    return {"retailer_id": str(fields.get("retailer_id"))}


def _account_id(details: dict[str, Any]) -> Any:
    """Find the account in either spelling; of several, the first is used."""
    listed = details.get("point_account_ids")
    return listed[0] if isinstance(listed, list) and listed else details.get("point_account_id")


def _deposit(points: Points, _details: dict[str, Any], posting: Posting) -> Change:
    return points.deposit(posting)


def _spend(points: Points, details: dict[str, Any], posting: Posting) -> Change:
    if details.get("is_return") is True:
        return points.give_back(posting)
    return points.spend(posting, force=details.get("force_spend") is True)
