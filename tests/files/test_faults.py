"""What is wrong with a file is told whole, with place and reason; what cannot be read is told in words."""

import json
from typing import Any

import pytest

from store_agent.errors import BadInput
from store_agent.files import gathered, json_stream, table
from store_agent.files.loading import load_catalog, load_employees
from tests.support.catalogs import as_file

HEADER = "item_id,category_id,parent_category_id,name,is_modifier\n"


def refused(value: Any, load: Any = load_catalog) -> BadInput:
    with pytest.raises(BadInput) as caught:
        load(as_file(value))
    return caught.value


def problems(value: Any, load: Any = load_catalog) -> list[str]:
    error = refused(value, load)
    assert error.code.startswith("invalid_")
    assert error.exit_code == 65
    return [f"{field.path} {field.message}" for field in error.fields]


def unreadable(value: Any, load: Any = load_catalog) -> str:
    error = refused(value, load)
    assert error.code == "unreadable_file"
    return error.message


def item(**told: Any) -> dict[str, Any]:
    return {"item_id": "1", "name": "Ale", **told}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (5, "items.0 must be an object"),
        (None, "items.0 must be an object"),
        ({}, "items.0.item_id is missing, and so is category_id; one of them must be there"),
        (item(category_id="C"), "items.0.item_id stands beside category_id; an entry is one or the other"),
        (item(name=None), "items.0.name is empty"),
        (item(sku=1.5), "items.0.sku must be text"),
        (item(description=True), "items.0.description must be text"),
        (item(is_modifier="maybe"), "items.0.is_modifier must be true or false"),
        (item(is_modifier=[]), "items.0.is_modifier must be true or false"),
        (item(modifies_item_ids="1"), "items.0.modifies_item_ids must be a list"),
        (item(modifies_item_ids=[{}]), "items.0.modifies_item_ids must be text"),
        (item(external_ids=["1"]), "items.0.external_ids must be an object of texts"),
        (item(external_ids={"POSKey": "2"}), "items.0.external_ids has a POSKey that is another than the id"),
        (item(sku="A", external_ids={"SKU": "B"}), "items.0.sku is another than external_ids.SKU"),
        ({"category_id": "C", "name": "N", "item_ids": 5}, "items.0.item_ids must be a list"),
    ],
)
def test_a_fault_in_a_flat_file_is_told(entry: Any, words: str) -> None:
    assert problems({"items": [entry]}) == [words]


def test_all_faults_are_told_with_their_places() -> None:
    entries = [item(), {"category_id": "C", "name": "", "item_ids": ["2"]}, item(item_id=4711, name=7, sku=[])]
    assert problems({"store_id": "s", "request_payload": {"items": [*entries, item()]}}) == [
        "request_payload.items.2.sku must be text",
        "request_payload.items.1.name is empty",
        "request_payload.items.3.item_id '1' stands already at request_payload.items.0",
        "request_payload.items.1.item_ids names the item '2', which the catalog does not have",
    ]


def node(**told: Any) -> dict[str, Any]:
    return {"category_id": "C", "name": "Wine", **told}


def child(**told: Any) -> dict[str, Any]:
    return {"id": "8", "name": "Riesling", **told}


ELSEWHERE = "nodes.1.children.0"


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([5], ["nodes.0 must be an object"]),
        ([node(children=5)], ["nodes.0.children must be a list"]),
        ([node(children=[[]])], ["nodes.0.children.0 must be an object"]),
        ([node(subcategories=[None])], ["nodes.0.subcategories.0 must be an object"]),
        ([node(category_id=None)], ["nodes.0.category_id is empty"]),
        ([node(external_ids={"POSKey": "D"})], ["nodes.0.external_ids has a POSKey that is another than the id"]),
        ([node(children=[child(id="")])], ["nodes.0.children.0.id is empty"]),
        ([node(children=[child(id=None), child(id=None)])], [f"nodes.0.children.{n}.id is empty" for n in (0, 1)]),
        ([node(subcategories=[node()])], ["nodes.0.subcategories.0.category_id 'C' stands already at nodes.0"]),
        (
            [node(subcategories=[node(category_id="D"), node(category_id="D", name="Beer")])],
            [
                "nodes.0.subcategories.1.category_id 'D' stands already at nodes.0.subcategories.0,"
                " told otherwise (name)"
            ],
        ),
        (
            [node(children=[child()]), node(category_id="D", children=[child(name="Merlot")])],
            [f"{ELSEWHERE}.name 'Merlot' is another than 'Riesling', the name of item '8' at nodes.0.children.0"],
        ),
        (
            [node(children=[child(sku="A")]), node(category_id="D", children=[child(sku="B")])],
            [f"{ELSEWHERE}.id '8' stands already at nodes.0.children.0, told otherwise (sku)"],
        ),
        ([node(children=[child(), child()])], ["nodes.0.children names '8' more than once"]),
        (
            [node(children=[child(id="C")])],
            ["nodes.0.children.0.id 'C' is also the id of the category at nodes.0"],
        ),
        (
            [node(children=[child(is_modifier=True, items_modified=["9"])])],
            ["nodes.0.children.0.items_modified names the item '9', which the catalog does not have"],
        ),
    ],
)
def test_a_fault_in_a_tree_is_told_in_its_own_names(nodes: list[Any], words: list[str]) -> None:
    assert problems({"nodes": nodes}) == words
    assert problems([{"nodes": nodes}]) == [words_.replace("nodes.", "0.nodes.") for words_ in words]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["1,,,,"], "line 2, name is empty"),
        (["", "  ,,,,", ",,,N,"], "line 4, item_id is empty, and so is category_id"),
        (["1,,,N,perhaps"], "line 2, is_modifier must be true or false"),
        (["1,C,,N,"], "line 2, category_id names the category 'C', which the table does not have"),
        ([",C,D,N,"], "line 2, parent_category_id names the category 'D', which the table does not have"),
        (["1,,,N,,,7"], "line 2, cells are more than there are columns"),
        (["1,,,N", "1,,,N"], "line 3, item_id '1' stands already at line 2"),
        (['1,,,"two', 'lines",', "2"], "line 4, name is empty"),
        ([",C,D,N,", ",D,C,M,"], "line 3, category_id holds 'C', in which it stands itself"),
        ([",C,C,N,"], "line 2, category_id holds itself"),
        ([f"{'7' * 46},,,N,"], "line 2, item_id is longer than 45 characters"),
    ],
)
def test_a_fault_in_a_table_is_told_with_its_line(lines: list[str], words: str) -> None:
    assert problems(HEADER + "\n".join(lines)) == [words]


def test_a_formula_is_only_text() -> None:
    cells = ["=1+1", '"=HYPERLINK(""http://x"",""y"")"', "+4711", "@x", '="00123"', "-1"]
    text = "item_id,name\n" + "".join(f"{cell},{cell}\n" for cell in cells)
    found = [(one.item_id, one.name) for one in load_catalog(as_file(text)).catalog.items]
    plain = ["=1+1", '=HYPERLINK("http://x","y")', "+4711", "@x", '="00123"', "-1"]
    assert found == [(cell, cell) for cell in plain]


EMPLOYEE = {"employee_id": "7", "first_name": "Jo", "last_name": "Till"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"employees": None}, "employees must be a list"),
        ({"employees": [5]}, "employees.0 must be an object"),
        ({"employees": [{}, EMPLOYEE | {"employee_id": 7.5}][1:]}, "employees.0.employee_id must be text"),
        (
            {"request_payload": {"employees": [EMPLOYEE, EMPLOYEE]}},
            "request_payload.employees.1.employee_id '7' stands already at request_payload.employees.0",
        ),
        (
            {"employees": [EMPLOYEE | {"end_date": "16.04.2025"}]},
            "employees.0.end_date is no date; write it like 2025-04-16 or 2025-04-16T10:20:00.000Z",
        ),
        (
            "employee_id;first_name;last_name;start_date;end_date\n\n7;Jo;Till;2025-04-17;2025-04-16",
            "line 3, end_date 2025-04-16T23:59:59.999Z is before the start, 2025-04-17T00:00:00.000Z",
        ),
        ("employee_id\tfirst_name\tlast_name\n7\tJo\t", "line 2, last_name is empty"),
    ],
)
def test_a_fault_in_a_list_of_employees_is_told(value: Any, words: str) -> None:
    assert problems(value, load_employees)[:1] == [words]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "is empty"),
        ("\ufeff \n", "is empty"),
        ("{}", "holds no catalog"),
        ("[]", "holds no catalog"),
        ("[5]", "holds no catalog"),
        ('[{"id": 1, "children": null}]', "holds no catalog"),
        ('{"employees": []}', "holds employees and no catalog"),
        ("employee_id,name\n", "holds employees and no catalog"),
        ("hello\n", "first line must name the columns"),
        ("\nitem_id,name\n", "first line must name the columns"),
        ("item_id,name,Name\n", "names the column 'name' twice"),
        ('item_id,name\n1,"A"B\n', "any further than line 2"),
        ('item_id,name\n1,"A\n2,B\n', "any further than line 3"),
        ("item_id,name\n1," + "n" * 200_000, "any further than line 2: field larger"),
        ('{"items": [', "Expecting value (line 1, column 12)"),
        ('{"items": [\n {"item_id": "1" "name": "A"}]}', "Expecting ',' delimiter (line 2, column 18)"),
        ('{"items": [\n {"item_id": NaN}]}', "NaN is not a JSON number (line 2, column 2)"),
        ('{"items": [{"name": "a", "name": "b"}]}', "the key 'name' stands twice"),
        ('{"items": [], "items": []}', "the key 'items' stands twice"),
        ('{"items": []} {}', "there is text after its end (line 1, column 15)"),
        ('{"items": [{"a": ' + "9" * 5_000 + "}]}", "too many digits"),
        ('{"items": [{"a": ' + "[" * 5_000, "nested too deeply"),
        ('{"a": ' * 70, "nested deeper than 64 levels"),
        ('{"nodes": [' + '{"subcategories": [' * 70, "nested deeper than 64 levels"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_words(value: str, words: str) -> None:
    assert words in unreadable(value)


@pytest.mark.parametrize("text", ["{}", "[]", "[{}]", '{"items": []}', "1,2\n"])
def test_a_file_without_employees_is_told_in_words(text: str) -> None:
    unreadable(text, load_employees)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04\x14\x00\xff\xfe", '{"items": [\u00e9'.encode("latin-1"), b"i\xe9,name\n"]
)
def test_what_is_no_text_is_told_in_words(content: bytes) -> None:
    import io

    for load in (load_catalog, load_employees):
        with pytest.raises(BadInput, match="not text in UTF-8") as caught:
            load(io.BytesIO(content))
        assert caught.value.code == "unreadable_file"


def test_no_file_is_read_without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "PIECE_CHARACTERS", 64)
    monkeypatch.setattr(json_stream, "VALUE_CHARACTERS_MAX", 1_000)
    monkeypatch.setattr(gathered, "ENTRIES_MAX", 3)
    monkeypatch.setattr(table, "LINE_CHARACTERS_MAX", 1_000)
    entries = [item(item_id=str(number)) for number in range(4)]
    assert load_catalog(as_file({"items": entries[:3]})).catalog.items[2].item_id == "2"
    assert "more than 3 entries" in unreadable({"items": entries})
    assert "a single value is longer than 1,000 characters" in unreadable({"items": [item(name="n" * 5_000)]})
    assert "Line 2 is longer than 1,000 characters" in unreadable("item_id,name\n1," + "n" * 5_000)


def test_the_messages_never_repeat_a_long_text() -> None:
    long = "x" * 100_000
    told = json.dumps([problems({"items": [item(), item(item_id="2", name=long), item(name=long)]})])
    told += unreadable(f"item_id,name,{long},{long}\n")
    assert len(told) < 1_000
