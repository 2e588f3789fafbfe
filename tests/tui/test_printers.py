"""How printers read on the screen, and which one a receipt goes to."""

from typing import Any

from store_agent.tui.printers import job_row, note, printer_for, printer_row, printer_words
from tests.tui.shop import clock

NOW = clock("14:32")


def printer(name: str, terminals: list[str] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "network",
        "where": "192.168.1.50:9100",
        "terminals": terminals,
        "waiting": 0,
        "last_printed_at": None,
        "trouble": None,
    } | changes


def test_a_printer_tells_whose_receipts_come_out_there_and_what_is_wrong() -> None:
    place = "(network, 192.168.1.50:9100)"
    assert printer_words(printer("a", ["lane-1", "cafe"])) == f"a {place} prints the receipts of lane-1, cafe."
    assert printer_words(printer("b", [])) == f"b {place} prints only what names it."
    others = "prints the receipts of all lanes that have no printer of their own."
    assert printer_words(printer("c", trouble="No paper.")) == f"c {place} {others} ! No paper."
    assert printer_row(printer("c", trouble="No paper."), NOW)[-1] == "No paper."


def test_the_note_counts_what_waits() -> None:
    assert note([]).startswith("No printer is set up")
    assert note([printer("a")]) == "✓ Nothing waits for the printer."
    assert note([printer("a", waiting=1), printer("b", waiting=2)]).startswith("! 3 receipts wait for a printer")


def test_a_receipt_goes_to_the_printer_of_its_lane_else_to_that_of_all_others() -> None:
    some = [printer("back", []), printer("all"), printer("own", ["lane-1"])]
    assert printer_for(some, "lane-1") == "own"
    assert printer_for(some, "lane-2") == "all"
    assert printer_for(some, None) == "all"
    assert printer_for(some[:1], "lane-2") == "back"
    assert printer_for([], "lane-2") is None


def test_a_job_tells_its_last_trouble() -> None:
    job = {"job": 7, "printer": "a", "created_at": clock("14:29"), "attempts": 2, "about": "test page", "error": None}
    assert job_row(job, NOW)[-1] == "test page"
    assert job_row(job | {"error": "It is off."}, NOW)[-1] == "test page. It is off."
