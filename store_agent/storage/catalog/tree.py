"""Where each category stands in the tree."""

from collections.abc import Sequence
from typing import NamedTuple

from store_agent.domain.catalog import Category

PATH_MAX = 10
"""Names on the way from the root that are kept of one: the nearest. Items are found by these words, too."""


class Standing(NamedTuple):
    """The position of the parent, None at a root; the place among its siblings from 1; the names down to it."""

    parent: int | None
    place: int
    path: tuple[str, ...]


def standings(categories: Sequence[Category]) -> list[Standing]:
    """Tell where each category stands. Raises ValueError if they are no tree, which a checked catalog's are.

    No recursion: a chain may be as long as the catalog.
    """
    positions = {category.category_id: position for position, category in enumerate(categories)}
    inner = {child for category in categories for child in category.category_ids}
    roots = [position for position, category in enumerate(categories) if category.category_id not in inner]
    found = {position: Standing(None, place, (categories[position].name,)) for place, position in enumerate(roots, 1)}
    while roots:
        parent = roots.pop()
        for place, child_id in enumerate(categories[parent].category_ids, 1):
            child = positions[child_id]
            if child in found:
                raise ValueError(f"the category {child_id!r} has two places")
            path = (*found[parent].path, categories[child].name)[-PATH_MAX:]
            found[child] = Standing(parent, place, path)
            roots.append(child)
    if len(found) != len(categories):
        raise ValueError("some categories stand in themselves, or twice in the catalog")
    return [found[position] for position in range(len(categories))]
