"""Text of others is shown to the letter: it neither marks up, nor moves the cursor, nor turns a line around."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.content import Content

from store_agent.errors import CannotCreate
from store_agent.sandbox.server import SandboxServer
from store_agent.tui import receipt
from tests.support.agent import AgentProcess
from tests.support.sales import payment, sale
from tests.tui.manager import Manager, managing
from tests.tui.stock import stock

MARKUP = "[bold red]x[/]"
CLICK = "[@click=app.quit]y[/]"
ESCAPE = "\x1b[2J\x1b[31m"
TURNED = "\u202eabc\u2066"
LINES = "one\ntwo\r\x07"
NASTY = f"{MARKUP}{CLICK}{ESCAPE}{TURNED}"
NAME = f"I-{MARKUP}{CLICK}"
SHOWN = f"{MARKUP}{CLICK}\ufffd[2J\ufffd[31m\ufffdabc\ufffd"
FORBIDDEN = set("\x1b\x07\r\u202e\u2066")


@pytest.fixture(scope="module", autouse=True)
def queue(store: AgentProcess, platform: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A sale whose every text is nasty, refused with words that are."""
    file: Path = tmp_path_factory.mktemp("files") / "catalog.csv"
    file.write_text(f"item_id,name\n1001,{MARKUP} {CLICK}\n", encoding="utf-8")
    assert store.cli("catalog", "import", str(file)).returncode == 0
    platform.set_faults([f"refuse:ids={NAME},message={MARKUP}{CLICK}{TURNED}"])
    nasty = sale(
        NAME,
        pos_employee_id=MARKUP,
        channel=f"{MARKUP}{LINES}",
        discounts=[{"display_name": NASTY, "status": CLICK, "amount": 1}],
        payments=[payment(f"P{MARKUP}{CLICK}"), payment("P2")],
    )
    stock(store, [nasty])
    store.wait_for_outbox(parked=1)
    yield
    platform.set_faults([])


def harmless(manager: Manager) -> None:
    """Nothing on the screen can move a cursor, and nothing that came from outside can be clicked."""
    assert not FORBIDDEN & set("".join(manager.lines))
    strips = manager.app.screen._compositor.render_strips()
    for strip in strips:
        for segment in strip:
            meta = segment.style.meta if segment.style is not None else {}
            assert "app.quit" not in str(meta.get("@click", ""))


async def test_list_and_details_show_it_to_the_letter(store: AgentProcess) -> None:
    async with managing(store, size=(150, 50)) as manager:
        await manager.goes_to("2", "I-[bold red]x", "1 x [bold red]x[/] [@click=app.quit]y[/]")
        for _ in range(4):
            harmless(manager)
            await manager.press("t")
        assert MARKUP in manager.text("#detail-receipt")
        assert SHOWN in manager.text("#detail-receipt")
        assert f"{MARKUP}{CLICK}" in manager.text("#detail-history")
        assert f"Payment P{MARKUP}{CLICK}" in manager.text("#detail-codes")
        for part in ("receipt", "history", "codes", "json"):
            assert not FORBIDDEN & set(manager.text(f"#detail-{part}"))
        assert manager.app.is_running


async def test_attention_log_notices_and_questions_show_it_to_the_letter(store: AgentProcess) -> None:
    async with managing(store, size=(150, 50)) as manager:
        await manager.goes_to("3", MARKUP, CLICK)
        harmless(manager)
        assert f"{MARKUP}{CLICK}" in manager.text("#attention-words")
        await manager.press("v")
        await manager.sees("refused for: ", MARKUP)
        harmless(manager)
        await manager.press("slash")
        await manager.sees_dialog("Which sales?")
        await manager.fill("#amount_min", MARKUP)
        await manager.press("enter", "enter", "enter", "enter")
        await manager.sees(f"“{MARKUP}” is no amount")
        harmless(manager)
        await manager.press("escape")
        manager.app.tell_problem(CannotCreate(f"{MARKUP}{CLICK}{ESCAPE}"))
        await manager.sees(MARKUP, CLICK)
        harmless(manager)
        await manager.press("8")
        manager.app.events.append({"number": 1, "at": 0.0, "name": MARKUP, "words": f"{NASTY}{LINES}"})
        await manager.press("ctrl+r")
        await manager.sees(MARKUP, "one two")
        harmless(manager)


async def test_the_catalog_shows_it_to_the_letter(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("5", "1 item")
        await manager.press("slash")
        await manager.write("click")
        await manager.sees(f"{MARKUP} {CLICK}")
        harmless(manager)


async def test_codes_that_are_not_taken_out_would_be_noticed(
    store: AgentProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt, "plain", str)
    async with managing(store, size=(150, 50)) as manager:
        await manager.goes_to("2", "I-[bold red]x", "Channel [bold red]x")
        with pytest.raises(AssertionError):
            harmless(manager)


def test_markup_that_is_read_would_be_noticed() -> None:
    assert Content.from_markup(MARKUP).plain == "x"
    assert Content(MARKUP).plain == MARKUP
