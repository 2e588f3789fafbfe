"""Catalog and employees, their versions and uploads."""

from typing import Annotated, Any, Literal

from pydantic import Field

from store_agent.api.shapes.container import Moment, Shape, Words
from store_agent.api.shapes.queue import Count, Sequence
from store_agent.domain.difference import Kind as Happened
from store_agent.domain.lifecycle import State
from store_agent.domain.named import Fault
from store_agent.domain.uploads import Pushed

Milliseconds = Annotated[int, Field(description="milliseconds since 1970, a label by the machine's clock")]
Label = Annotated[str, Field(description="a moment in UTC, such as 2025-04-16T10:20:00.000Z")]


class AsOf(Shape):
    """Both are null if there is no version yet."""

    as_of: Moment | None = Field(description="when this was last known to be so, in seconds since 1970")
    age_seconds: float | None = Field(ge=0)


class Version(Shape):
    """A state of the catalog or of the employees, and how much it changed."""

    version: int = Field(ge=1)
    since: Moment
    as_of: Moment
    source: str = Field(description="from where it came, in words")
    counts: dict[str, int]
    added: Count
    removed: Count
    altered: Count


class Upload(Shape):
    """An upload to the platform."""

    sequence: Sequence
    state: State
    accepted_at: Moment
    settled_at: Moment | None
    error: Words | None


class ShelfState(AsOf):
    """Which version there is, what is wrong if there is none, and what became of the last upload."""

    version: Version | None
    trouble: Words | None
    upload: Upload | None


class Versions(AsOf):
    """Newest first."""

    versions: list[Version]


class Change(Shape):
    """One entry that a version changed, with the fields that say something before and after."""

    number: int = Field(ge=1)
    entry: Literal["category", "item", "employee"]
    kind: Happened
    key: str
    fields: list[str]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Changes(AsOf):
    """What a version changed."""

    changes: list[Change]


class Item(Shape):
    """Something that can be sold; `external_ids` are ids by type."""

    item_id: str
    name: str
    sku: str | None
    description: str | None
    barcodes: list[str]
    is_modifier: bool
    modifies_item_ids: list[str]
    external_ids: dict[str, str]


class Items(AsOf):
    """Items that were found."""

    items: list[Item]


class OneItem(AsOf):
    """An item, and what modifies it."""

    item: Item
    modifiers: list[Item]


class Branch(Shape):
    """A category without what stands in it; `place` is that among its siblings, from 1."""

    category_id: str
    name: str
    description: str | None
    children: Count
    items: Count
    place: int


class Branches(AsOf):
    """Categories that stand in no other."""

    categories: list[Branch]


class CategoryShelf(AsOf):
    """A category with its way from the root; `after` is where the next page of items begins, null at the end."""

    category: Branch
    way: list[Branch]
    children: list[Branch]
    items: list[Item]
    after: int | None


class Employee(Shape):
    """An employee; both dates belong to the time of employment, null is open."""

    employee_id: str
    first_name: str
    last_name: str
    start_date: Label | None
    end_date: Label | None


class Employees(AsOf):
    """Employees that were found."""

    employees: list[Employee]


class OneEmployee(AsOf):
    """An employee."""

    employee: Employee


class Stage(Shape):
    """How far an import is: 0 of 0 while the file is read and checked."""

    done: Count
    total: Count


class Importing(Shape):
    """Imports that go on now, by call."""

    imports: dict[str, Stage]


class Pushing(Shape):
    """What becomes of the upload."""

    upload: Pushed


class Replaced(Version):
    """What was put in place of the version before."""

    changed: bool
    upload: Pushed


class Seen(Shape):
    """How many sales named something that is not known."""

    sales: Count
    first_seen_ms: Milliseconds
    last_seen_ms: Milliseconds
    words: Words


class UnknownItem(Seen):
    """An item."""

    item_id: str


class UnknownEmployee(Seen):
    """An employee."""

    employee_id: str
    fault: Fault


class UnknownNames(Shape):
    """What sales named since the start, those of the most sales first."""

    words: list[Words]
    items: list[UnknownItem]
    employees: list[UnknownEmployee]
    catalog_as_of: Moment | None
    employees_as_of: Moment | None
