"""Tags that count."""

from typing import Any

from store_agent.sandbox.call import Call, amount_of
from store_agent.sandbox.world.refusals import declined
from store_agent.sandbox.world.world import World


def listing(world: World, call: Call) -> dict[str, Any]:
    """Show a member's tags and their counts."""
    return {"tags": world.tags.of(world.members.of(call.names).user_id)}


def add(world: World, call: Call) -> dict[str, Any]:
    """Make tags or count them up; `ttl`: seconds they live."""
    user_id = world.members.of(call.names).user_id
    given = call.fields()
    names = given.get("tags")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise declined("missing_data", "tags must be a list of at least one text")
    world.tags.add(user_id, names, amount_of(given, "ttl") if "ttl" in given else None)
    return {"tags": world.tags.of(user_id)}
