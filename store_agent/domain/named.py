"""What a sale names that the store's own catalog and list of employees do not know.

Such a sale is taken with a warning: the list may be older than the item. For a manager it is counted, since the
platform gives no discounts on items that it does not know (SessionM POS API, Upload Catalog).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from store_agent.domain import texts
from store_agent.domain.employees import Employee
from store_agent.domain.summary import count
from store_agent.domain.transaction import Sale, SaleWarning

WARNINGS_MAX = 20
"""Items of one sale that are warned of; with the wrong catalog in use it would be every line. All are counted."""


class Fault(StrEnum):
    """What can be wrong with a sale's employee."""

    UNKNOWN = "unknown_employee"
    NOT_ACTIVE = "employee_not_active"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What one sale names that is not known: items with the number of their first line, and its employee's fault."""

    items: dict[str, int]
    employee: Fault | None

    def __bool__(self) -> bool:
        return bool(self.items) or self.employee is not None


def items_of(sale: Sale) -> dict[str, int]:
    """Give the items of a sale with the numbers of their first lines; ids that no catalog can have are left out."""
    found: dict[str, int] = {}
    for number, item_id in enumerate(sale.item_ids):
        if item_id and item_id not in found and not texts.ITEM_ID.fault(item_id):
            found[item_id] = number
    return found


def employee_of(sale: Sale) -> str | None:
    """Give whom a sale names; None for nobody, and for an id that no list of employees can have."""
    employee_id = sale.employee_id
    return employee_id if employee_id and not texts.EMPLOYEE_ID.fault(employee_id) else None


def moment_of(sale: Sale) -> str | None:
    """Give when a sale was made, by its own labels; None if they cannot be read."""
    return sale.modified_at or sale.opened_at


def fault_of(employee: Employee | None, moment: str | None) -> Fault | None:
    """Tell what is wrong with an employee as listed (None: is not) who sells at a moment (None: not known when)."""
    if employee is None:
        return Fault.UNKNOWN
    return None if moment is None or employee.active_at(moment) else Fault.NOT_ACTIVE


def item_warnings(items: dict[str, int], day: str, at: str) -> list[SaleWarning]:
    """Warn of items that are not in the catalog of a day; `at` is the path of the sale with a trailing dot."""
    then = "the platform gives no discounts on items that it does not know."
    return [
        SaleWarning(
            "unknown_item", f"Item {item_id} is not in the catalog of {day}; {then}", f"{at}items.{number}.item_id"
        )
        for item_id, number in list(items.items())[:WARNINGS_MAX]
    ]


def employee_warning(sale: Sale, fault: Fault, day: str, at: str) -> SaleWarning:
    """Warn of an employee by the list of a day; `at` is the path of the sale with a trailing dot."""
    listed = f"the list of employees of {day}"
    message = (
        f"Employee {sale.employee_id} is not in {listed}."
        if fault is Fault.UNKNOWN
        else f"Employee {sale.employee_id} did not work here at {moment_of(sale)}, says {listed}."
    )
    return SaleWarning(fault.value, message, at + "pos_employee_id")


def item_words(sales: int, item_id: str, day: str) -> str:
    """Tell a manager of an item that is not in the catalog of a day."""
    return f"{count(sales, 'sale names', 'sales name')} item {item_id}, which is not in the catalog of {day}."


def employee_words(sales: int, employee_id: str, fault: Fault, day: str) -> str:
    """Tell a manager of an employee by the list of a day."""
    is_what = "is not in" if fault is Fault.UNKNOWN else "did not work here then, says"
    return (
        f"{count(sales, 'sale names', 'sales name')} employee {employee_id}, "
        f"who {is_what} the list of employees of {day}."
    )


def status_words(items: int, employees: int) -> Iterator[str]:
    """Tell in one sentence each of items and of employees, if there are any."""
    look = "store-agent catalog unknown"
    if items:
        are = count(
            items,
            "item that was sold is not in the catalog; it gets no discounts",
            "items that were sold are not in the catalog; they get no discounts",
        )
        yield f"{are}: {look}"
    if employees:
        are = count(
            employees,
            "employee who sold is not in the list of employees, or not for that time",
            "employees who sold are not in the list of employees, or not for that time",
        )
        yield f"{are}: {look}"
