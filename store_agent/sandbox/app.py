"""The sandbox as an ASGI application: nine POS endpoints and the control routes."""

from starlette.applications import Starlette
from starlette.routing import Route

from store_agent.errors import BadInput, ConfigurationError
from store_agent.sandbox.control import Control, refuse
from store_agent.sandbox.door import Door
from store_agent.sandbox.sandbox import Sandbox


def build_app(sandbox: Sandbox) -> Starlette:
    """Build the application around a sandbox; it needs the sandbox's own server, which can break connections."""
    doors = [
        Route(f"/api/2.0/{endpoint}", Door(endpoint, sandbox), methods=["POST"])
        for endpoint in sandbox.platform.endpoints
    ]
    return Starlette(
        routes=[*doors, *Control(sandbox).routes()],
        exception_handlers={BadInput: refuse, ConfigurationError: refuse},
    )
