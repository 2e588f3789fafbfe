"""A catalog is checked whole: every fault is found, with its place, and nothing else."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.catalog_check import Origins, check
from store_agent.domain.problems import PROBLEMS_MAX, Problems
from tests.support.catalogs import catalogs

Fault = Callable[[Catalog], tuple[Catalog, set[str]]]


def with_items(catalog: Catalog, *items: Item) -> Catalog:
    return replace(catalog, items=catalog.items + items)


def with_categories(catalog: Catalog, *categories: Category) -> Catalog:
    return replace(catalog, categories=catalog.categories + categories)


def item_fault(field: str, *items: Item) -> Fault:
    """A fault that adds items, the last of which is at fault in `field`."""

    def plant(catalog: Catalog) -> tuple[Catalog, set[str]]:
        return with_items(catalog, *items), {f"items.{len(catalog.items) + len(items) - 1}.{field}"}

    return plant


def category_fault(field: str, *categories: Category) -> Fault:
    def plant(catalog: Catalog) -> tuple[Catalog, set[str]]:
        number = len(catalog.categories) + len(categories) - 1
        return with_categories(catalog, *categories), {f"categories.{number}.{field}"}

    return plant


def shared_id(catalog: Catalog) -> tuple[Catalog, set[str]]:
    planted = with_items(with_categories(catalog, Category("planted-shared", "N")), Item("planted-shared", "N"))
    return planted, {f"items.{len(catalog.items)}.item_id"}


def second_place(catalog: Catalog) -> tuple[Catalog, set[str]]:
    ids = ("planted-second",)
    holders = Category("planted-h1", "N", None, ids), Category("planted-h2", "N", None, ids)
    planted = with_categories(catalog, Category("planted-second", "N"), *holders)
    return planted, {f"categories.{len(catalog.categories) + 2}.category_ids"}


def item_twice_in_a_category(catalog: Catalog) -> tuple[Catalog, set[str]]:
    twice = Category("planted-twice", "N", item_ids=("planted-in", "planted-in"))
    planted = with_items(with_categories(catalog, twice), Item("planted-in", "N"))
    return planted, {f"categories.{len(catalog.categories)}.item_ids"}


FAULTS: dict[str, Fault] = {
    "no item id": item_fault("item_id", Item("", "N")),
    "blank item id": item_fault("item_id", Item(" ", "N")),
    "long item id": item_fault("item_id", Item("i" * 46, "N")),
    "item id with a control character": item_fault("item_id", Item("planted\n", "N")),
    "item id that is half a character": item_fault("item_id", Item("planted\ud800", "N")),
    "no item name": item_fault("name", Item("planted-1", "")),
    "blank item name": item_fault("name", Item("planted-2", " \t")),
    "long item name": item_fault("name", Item("planted-3", "n" * 257)),
    "long sku": item_fault("sku", Item("planted-4", "N", "s" * 257)),
    "long description": item_fault("description", Item("planted-5", "N", None, "d" * 4_097)),
    "long barcode": item_fault("barcodes", Item("planted-6", "N", barcodes=("4", "4" * 257))),
    "long external id": item_fault("external_ids", Item("planted-7", "N", external_ids=(("ERP", "e" * 257),))),
    "item id twice": item_fault("item_id", Item("planted-8", "N"), Item("planted-8", "N")),
    "item told in two ways": item_fault("item_id", Item("planted-9", "N", "A"), Item("planted-9", "N", "B")),
    "item under two names": item_fault("name", Item("planted-10", "N"), Item("planted-10", "M", "B")),
    "modifier of nothing known": item_fault(
        "modifies_item_ids", Item("planted-11", "N", is_modifier=True, modifies_item_ids=("planted-11", "nowhere"))
    ),
    "no category id": category_fault("category_id", Category("", "N")),
    "long category id": category_fault("category_id", Category("c" * 257, "N")),
    "no category name": category_fault("name", Category("planted-c1", "")),
    "category id twice": category_fault("category_id", Category("planted-c2", "N"), Category("planted-c2", "M")),
    "unknown item in a category": category_fault("item_ids", Category("planted-c3", "N", item_ids=("nowhere",))),
    "unknown category in one": category_fault("category_ids", Category("planted-c4", "N", None, ("nowhere",))),
    "category in itself": category_fault("category_ids", Category("planted-c5", "N", None, ("planted-c5",))),
    "circle": category_fault(
        "category_ids",
        Category("planted-c6", "N", None, ("planted-c7",)),
        Category("planted-c7", "N", None, ("planted-c8",)),
        Category("planted-c8", "N", None, ("planted-c6",)),
    ),
    "circle below a root": category_fault(
        "category_ids",
        Category("planted-c9", "N", None, ("planted-c10",)),
        Category("planted-root", "N", None, ("planted-c9",)),
        Category("planted-c10", "N", None, ("planted-c9",)),
    ),
    "category in two places": second_place,
    "item twice in a category": item_twice_in_a_category,
    "id of an item and a category": shared_id,
}


def found(catalog: Catalog) -> list[str]:
    return sorted(problem.path for problem in check(catalog))


@given(catalogs(local=True))
def test_what_can_be_right_has_no_problem(catalog: Catalog) -> None:
    assert found(catalog) == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_alone(name: str) -> None:
    planted, expected = FAULTS[name](Catalog())
    assert found(planted) == sorted(expected)


@given(catalogs(local=True), st.lists(st.sampled_from(sorted(FAULTS)), unique=True))
def test_every_planted_fault_is_found_and_no_more(catalog: Catalog, names: list[str]) -> None:
    expected: set[str] = set()
    for name in names:
        catalog, paths = FAULTS[name](catalog)
        expected |= paths
    assert found(catalog) == sorted(expected)


def test_the_longest_texts_are_right() -> None:
    item = Item("i" * 45, "n" * 256, "s" * 256, "d" * 4_096, ("b" * 256,))
    assert found(Catalog((Category("c" * 256, "n" * 256),), (item,))) == []


def test_lines_and_tabs_may_stand_in_texts_and_nothing_invisible() -> None:
    assert found(Catalog(items=(Item("1", "N", description="a\r\n\tb"),))) == []
    assert found(Catalog(items=(Item("1", "N", description="a\x1b[2J"),))) == ["items.0.description"]


def test_what_an_item_modifies_counts_only_for_modifiers() -> None:
    assert found(Catalog(items=(Item("1", "N", modifies_item_ids=("nowhere",)),))) == []


@pytest.mark.parametrize(
    ("catalog", "words"),
    [
        (
            Catalog(items=(Item("8", "Ale"), Item("8", "Beer"))),
            "items.1.name 'Beer' is another than 'Ale', the name of item '8' at items.0",
        ),
        (Catalog(items=(Item("8", "Ale"), Item("8", "Ale"))), "items.1.item_id '8' stands already at items.0"),
        (
            Catalog(items=(Item("8", "Ale"), Item("8", "Ale", "A"))),
            "items.1.item_id '8' stands already at items.0, told otherwise (sku)",
        ),
        (
            Catalog((Category("8", "C"),), (Item("8", "Ale"),)),
            "items.0.item_id '8' is also the id of the category at categories.0",
        ),
        (
            Catalog((Category("A", "C", None, ("B",)), Category("B", "C", None, ("A",)))),
            "categories.1.category_ids holds 'A', in which it stands itself",
        ),
        (
            Catalog((Category("A", "C", item_ids=("x" * 300,)),)),
            f"categories.0.item_ids names the item '{'x' * 39}…', which the catalog does not have",
        ),
    ],
)
def test_a_problem_tells_its_place_and_reason(catalog: Catalog, words: str) -> None:
    assert [str(problem) for problem in check(catalog)] == [words]


def test_in_a_tree_with_one_wrong_step_it_is_that_step_which_is_told() -> None:
    inner, outer = Category("inner", "N", None, ("outer",)), Category("outer", "N", None, ("inner",))
    root = Category("root", "N", None, ("outer",))
    for categories in itertools.permutations((inner, outer, root)):
        assert found(Catalog(categories)) == [f"categories.{categories.index(inner)}.category_ids"]


def test_places_are_told_as_the_file_has_them() -> None:
    origins = Origins(items=lambda number: f"line {number + 2}")
    (problem,) = check(Catalog(items=(Item("1", "N"), Item("2", ""))), origins)
    assert str(problem) == "line 3, name is empty"


def test_a_chain_as_long_as_the_catalog_is_walked() -> None:
    chain = [Category(str(number), "N", None, (str(number + 1),)) for number in range(20_000)]
    assert found(Catalog((*chain, Category("20000", "N")))) == []
    assert found(Catalog((*chain, Category("20000", "N", None, ("0",))))) == ["categories.20000.category_ids"]


def test_only_the_first_problems_are_kept_and_all_are_counted() -> None:
    problems = Problems()
    problems.extend(check(Catalog(items=tuple(Item(str(number), "") for number in range(250)))))
    assert [problem.where for problem in problems.shown] == [f"items.{number}" for number in range(PROBLEMS_MAX)]
    refusal = problems.refusal("invalid_catalog")
    assert str(refusal) == "250 problems; nothing was taken over. First: items.0.name is empty."
    assert len(refusal.fields) == PROBLEMS_MAX
