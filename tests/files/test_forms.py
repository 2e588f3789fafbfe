"""One catalog, whatever form it comes in; what it was written as is read as the same."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.content import catalog_digest, employees_digest, key_of
from store_agent.domain.employees import Employee
from store_agent.files.loading import load_catalog, load_employees
from store_agent.files.uploads import catalog_payload, employees_payload
from tests.support.catalogs import IDS, NAMES, as_file, as_table, as_v3, catalogs
from tests.support.pieces import pieces_of


def uploaded(catalog: Catalog) -> str:
    pieces = catalog_payload(sorted(catalog.categories, key=key_of), sorted(catalog.items, key=key_of))
    return "".join(pieces)


DATA = Path(__file__).parent.parent / "data"

SAMPLE = Catalog(
    (
        Category("D", "Drinks", None, ("J", "C")),
        Category("J", "Juices", "Cold and fresh", (), ("4711", "4712")),
        Category("C", "Coffee", None, (), ("20", "4712")),
    ),
    (
        Item("4711", "Apple juice", "J-1"),
        Item("4712", "Café au lait, très chaud", "J-2"),
        Item("20", "Oat milk", is_modifier=True, modifies_item_ids=("4712",)),
    ),
)
EMPLOYEES = (
    Employee("2001", "Jo", "Till", "2025-04-16T00:00:00.000Z"),
    Employee("2002", "Al", "Counter", None, "2025-04-16T10:20:00.000Z"),
)


def read(value: object) -> Catalog:
    return load_catalog(as_file(value)).catalog


@pytest.mark.parametrize("name", ["flat.json", "v3.json", "table.csv"])
def test_the_sample_is_the_same_in_every_form(name: str) -> None:
    with (DATA / "catalog" / name).open("rb") as file:
        found = load_catalog(file)
        assert not file.closed
    assert catalog_digest(found.catalog) == catalog_digest(SAMPLE)
    assert {item.key: item for item in found.catalog.items} == {item.key: item for item in SAMPLE.items}
    assert found.unused == (("price",) if name == "table.csv" else ())


def test_the_order_of_a_flat_file_is_kept() -> None:
    with (DATA / "catalog" / "flat.json").open("rb") as file:
        assert load_catalog(file).catalog == SAMPLE


@pytest.mark.parametrize("name", ["flat.json", "table.tsv"])
def test_the_sample_of_employees_is_the_same_in_every_form(name: str) -> None:
    with (DATA / "employees" / name).open("rb") as file:
        assert load_employees(file).employees == EMPLOYEES


@given(catalogs(), st.integers(1, 40))
def test_what_is_uploaded_is_read_as_the_same(catalog: Catalog, piece: int) -> None:
    text = uploaded(catalog)
    with pieces_of(piece):
        found = read(text)
    assert catalog_digest(found) == catalog_digest(catalog)
    assert uploaded(found) == text


@settings(max_examples=60)
@given(catalogs(local=True, everything_in_a_category=True), st.integers(1, 40), st.sampled_from([None, 1]))
def test_a_tree_is_read_as_the_same(catalog: Catalog, piece: int, indent: int | None) -> None:
    with pieces_of(piece):
        assert catalog_digest(read(json.dumps(as_v3(catalog), indent=indent))) == catalog_digest(catalog)


@given(catalogs(), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\ufeff"]))
def test_a_table_is_read_as_the_same(catalog: Catalog, separator: str, newline: str, mark: str) -> None:
    assert catalog_digest(read(mark + as_table(catalog, separator, newline))) == catalog_digest(catalog)


@given(st.lists(st.builds(Employee, IDS, NAMES, NAMES), unique_by=lambda one: one.employee_id))
def test_employees_that_are_uploaded_are_read_as_the_same(employees: list[Employee]) -> None:
    text = "".join(employees_payload(employees))
    assert employees_digest(load_employees(as_file(text)).employees) == employees_digest(employees)


@settings(max_examples=40)
@given(catalogs(local=True), st.data())
def test_one_content_has_one_text_to_upload(catalog: Catalog, data: st.DataObject) -> None:
    other = Catalog(
        tuple(data.draw(st.permutations(catalog.categories))), tuple(data.draw(st.permutations(catalog.items)))
    )
    assert uploaded(other) == uploaded(catalog)


def test_only_documented_fields_are_uploaded() -> None:
    item = Item("1", "Ale ≥ 5 %", "A", None, ("4006381333931",), external_ids=(("ERP", "9"),))
    modifier = Item("2", "No ice", is_modifier=True, modifies_item_ids=("1",))
    text = uploaded(Catalog((Category("C", "Beer", "d", (), ("1",)),), (modifier, item)))
    assert text == (
        '{"items":[{"category_id":"C","name":"Beer","description":"d","item_ids":["1"]},'
        '{"item_id":"1","name":"Ale ≥ 5 %","sku":"A","is_modifier":false},'
        '{"item_id":"2","name":"No ice","is_modifier":true,"modifies_item_ids":["1"]}]}'
    )
    assert "".join(employees_payload(EMPLOYEES)) == (
        '{"employees":[{"employee_id":"2001","first_name":"Jo","last_name":"Till",'
        '"start_date":"2025-04-16T00:00:00.000Z"},{"employee_id":"2002","first_name":"Al","last_name":"Counter",'
        '"end_date":"2025-04-16T10:20:00.000Z"}]}'
    )


def test_nothing_is_uploaded_as_an_empty_list() -> None:
    assert uploaded(Catalog()) == '{"items":[]}'
    assert "".join(employees_payload([])) == '{"employees":[]}'


def test_barcodes_are_read_wherever_files_have_them() -> None:
    told = {"barcode": 12, "barcodes": ["34", "12"], "external_ids": {"ERP": "9", "EAN-13": "56", "upc": ""}}
    (item,) = read({"items": [{"item_id": "1", "name": "Ale", **told}]}).items
    assert item.barcodes == ("34", "12", "56")
    assert item.external_ids == (("EAN-13", "56"), ("ERP", "9"))


def test_what_stands_before_the_catalog_does_not_matter() -> None:
    file = io.BytesIO(b'ignored{"items": []}')
    file.seek(7)
    assert load_catalog(file).catalog == Catalog()
