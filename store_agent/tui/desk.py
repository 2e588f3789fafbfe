"""The receipt desk: what somebody may mean who types into its field, and how what is found reads."""

import re
from datetime import datetime, timedelta
from typing import Any

from textual.content import Content

from store_agent.tui.widgets.code import code_drawn
from store_agent.tui.words import NOTHING, STATE_SIGNS, STATE_WORDS, clock_time, money, plain, stamp

Json = dict[str, Any]
Question = dict[str, str]
"""What `/v1/receipts/find` is asked."""

NOTHING_FOUND = (
    "! No receipt of this store fits. Check that it is from this store, and give more of it: the whole code, the sale, "
    "or amount and time (12.50 14:02). A sale whose guest was known printed none: look for it in the queue."
)

MORE = "! There may be others: give more of it."

DAY_MINUTES = "1440"
"""An amount alone is looked for within a day: as far as the agent looks."""

_AMOUNT = re.compile(r"-?\d{1,12}[.,]\d{1,4}")
_AMOUNT_AND_TIME = re.compile(rf"({_AMOUNT.pattern}|-?\d{{1,12}}) +(?:(\d{{4}}-\d\d-\d\d)[ T])?(\d\d?:\d\d)")
_END = re.compile(r"-*(?:[0-9A-Za-z]-*){4,12}")
"""So many letters of an end as the agent takes, dashes not counted."""


def questions(typed: str, now: float) -> list[Question]:
    """Give what to ask, the likeliest first; the first that finds something counts. `now`: wall time in seconds."""
    moment = _amount_and_time(typed, now)
    if moment is not None:
        return [moment]
    asked = [{"code": typed}, {"transaction_id": typed}]
    if _END.fullmatch(typed):
        asked.append({"last": typed})
    if _AMOUNT.fullmatch(typed):
        around = datetime.fromtimestamp(now).astimezone().isoformat()
        asked.append({"amount": _number(typed), "around": around, "within_minutes": DAY_MINUTES})
    return asked


def _amount_and_time(typed: str, now: float) -> Question | None:
    """Read `12.50 14:02` or `12.50 2026-03-01 14:02`; a time later than now is one of yesterday."""
    found = _AMOUNT_AND_TIME.fullmatch(typed)
    if found is None:
        return None
    today = datetime.fromtimestamp(now).astimezone()
    try:
        at = datetime.fromisoformat(f"{found[2] or today.date()}T{found[3]:0>5}").astimezone()
    except ValueError:
        return None
    if found[2] is None and at > today:
        at = (at.replace(tzinfo=None) - timedelta(days=1)).astimezone()
    return {"amount": _number(found[1]), "around": at.isoformat()}


def _number(typed: str) -> str:
    return typed.replace(",", ".")


def found_row(found: Json, now: float) -> tuple[str, ...]:
    """Give the cells of a receipt in the list: taken, amount, lane, state, sale."""
    sale, name = found["sale"], plain(found["transaction_id"])
    if found["payment_id"] is not None:
        name += f" ({plain(found['payment_id'])})"
    if sale is None:
        return NOTHING, NOTHING, plain(found["terminal"] or NOTHING), NOTHING if found["used"] else "not used yet", name
    state = f"{STATE_SIGNS[sale['state']]} {STATE_WORDS[sale['state']]}"
    return clock_time(sale["accepted_at"], now), money(sale["amount"]), plain(sale["terminal"]), state, name


def found_words(found: Json) -> Content:
    """Tell where the sale of a receipt is, and draw its code if it is handed out."""
    parts: list[str | Content | tuple[str, str]] = [(f"{plain(found['words'])}\n\n", "bold")]
    for name, value in _facts(found):
        parts += [(f"{name:<10}", "bold"), f"{value}\n"]
    if found["url"] and found["claimable"]:
        parts += ["\n", code_drawn(found["url"])]
    return Content.assemble(*parts)


def _facts(found: Json) -> list[tuple[str, str]]:
    sale = found["sale"]
    facts = [("Sale", plain(found["transaction_id"]))]
    if sale is not None:
        facts += [
            ("State", f"{STATE_SIGNS[sale['state']]} {STATE_WORDS[sale['state']]}"),
            ("Amount", money(sale["amount"])),
            ("Lane", plain(sale["terminal"])),
            ("Taken", stamp(sale["accepted_at"])),
            ("Number", f"{sale['sequence']:,}"),
        ]
    facts.append(("Code", plain(found["code"])))
    if found["payment_id"] is not None:
        facts.append(("Payment", plain(found["payment_id"])))
    return facts
