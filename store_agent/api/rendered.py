"""What a POS prints, in the answer to its sales: `?render=` of `send_transaction` and `send_batch_transaction`.

By the time anything is rendered the sales are committed, so nothing here may fail or take long: what cannot be rendered
is null, and a warning says why.
"""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs

import structlog

from store_agent.domain.transaction import SaleWarning
from store_agent.errors import AgentError, BadInput, FieldError
from store_agent.printing.forms import TEXTS, Form, Look, render
from store_agent.printing.layout import Slip, receipt_slip
from store_agent.printing.paper import Paper

T = TypeVar("T")

RECEIPTS_MAX = 50
"""Receipts rendered in one answer: 2 MB at worst, and a second. The others can be had by their codes."""

RENDER_SECONDS_MAX = 2.0
"""How long an answer waits for what is rendered, all in all; one receipt takes some milliseconds."""

_TOO_MANY = f"an answer holds {RECEIPTS_MAX} rendered receipts at most."
_TOO_LONG = f"it takes longer than {RENDER_SECONDS_MAX:g} seconds."
_NO_ADDRESS = "receipts.base_url is not set, so there is nothing that a code could open."
_FAILED = "the agent failed at it, and its log says why."

_log = structlog.get_logger("api")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a POS wants to have rendered: in which form, and on which paper if it is for a printer."""

    form: Form
    paper: Paper


class Rendering:
    """Renders receipts into the answers for sales."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def wish(self, query: bytes) -> Wish | None:
        """Read the query of a call: `render`, and `width` and `native` for ESC/POS. Raises BadInput `invalid_field`."""
        given = {
            name: values[-1].lower()
            for name, values in parse_qs(query.decode("latin-1"), keep_blank_values=True).items()
        }
        width = _choice("width", given.get("width", "80"), {"58": 58, "80": 80})
        native = _choice("native", given.get("native", "true"), {"true": True, "false": False})
        if "render" not in given:
            return None
        form = _choice("render", given["render"], {form.value: form for form in Form})
        return Wish(form, self._look.paper(width, native_qr=native))

    async def add(self, sales: Sequence[Json], wish: Wish) -> None:
        """Put `rendered` into every receipt of sales that are about to be answered."""
        end = asyncio.get_running_loop().time() + RENDER_SECONDS_MAX
        left = RECEIPTS_MAX
        for sale in sales:
            receipts = sale["receipts"]
            problems = [await self._render(sale, receipt, wish, end) for receipt in receipts[: max(left, 0)]]
            for receipt in receipts[len(problems) :]:
                receipt["rendered"] = None
                problems.append(_TOO_MANY)
            left -= len(receipts)
            sale["warnings"] = [*sale["warnings"], *_warnings(problems)]

    async def _render(self, sale: Json, receipt: Json, wish: Wish, end: float) -> str:
        """Render one receipt before the loop's time `end`; gives what went wrong."""
        receipt["rendered"] = None
        if receipt["url"] is None:
            return _NO_ADDRESS
        slip = receipt_slip(
            sale["transaction"]["id"], receipt["payment_id"], receipt["code"], receipt["url"], self._look.caption
        )
        try:
            async with asyncio.timeout_at(end):
                receipt["rendered"] = _shown(wish.form, await asyncio.to_thread(self._content, slip, wish))
        except TimeoutError:
            return _TOO_LONG
        except AgentError as problem:
            return str(problem)
        except Exception:  # noqa: BLE001 - the sale is stored, and must be answered
            words = "A receipt could not be rendered by a fault of the agent; its sale is stored and was answered."
            _log.exception("api.bug", words=words, render=wish.form.value, sequence=sale["sequence"])
            return _FAILED
        return ""

    def _content(self, slip: Slip, wish: Wish) -> bytes:
        return render(wish.form, slip, self._look.drawing, wish.paper)


def _choice(name: str, given: str, choices: Mapping[str, T]) -> T:
    if given not in choices:
        message = f"must be one of {', '.join(choices)}"
        raise BadInput("invalid_field", f"{name} {message}; nothing was stored.", fields=(FieldError(name, message),))
    return choices[given]


def _shown(form: Form, content: bytes) -> Json:
    if form in TEXTS:
        return {"form": form.value, "encoding": "text", "content": content.decode()}
    return {"form": form.value, "encoding": "base64", "content": base64.b64encode(content).decode()}


def _warnings(problems: Sequence[str]) -> list[Json]:
    """Tell once for a sale, by its first problem."""
    found = [problem for problem in problems if problem]
    if not found:
        return []
    message = (
        f"The sale is stored, but a receipt of it could not be rendered: {found[0]} Print its code from url, or ask "
        "for it by /v1/receipts."
    )
    return [SaleWarning("not_rendered", message, "render").as_json()]
