"""The page for POS vendors lists exactly the calls of the table."""

from pathlib import Path

from store_agent.gateway.table import ROUTES, Route

PAGE = Path(__file__).parents[2] / "docs" / "relayed-calls.md"

WITHOUT_A_LINE = {"refuse": "503 `offline`", "remembered": "the last answer, with its `Age`", "deferred": "done later"}


def row(route: Route) -> str:
    return (
        f"| {route.method} | `{route.pattern}` | {route.upstream.value} | {route.role.value} "
        f"| {WITHOUT_A_LINE[route.offline.value]} |"
    )


def test_the_page_lists_every_call_and_no_other() -> None:
    listed = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert listed[1:] == [row(route) for route in ROUTES]
