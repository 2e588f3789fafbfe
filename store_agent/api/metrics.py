"""What is measured, for Prometheus: `/metrics`, as text or in the form of OpenMetrics."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from store_agent.api.watch_seams import Metrics

_TEXT = {"schema": {"type": "string"}}


def metrics_routes(metrics: Metrics) -> APIRouter:
    """Make the route."""
    router = APIRouter(tags=["status"])

    @router.get(
        "/metrics",
        summary="What is measured, as Prometheus reads it",
        response_class=Response,
        responses={
            200: {
                "description": "The header Accept chooses the form",
                "content": {"text/plain": _TEXT, "application/openmetrics-text": _TEXT},
            }
        },
    )
    async def expose(request: Request) -> Response:
        content, media_type = await metrics.expose(request.headers.get("accept", ""))
        return Response(content, headers={"Content-Type": media_type})

    return router
