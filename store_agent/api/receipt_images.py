"""Receipts to look at and to print: `/v1/receipts/{code}.svg`, `.png`, `.escpos` and `.txt`."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.receipts import UNKNOWN
from store_agent.api.seams import Receipts
from store_agent.api.slips import slip_of
from store_agent.domain.scanned import SCANNED_MAX, codes_meant
from store_agent.errors import Unavailable
from store_agent.printing.forms import MEDIA_TYPES, Form, Look, render
from store_agent.printing.paper import Paper

CACHED_SECONDS = 300
"""Five minutes: a code never changes (G8), but it is not handed out any more once its guest is known."""

Code = Annotated[str, Path(min_length=1, max_length=SCANNED_MAX)]


def receipt_image_routes(receipts: Receipts, base_url: str | None, look: Look) -> APIRouter:
    """Make the routes; they stand before the one that takes whatever comes as a code."""
    router = APIRouter(tags=["receipts"])

    async def give(text: str, form: Form, paper: Paper) -> Response:
        receipt = await receipts.find(codes_meant(text))
        if receipt is None:
            return answers.error(HTTPStatus.NOT_FOUND, "unknown_code", UNKNOWN)
        slip = slip_of(receipt, base_url, look.caption)
        try:
            content = await asyncio.to_thread(render, form, slip, look.drawing, paper)
        except Unavailable as problem:
            return answers.error(HTTPStatus.NOT_IMPLEMENTED, "not_installed", str(problem))
        headers = {"Cache-Control": f"private, max-age={CACHED_SECONDS}"}
        return Response(content, media_type=MEDIA_TYPES[form], headers=headers)

    @router.get(
        "/v1/receipts/{code}.svg",
        summary="The QR code of a receipt as SVG",
        response_class=Response,
        responses=_answers(Form.SVG),
    )
    async def svg(code: Code) -> Response:
        """Take the code as `/v1/receipts/{code}` does. The size of a module is `receipts.qr_scale` pixels."""
        return await give(code, Form.SVG, look.paper())

    @router.get(
        "/v1/receipts/{code}.png",
        summary="The QR code of a receipt as PNG",
        response_class=Response,
        responses=_answers(Form.PNG),
    )
    async def png(code: Code) -> Response:
        """Take the code as `/v1/receipts/{code}` does. The size of a module is `receipts.qr_scale` pixels."""
        return await give(code, Form.PNG, look.paper())

    @router.get(
        "/v1/receipts/{code}.txt",
        summary="A receipt's stub for a terminal",
        response_class=Response,
        responses=_answers(Form.TXT),
    )
    async def txt(code: Code) -> Response:
        """Show it in white on black, so that it scans."""
        return await give(code, Form.TXT, look.paper())

    @router.get(
        "/v1/receipts/{code}.escpos",
        summary="A receipt's stub for a printer",
        response_class=Response,
        responses=_answers(Form.ESCPOS),
    )
    async def escpos(code: Code, width: Literal["58", "80"] = "80", *, native: bool = True) -> Response:
        """Give the bytes for an ESC/POS printer with paper of so many millimetres; with `native` it draws the code."""
        return await give(code, Form.ESCPOS, look.paper(int(width), native_qr=native))

    return router


def _answers(form: Form) -> dict[int | str, dict[str, Any]]:
    """Describe the answers, for the OpenAPI document."""
    media = MEDIA_TYPES[form].partition(";")[0]
    content = {media: {"schema": {"type": "string", "format": "binary"}}}
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": "The receipt", "content": content},
        404: {"description": "`unknown_code`: no sale here has this code"},
        409: {
            "description": "`guest_known`, `voided`: nothing to hand out; `no_address`: `receipts.base_url` is not "
            "set; `not_printable`: too long"
        },
    }
    if form is Form.ESCPOS:
        found[501] = {"description": "`not_installed`: python-escpos is missing on this machine"}
    return found
