"""The digest is of what a catalog says; a difference tells all that changed and only that."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.content import catalog_digest, changed_fields, employees_digest, merged
from store_agent.domain.difference import Change, Kind, difference, in_order
from store_agent.domain.employees import Employee
from tests.support.catalogs import catalogs, items


def shuffled(catalog: Catalog, data: st.DataObject) -> Catalog:
    categories = tuple(
        replace(
            category,
            category_ids=tuple(data.draw(st.permutations(category.category_ids))),
            item_ids=tuple(data.draw(st.permutations(category.item_ids))),
        )
        for category in data.draw(st.permutations(catalog.categories))
    )
    return Catalog(categories, tuple(data.draw(st.permutations(catalog.items))))


@settings(max_examples=40)
@given(catalogs(local=True), st.data())
def test_order_changes_no_digest(catalog: Catalog, data: st.DataObject) -> None:
    assert catalog_digest(shuffled(catalog, data)) == catalog_digest(catalog)


@settings(max_examples=40)
@given(catalogs(local=True), catalogs(local=True))
def test_digests_are_the_same_exactly_if_nothing_changed(one: Catalog, other: Catalog) -> None:
    changes = [*difference(in_order(one.items), in_order(other.items))]
    moves = [*difference(in_order(one.categories), in_order(other.categories))]
    assert (catalog_digest(one) == catalog_digest(other)) == (not changes and not moves)


@pytest.mark.parametrize(
    "other",
    [
        Item("2", "Ale"),
        Item("1", "Beer"),
        Item("1", "Ale", sku="A"),
        Item("1", "Ale", description="A"),
        Item("1", "Ale", barcodes=("A",)),
        Item("1", "Ale", is_modifier=True),
        Item("1", "Ale", modifies_item_ids=("1",)),
        Item("1", "Ale", external_ids=(("ERP", "A"),)),
    ],
)
def test_every_field_changes_the_digest(other: Item) -> None:
    assert catalog_digest(Catalog(items=(other,))) != catalog_digest(Catalog(items=(Item("1", "Ale"),)))


def test_a_category_is_no_item_and_half_a_character_is_no_obstacle() -> None:
    same = "\ud800"
    assert catalog_digest(Catalog((Category(same, same),))) != catalog_digest(Catalog(items=(Item(same, same),)))


def test_the_digest_stays_the_same_over_versions_of_the_agent() -> None:
    catalog = Catalog((Category("C", "Drinks", item_ids=("1",)),), (Item("1", "Ale", sku="A"),))
    assert catalog_digest(catalog).hex() == "1c6d3b877efc80a12ebbe038b0fc02e7e5b1de7855afec54225dcb79d3576060"
    assert (
        employees_digest([Employee("7", "Jo", "Till")]).hex()
        == "2dc5cbd03c5e4fabd055b52db036caac02429d148c3d2ea8c8b52e9e7181ad4d"
    )


@settings(max_examples=40)
@given(catalogs(local=True), catalogs(local=True))
def test_the_changes_lead_from_the_old_to_the_new(old: Catalog, new: Catalog) -> None:
    entries = {item.key: item for item in old.items}
    for change in difference(in_order(old.items), in_order(new.items)):
        assert entries.get(change.key) == change.before
        if change.after is None:
            del entries[change.key]
        else:
            entries[change.key] = change.after
    assert catalog_digest(Catalog(items=tuple(entries.values()))) == catalog_digest(Catalog(items=new.items))


def test_a_difference_names_what_was_added_removed_and_changed() -> None:
    before = [Item("1", "Ale"), Item("2", "Beer", "B"), Item("3", "Cider", modifies_item_ids=("1", "2"))]
    after = [Item("0", "Water"), Item("2", "Bier"), Item("3", "Cider", modifies_item_ids=("2", "1"))]
    assert list(difference(before, after)) == [
        Change(Kind.ADDED, "0", None, after[0]),
        Change(Kind.REMOVED, "1", before[0], None),
        Change(Kind.CHANGED, "2", before[1], after[1], ("name", "sku")),
    ]


def test_nothing_against_nothing_is_no_difference() -> None:
    nothing: list[Employee] = []
    assert list(difference(nothing, nothing)) == []


@pytest.mark.parametrize("wrong", [["2", "1"], ["1", "1"]])
def test_entries_out_of_order_are_no_difference_but_a_mistake(wrong: list[str]) -> None:
    with pytest.raises(ValueError, match="does not come after"):
        list(difference([Item(one, "N") for one in wrong], [Item("1", "N"), Item("2", "N")]))


@given(items("1", ["1", "2"], local=True))
def test_an_entry_merged_with_less_of_itself_is_itself(item: Item) -> None:
    for less in (item, replace(item, sku=None), Item(item.item_id, item.name)):
        for one in (merged(item, less), merged(less, item)):
            assert one is not None
            assert changed_fields(one, item) == ()


def test_entries_that_contradict_each_other_are_not_merged() -> None:
    assert merged(Item("1", "Ale"), Item("1", "Beer")) is None
    assert merged(Item("1", "Ale", "A"), Item("1", "Ale", "B", "more")) is None
