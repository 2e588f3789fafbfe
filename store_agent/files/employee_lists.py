"""Employees in JSON and as tables.

Source: SessionM POS API, Upload Employees (`{"employees": [...]}`, alone or as the `request_payload` of a request). A
table has the columns `employee_id,first_name,last_name,start_date,end_date`, of which the dates may be left out.
"""

from datetime import tzinfo

from store_agent.domain.employees import Employee
from store_agent.domain.problems import Problems
from store_agent.errors import BadInput
from store_agent.files.entries import read_employee
from store_agent.files.gathered import EmployeesFile, Gathered
from store_agent.files.json_stream import JsonStream
from store_agent.files.members import Members
from store_agent.files.source import UNREADABLE
from store_agent.files.table import LINE, Table

COLUMNS = ("employee_id", "first_name", "last_name", "start_date", "end_date")
_REQUIRED = COLUMNS[:3]


def read_employees_json(stream: JsonStream, zone: tzinfo) -> EmployeesFile:
    """Read the form of the POS API. Raises BadInput for what is not JSON or holds no employees."""
    gathered: Gathered[Employee] = Gathered()
    problems = Problems()
    if not _read_root(stream, "", zone, gathered, problems):
        raise BadInput(UNREADABLE, "The file holds no employees: no list of that name was found in it.")
    stream.end()
    return EmployeesFile(tuple(gathered.entries), gathered.places, problems)


def read_employees_table(table: Table, zone: tzinfo, problems: Problems) -> EmployeesFile:
    """Read a table. Raises BadInput if columns are missing that must be there."""
    if missing := [column for column in _REQUIRED if column not in table.columns]:
        words = f"The first line must name the columns; {', '.join(missing)} cannot be found in it. Known are "
        raise BadInput(UNREADABLE, f"{words}{', '.join(COLUMNS)}.")
    gathered: Gathered[Employee] = Gathered()
    for row in table.rows():
        cells = {column: row[column] for column in COLUMNS}
        gathered.add(read_employee(Members(cells, f"{LINE}{row.line}", problems), zone), LINE, row.line)
    unused = table.unused(frozenset(COLUMNS))
    return EmployeesFile(tuple(gathered.entries), gathered.places, problems, unused)


def _read_root(stream: JsonStream, at: str, zone: tzinfo, gathered: Gathered[Employee], problems: Problems) -> bool:
    """Read the object around the list; tells whether the list was there."""
    found = False
    for name in stream.members() if stream.peek() == "{" else ():
        if name == "employees":
            found = True
            _read_list(stream, at, zone, gathered, problems)
        elif name == "request_payload" and stream.peek() == "{":
            found = _read_root(stream, f"{at}{name}.", zone, gathered, problems) or found
        else:
            stream.skip()
    return found


def _read_list(stream: JsonStream, at: str, zone: tzinfo, gathered: Gathered[Employee], problems: Problems) -> None:
    if stream.peek() != "[":
        problems.add(at.removesuffix("."), "employees", "must be a list")
        stream.skip()
        return
    within = f"{at}employees."
    for number in stream.elements():
        value = stream.value()
        if isinstance(value, dict):
            gathered.add(read_employee(Members(value, f"{within}{number}", problems), zone), within, number)
        else:
            problems.add(f"{at}employees", str(number), "must be an object")
