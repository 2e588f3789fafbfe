"""The sample of the importers guide, where the platform's documents are at hand (see `tests/acceptance`).

As printed it is in three pieces that miss or repeat brackets between them; the test puts it together again.
"""

import os
import re
from pathlib import Path

import pytest

from store_agent.files.loading import load_catalog
from tests.support.catalogs import as_file

pytestmark = pytest.mark.skipif(
    "POS_REFERENCE_DOCUMENTS" not in os.environ, reason="POS_REFERENCE_DOCUMENTS names no directory with the documents"
)


def printed() -> list[str]:
    """The three blocks of code below the last heading of a sample before the next importer."""
    for path in sorted(Path(os.environ["POS_REFERENCE_DOCUMENTS"]).glob("*.txt")):
        before, *after = path.read_text().split("\nLocation Catalog Importer\n")
        blocks = re.findall(r"^```\n(.*?)\n```$", before.rpartition("Example JSON Format")[2], re.DOTALL | re.MULTILINE)
        if after and len(blocks) == 3 and '"nodes"' in blocks[0]:
            return blocks
    pytest.fail("the documents hold no sample of a product catalog")


def whole() -> str:
    """Put the pieces together: what each closes too early or too late is closed where the next one goes on."""
    first, second, third = printed()
    first = first.rstrip("]} \n") + "}"
    second = re.sub(r"\](,\s*\{\s*\"name\")", r"]}\1", second)
    third = third.removeprefix("[{").replace("}], [{", "}]}, {").removesuffix("]]]") + "]}]}]"
    return first + second + third


def test_the_guide_s_sample_is_read_as_the_tree_it_shows() -> None:
    catalog = load_catalog(as_file(whole())).catalog
    names = {category.category_id: category.name for category in catalog.categories}
    tree = {category.name: [names[one] for one in category.category_ids] for category in catalog.categories}
    assert {name: children for name, children in tree.items() if children} == {
        "Wine": ["White Wine", "Fortified Wine", "Red Wine"],
        "Cheese": ["Gouda", "Brie", "Havarti"],
    }
    counts = {category.name: len(category.item_ids) for category in catalog.categories}
    assert counts == dict(zip(names.values(), [0, 3, 2, 5, 0, 3, 2, 3], strict=True))
    found = [item.item_id for item in catalog.items if {"Riesling", "Ice"} <= set(item.name.split())]
    assert found == ["10", "13"]
    assert len(catalog.items) == 18


def test_the_guide_s_first_block_is_a_catalog_by_itself() -> None:
    catalog = load_catalog(as_file(printed()[0])).catalog
    assert [category.name for category in catalog.categories] == ["Wine", "White Wine"]
    assert [item.item_id for item in catalog.items] == ["8", "10", "13"]
