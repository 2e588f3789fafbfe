"""The trainer's side: faults and the account, over HTTP, for whoever is on this machine.

No credentials: the server listens on loopback only and holds invented data.
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store_agent.errors import BadInput, ConfigurationError
from store_agent.sandbox.answer import encode, refused
from store_agent.sandbox.fault import Fault, fault_from_json
from store_agent.sandbox.line import read_body
from store_agent.sandbox.sandbox import Sandbox

_BODY_BYTES_MAX = 1024 * 1024
"""Room for tens of thousands of transaction ids in one fault."""


class Control:
    """The `/sandbox/...` routes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """List the routes for the application."""
        return [
            Route("/sandbox/health", self.health, methods=["GET"]),
            Route("/sandbox/faults", self.show_faults, methods=["GET"]),
            Route("/sandbox/faults", self.put_faults, methods=["PUT"]),
            Route("/sandbox/faults", self.add_fault, methods=["POST"]),
            Route("/sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/sandbox/account", self.show_account, methods=["GET"]),
            Route("/sandbox/account", self.forget, methods=["DELETE"]),
            Route("/sandbox/uploads", self.show_uploads, methods=["GET"]),
            Route("/sandbox/offers/{offer_id}", self.show_offer, methods=["GET"]),
        ]

    async def health(self, _request: Request) -> Response:
        """`{"status": "ok"}` while the server answers."""
        return _json({"status": "ok"})

    async def show_faults(self, _request: Request) -> Response:
        """Faults in order; `count` is what each has left."""
        return self._faults()

    async def put_faults(self, request: Request) -> Response:
        """Replace all faults by a JSON array; requests that hang are answered."""
        self._sandbox.faults.replace(_read_faults(await _read_json(request)))
        return self._faults()

    async def add_fault(self, request: Request) -> Response:
        """Add one fault behind the others."""
        self._sandbox.faults.add(fault_from_json(await _read_json(request)))
        return self._faults(status=201)

    async def clear_faults(self, _request: Request) -> Response:
        """Take all faults away; requests that hang are answered."""
        self._sandbox.faults.replace([])
        return self._faults()

    async def show_account(self, request: Request) -> Response:
        """Show what arrived; `?totals=1` only the counts, `?bodies=1` with the exact bodies."""
        if request.query_params.get("totals") == "1":
            return _json({"totals": self._sandbox.account.totals()})
        return _json(self._sandbox.account.as_json(bodies=request.query_params.get("bodies") == "1"))

    async def forget(self, _request: Request) -> Response:
        """Forget requests, calls, uploads and everything that happened; faults stay."""
        self._sandbox.platform.forget()
        return _json({"totals": self._sandbox.account.totals()})

    async def show_uploads(self, _request: Request) -> Response:
        """Show the last catalog and employees."""
        return _json(self._sandbox.platform.uploads())

    async def show_offer(self, request: Request) -> Response:
        """Show what became of an offer; `times_redeemed` counts how often it was used."""
        return _json(self._sandbox.platform.offer(request.path_params["offer_id"]))

    def _faults(self, status: int = 200) -> Response:
        return _json([fault.as_json() for fault in self._sandbox.faults.listing()], status)


async def refuse(_request: Request, error: Exception) -> Response:
    """Answer a request of the control routes that makes no sense."""
    problem = error if isinstance(error, BadInput) else BadInput("invalid_fault", str(error))
    answer = refused(problem)
    return Response(answer.body, answer.status, media_type="application/json")


async def _read_json(request: Request) -> Any:
    try:
        return json.loads(await read_body(request.receive, _BODY_BYTES_MAX) or b"")
    except OverflowError as error:
        raise BadInput("body_too_large", str(error), status=413) from None
    except (ValueError, RecursionError):
        raise BadInput("malformed_json", "The body is not JSON.") from None


def _read_faults(value: Any) -> list[Fault]:
    if not isinstance(value, list):
        raise ConfigurationError("An array of faults is expected.")
    return [fault_from_json(item) for item in value]


def _json(value: Any, status: int = 200) -> Response:
    return Response(encode(value), status, media_type="application/json")
