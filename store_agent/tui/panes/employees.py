"""The employees: which list, search, versions, and employees of sales that it does not know."""

from typing import Any, ClassVar

from store_agent.tui.panes.shelf import ShelfPane


class EmployeesPane(ShelfPane):
    """People."""

    KIND: ClassVar[str] = "employees"
    ONE: ClassVar[str] = "employee"
    MANY: ClassVar[str] = "employees"
    COLUMNS: ClassVar[tuple[tuple[str, int], ...]] = (("EMPLOYEE", 12), ("FROM", 11), ("UNTIL", 11), ("NAME", 0))

    def rows(self, found: dict[str, Any]) -> list[tuple[str, tuple[Any, ...]]]:
        """Give the rows of what was found."""
        return [
            (one["employee_id"], (one["employee_id"], _day(one["start_date"]), _day(one["end_date"]), _name(one)))
            for one in found["employees"]
        ]


def _name(one: dict[str, Any]) -> str:
    return " ".join(part for part in (one["first_name"], one["last_name"]) if part)


def _day(moment: str | None) -> str:
    return (moment or "").partition("T")[0]
