"""Items are found by words in any order, by beginnings, without accents, and by codes; nothing typed fails."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from store_agent.clock import SystemClock
from store_agent.domain.catalog import Catalog, Item
from store_agent.storage import words
from store_agent.storage.catalog.file import CatalogFile, open_catalog
from store_agent.storage.words import After
from tests.support.shop import ITEMS, SHOP


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[CatalogFile]:
    opened = await open_catalog(tmp_path, SystemClock())
    await opened.replace(SHOP, "a test")
    yield opened
    await opened.close()


async def found(catalog: CatalogFile, typed: str, limit: int = 50) -> list[str]:
    answer = await catalog.search(typed, limit)
    return [item.item_id for item in answer.value.entries]


@pytest.mark.parametrize(
    ("typed", "item_ids"),
    [
        ("ice wine ries", ["1001"]),
        ("RIES Wine ICE", ["1001"]),
        ("creme brulee", ["1003"]),
        ("cre\u0300me BRÛLÉE", ["1003"]),
        ("musli grosse", []),
        ("musli große", ["1004"]),
        ("vanille a", ["1003"]),
        ("eiswein", ["1001"]),
        ("drinks", ["1002", "1001"]),
        ("vins ries", ["1001"]),
        ("tea drinks", ["1002"]),
        ("rie-12", ["1001"]),
        ("gums & wine", ["1005"]),
        ("riesling absent", []),
        ("", []),
        ("   ", []),
        ("-", []),
    ],
)
async def test_words_in_any_order_begin_what_is_found_without_accents_or_case(
    shop: CatalogFile, typed: str, item_ids: list[str]
) -> None:
    assert await found(shop, typed) == item_ids


async def test_a_name_comes_before_a_description_and_a_whole_word_before_a_beginning(shop: CatalogFile) -> None:
    assert await found(shop, "wine") == ["1005", "1001", "1002"]
    assert await found(shop, "ice") == ["1001", "1002"]
    assert await found(shop, "root gin") == ["1006"]


async def test_a_code_comes_first(shop: CatalogFile) -> None:
    named = Item("9", "1001 nights, a book about 4000000000014 stars")
    await shop.replace(Catalog((), (*ITEMS, named)), "a test")
    assert await found(shop, "1001") == ["1001", "9"]
    assert await found(shop, " 4000000000014 ") == ["1001", "9"]
    assert await found(shop, "RIE-12-0001") == ["1001"]
    assert await found(shop, "TEA-1") == ["1002"]


async def test_the_beginning_of_a_code_finds_those_that_begin_so(shop: CatalogFile) -> None:
    assert await found(shop, "40000000000") == ["1001", "1005"]
    assert await found(shop, "RIE-12-00") == ["1001"]
    assert await found(shop, "0000000000014") == []


async def test_beside_other_words_a_code_counts_whole(shop: CatalogFile) -> None:
    """Else a search would have to go through every code that begins so."""
    assert await found(shop, "riesling 4000000000014") == ["1001"]
    assert await found(shop, "riesling 40000000") == []
    assert await found(shop, "riesling 400") == ["1001"]


async def test_pages_follow_one_another_without_a_gap_or_a_repetition(shop: CatalogFile) -> None:
    items = tuple(
        Item(f"{number}", f"wine {'a' * (number % 7)}", sku="wine" if number % 5 == 0 else None) for number in range(40)
    )
    told = tuple(Item(f"told {number}", "other", description="a winery") for number in range(10))
    await shop.replace(Catalog((), (*items, *told, *ITEMS)), "a test")
    whole = await found(shop, "wine", 100)
    assert len(whole) == len(set(whole)) == 40 + 10 + 3
    assert set(whole[:8]) == {str(number) for number in range(0, 40, 5)}
    for limit in (1, 3, 7, 53, 54):
        paged: list[str] = []
        after: After | None = None
        while True:
            page = (await shop.search("wine", limit, after)).value
            paged += [item.item_id for item in page.entries]
            after = page.after
            if after is None:
                break
            assert len(page.entries) == limit
        assert paged == whole


SPECIAL = (
    *('"', "'", "*", "(", ")", "NOT", "AND", "OR", "NEAR", "NEAR(", "^", ":", "-", "+", "--", ";", "%", "_"),
    *("{name}", "name", "told", "wine", "ice*", '"ice', "4000"),
    *("\0", "\ud800", "\u0301", "🍷", "½", "ª", "\ufdfa", "\u09ea"),
)
typed_by_anybody = st.one_of(
    st.text(st.characters(), max_size=40),
    st.lists(st.sampled_from(SPECIAL), max_size=24).map(" ".join),
    st.text(max_size=600),
)


@settings(max_examples=300)
@example("a" * 5_000)
@example("a-" * 200)
@example('"')
@example("name:x OR y")
@given(typed=typed_by_anybody)
async def test_nothing_that_is_typed_fails_or_means_anything_to_the_database(shop: CatalogFile, typed: str) -> None:
    answer = await shop.search(typed, limit=3, after=None)
    assert len(answer.value.entries) <= 3
    if answer.value.after:
        await shop.search(typed, limit=3, after=answer.value.after)


@pytest.mark.parametrize(
    "typed", ["wine OR tea", "wine NOT ice", "told : vanille", "NEAR(wine gums)", "win*ice", "^wine"]
)
async def test_the_words_of_a_query_language_are_only_words(shop: CatalogFile, typed: str) -> None:
    assert await found(shop, typed) == (["1005", "1001", "1002"] if typed == "^wine" else [])


async def test_unquoted_words_would_be_noticed(shop: CatalogFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the tests above."""
    monkeypatch.setattr(words, "_questions", lambda typed: (("find_words", typed),))
    assert await found(shop, "wine NOT ice") != []
    with pytest.raises(Exception, match="fts5: syntax error"):
        await found(shop, "gums & wine")
