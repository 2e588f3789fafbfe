"""Markup and escape sequences in names: whatever is shown or logged of them steers no terminal."""

import re
from collections.abc import Iterator

from store_agent.sandbox.fault import Fault
from tests.attacks.attempt import Attempt
from tests.attacks.store import Store
from tests.support.sales import sale

ATTACK = "markup and escape sequences"
EVIL = {
    "colours": "\x1b[31mred",
    "a window's title": "\x1b]0;owned\x07",
    "the clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "a cleared screen": "\x1b[2J\x1b[H",
    "an 8-bit CSI": "\x9b31mred",
    "a carriage return": "good\revil",
    "a line of its own": "good\nlevel=error event=evil",
    "letters turned around": "\u202egnp.exe",
    "markup": "[bold red]evil[/] [link=https://evil.example.com]x[/link]",
    "HTML": "<script>alert(1)</script>",
    "a NUL": "a\x00b",
}
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COMMANDS = (
    ("outbox", "list"),
    ("outbox", "show", "1"),
    ("outbox", "attention"),
    ("terminal", "list"),
    ("audit",),
    ("status",),
)
FIELDS = ("transaction_id", "pos_employee_id", "channel")
REFUSED = "refused-by-the-platform"


def texts(store: Store) -> Iterator[Attempt]:
    """Put them into sales, names and reasons, and into the platform's words; then look at what is shown of them."""
    store.platform.set_faults([Fault("refuse", ids=(REFUSED,), message="".join(EVIL.values()))])
    store.sell(REFUSED)
    store.agent.wait_for_outbox(parked=1)
    for how, text in EVIL.items():
        yield _named(store, how, text)
    for command in COMMANDS:
        shown = store.agent.cli(*command)
        found = STEERS.search(shown.stdout + shown.stderr)
        name = "store-agent " + " ".join(command)
        ended = shown.returncode in (0, 65, 69) and "Traceback" not in shown.stderr
        yield Attempt(ATTACK, f"shown by {name}", _told(found), found is None and ended)
    store.platform.set_faults([])
    log = store.agent.log.read_text()
    forged = STEERS.search(log) or re.search(r"^level=error", log, re.MULTILINE)
    yield Attempt(ATTACK, "in the log", _told(forged), forged is None)


def _named(store: Store, how: str, text: str) -> Attempt:
    """Say it wherever a name or a reason is taken."""
    named = [sale(f"{how} {field}") | {field: f"{how} {text}"} for field in FIELDS]
    items = [dict(sale()["items"][0], item_id=text)]
    answers = [store.agent.send(one).status_code for one in (*named, sale(f"item {how}", items=items))]
    with store.agent.client_of("manager", store.manager) as manager:
        bodies = [{"name": text}, {"name": f"lane-{len(text)}", "by": text, "reason": text}]
        answers += [manager.post("/v1/terminals", json=body).status_code for body in bodies]
        held = {"by": text, "reason": text, "sequences": [1]}
        answers.append(manager.post("/v1/outbox/hold", json=held).status_code)
    with store.agent.client_of(text.encode("ascii", "replace").decode(), "x") as stranger:
        answers.append(stranger.get("/v1/me").status_code)
    told = " ".join(map(str, sorted(set(answers))))
    return Attempt(ATTACK, f"{how} in ids, names, reasons", told, max(answers) < 500)


def _told(found: re.Match[str] | None) -> str:
    return "no control codes" if found is None else f"{found[0]!r} at {found.start()}"
