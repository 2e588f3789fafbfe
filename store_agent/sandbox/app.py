"""The sandbox as an ASGI application: nine POS endpoints, the relayed upstreams and the control routes."""

from starlette.applications import Starlette
from starlette.routing import Route

from store_agent.errors import BadInput, ConfigurationError
from store_agent.sandbox.call import CONNECT, CORE
from store_agent.sandbox.control import Control, refuse
from store_agent.sandbox.door import Door
from store_agent.sandbox.pos_desk import PosDesk
from store_agent.sandbox.relay import Relay
from store_agent.sandbox.sandbox import Sandbox

_UPSTREAMS = {
    CORE: ("/priv/{rest:path}", "/api/v1/{rest:path}"),
    CONNECT: ("/offers/{rest:path}", "/incentives/{rest:path}"),
}
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def build_app(sandbox: Sandbox) -> Starlette:
    """Build the application around a sandbox; it needs the sandbox's own server, which can break connections."""
    return Starlette(
        routes=[*_pos_routes(sandbox), *_relayed_routes(sandbox), *Control(sandbox).routes()],
        exception_handlers={BadInput: refuse, ConfigurationError: refuse},
    )


def _pos_routes(sandbox: Sandbox) -> list[Route]:
    return [
        Route(
            f"/api/2.0/{endpoint}",
            Door(PosDesk(endpoint, sandbox.options, sandbox.platform), sandbox),
            methods=["POST"],
        )
        for endpoint in sandbox.platform.endpoints
    ]


def _relayed_routes(sandbox: Sandbox) -> list[Route]:
    routes = []
    for upstream, patterns in _UPSTREAMS.items():
        relay = Relay(upstream, sandbox.options, sandbox.platform, sandbox.clock)
        routes += [Route(pattern, Door(relay, sandbox), methods=_METHODS) for pattern in patterns]
    return routes
