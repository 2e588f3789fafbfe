"""Printing receipts: `/v1/receipts/{code}/print` and `/reprint`, `/v1/prints`, `/v1/printers`."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.asked import Asked, Changing
from store_agent.api.callers import Caller
from store_agent.api.filters import SEQUENCE_MAX
from store_agent.api.receipts import UNKNOWN
from store_agent.api.roles import managers_only
from store_agent.api.seams import Receipts
from store_agent.api.shapes import receipts as shapes
from store_agent.api.shapes.container import answered
from store_agent.api.slips import slip_of
from store_agent.api.spool import Spool, Standing
from store_agent.domain.prints import PrintJob
from store_agent.domain.repair import Action, Deed
from store_agent.domain.roles import Role
from store_agent.domain.scanned import SCANNED_MAX, codes_meant
from store_agent.errors import BadInput
from store_agent.printing.printer import Printer
from store_agent.printing.test_page import trial_slip
from store_agent.storage.prints import Noted
from store_agent.storage.receipts import Receipt

REPRINT = "REPRINT"
"""Stands on top of a receipt that is printed once more."""

_Code = Annotated[str, Path(min_length=1, max_length=SCANNED_MAX)]
_Job = Annotated[int, Path(ge=1, le=SEQUENCE_MAX)]
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"description": "`unknown_code`, `unknown_printer`: no sale here has this code, or no printer this name"},
    409: {
        "description": "`no_printer`: none is set up for this terminal; `guest_known`, `voided`, `no_address`, "
        "`not_printable`: no QR code"
    },
    501: {"description": "`not_installed`: python-escpos is missing on this machine"},
    503: {"description": "`busy`: too much waits for this printer already"},
}
_NO_JOB: dict[int | str, dict[str, Any]] = {
    403: {"description": "`forbidden`: it waits for another terminal's printer"},
    404: {"description": "`unknown_print`: there is no such job"},
    409: {"description": "`not_possible`: it is being printed now, or was printed or given up before"},
}


class Printing(BaseModel):
    """Where to print; by default at the printer of the calling terminal."""

    model_config = ConfigDict(extra="forbid")

    printer: str | None = None


class Reprinting(Asked):
    """Who prints a receipt once more, and why; both are kept in the audit."""

    printer: str | None = None


def print_routes(spool: Spool, receipts: Receipts, base_url: str | None, caption: str) -> APIRouter:
    """Make the routes that print receipts; `base_url` is what a code is put behind, `caption` stands above it."""
    router = APIRouter(tags=["printing"])

    def printer_for(asked: Printing | Reprinting, request: Request) -> Printer:
        caller = str(request.state.caller.name)
        return spool.printer_of(caller) if asked.printer is None else spool.named(asked.printer)

    @router.post(
        "/v1/receipts/{code:path}/print", summary="Print a receipt", responses=answered(shapes.Job) | _PROBLEMS
    )
    async def print_(code: _Code, request: Request, asked: Printing | None = None) -> Response:
        """Keep it until it is printed; the answer comes once that was tried, within two seconds.

        Asked again, it tells what became of the first: another copy is a reprint.
        """
        printer, receipt = printer_for(asked or Printing(), request), await _find(receipts, code)
        about = f"receipt {receipt.code.code}"
        job = await spool.print(printer, slip_of(receipt, base_url, caption), about, once=True)
        return answers.ok(show_job(job, spool))

    @router.post(
        "/v1/receipts/{code:path}/reprint",
        summary="Print a receipt once more; audited",
        responses=answered(shapes.Job) | _PROBLEMS,
    )
    async def reprint(code: _Code, asked: Reprinting, request: Request) -> Response:
        """As `print`, with REPRINT on top and an entry in the audit."""
        printer, receipt = printer_for(asked, request), await _find(receipts, code)
        name = receipt.code.code
        noted = Noted(
            _reprint(asked, name, request.state.caller), None if receipt.sale is None else receipt.sale.sequence
        )
        slip = replace(slip_of(receipt, base_url, caption), mark=REPRINT)
        job = await spool.print(printer, slip, f"copy of receipt {name}", noted)
        return answers.ok(show_job(job, spool))

    return router


def job_routes(spool: Spool) -> APIRouter:
    """Make the routes about what waits for printers."""
    router = APIRouter(tags=["printing"])

    @router.get("/v1/prints", summary="What waits for printers", responses=answered(shapes.Jobs))
    async def queued() -> Response:
        """Give the oldest first, 200 at most."""
        return answers.ok({"prints": [show_job(job, spool) for job in await spool.queued()]})

    @router.get("/v1/prints/{job}", summary="What became of a print job", responses=answered(shapes.Job) | _NO_JOB)
    async def show(job: _Job) -> Response:
        return answers.ok(show_job(await spool.find(job), spool))

    @router.delete(
        "/v1/prints/{job}", summary="Give up a print job that waits", responses=answered(shapes.Job) | _NO_JOB
    )
    async def give_up(job: _Job, asked: Annotated[Changing, Query()], request: Request) -> Response:
        """Let a terminal give up what waits for its own printer, and the manager anything."""
        _refuse_others_printer(await spool.find(job), spool, request.state.caller)
        return answers.ok(show_job(await spool.give_up(job, asked.person(request)), spool))

    return router


def printer_routes(spool: Spool) -> APIRouter:
    """Make the routes about printers."""
    router = APIRouter(tags=["printing"])

    @router.get("/v1/printers", summary="How the printers are", responses=answered(shapes.Printers))
    async def listed() -> Response:
        """`trouble` is why the last try did not print, null if it did."""
        return answers.ok({"printers": [show_printer(standing) for standing in await spool.standings()]})

    @router.post(
        "/v1/printers/{name}/test",
        summary="Print a test page",
        dependencies=[Depends(managers_only)],
        responses=answered(shapes.Job) | _PROBLEMS,
    )
    async def test(name: str) -> Response:
        printer = spool.named(name)
        job = await spool.print(printer, trial_slip(printer.name, printer.paper), "test page")
        return answers.ok(show_job(job, spool))

    return router


def _refuse_others_printer(job: PrintJob, spool: Spool, caller: Caller) -> None:
    """Raise BadInput `forbidden` (403) for a terminal at whose printer a job does not come out."""
    if caller.role is Role.CASHIER and spool.printer_of(caller.name).name != job.printer:
        raise BadInput(
            "forbidden", "It waits for another terminal's printer: only the manager may give it up.", status=403
        )


def _reprint(asked: Reprinting, code: str, caller: Caller) -> Deed:
    """Give what is audited; of what a terminal asks for, which one it was, since anybody there can give any name."""
    where = f"{code} at {caller.name}" if caller.role is Role.CASHIER else code
    return Deed(Action.REPRINT, asked.by, f"{where}: {asked.reason}" if asked.reason else where)


async def _find(receipts: Receipts, code: str) -> Receipt:
    """Give a receipt. Raises BadInput `unknown_code` (404)."""
    receipt = await receipts.find(codes_meant(code))
    if receipt is None:
        raise BadInput("unknown_code", UNKNOWN, status=404)
    return receipt


def show_job(job: PrintJob, spool: Spool) -> dict[str, Any]:
    """Give a print job as JSON; times are seconds since 1970."""
    return {
        "job": job.number,
        "printer": job.printer,
        "about": job.about,
        "state": job.state.value,
        "words": spool.words(job),
        "attempts": job.attempts,
        "error": job.error,
        "created_at": job.created_at / 1000,
        "settled_at": None if job.settled_at is None else job.settled_at / 1000,
    }


def show_printer(standing: Standing) -> dict[str, Any]:
    """Give a printer as JSON; `terminals` is null for the printer of all that have none of their own."""
    printer, last = standing.printer, standing.last_printed
    return {
        "name": printer.name,
        "kind": printer.kind,
        "where": str(printer.way),
        "terminals": None if printer.terminals is None else list(printer.terminals),
        "waiting": standing.waiting,
        "last_printed_at": None if last is None else last / 1000,
        "trouble": standing.trouble or None,
    }
