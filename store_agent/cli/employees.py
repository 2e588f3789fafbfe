"""`store-agent employees import|show|search|push`: who works here."""

from typing import Any

from store_agent.cli.shelf_commands import Wanted, shelf_app


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["employee_id"], f"{one['first_name']} {one['last_name']}", one["start_date"], one["end_date"]


_HEADINGS = ("EMPLOYEE", "NAME", "FROM", "UNTIL")

app = shelf_app(Wanted("employees", "upload_employees", "list of employees", "employees", _HEADINGS, _row))
