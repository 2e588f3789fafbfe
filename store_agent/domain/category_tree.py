"""The tree that the categories of a catalog should be: which steps lead around in circles."""

from collections.abc import Iterable, Iterator

from store_agent.domain.catalog import Category


def steps_back(categories: Iterable[Category]) -> Iterator[tuple[str, str]]:
    """Give each step from a category to one that contains it, or to itself, as a pair of ids.

    Without these steps there are no circles. Roots are walked first, so that in a tree with one wrong step it is that
    step which is told. No recursion: a chain may be as long as the catalog.
    """
    children: dict[str, list[str]] = {}
    for category in categories:
        if category.key:
            children.setdefault(category.key, []).extend(dict.fromkeys(category.category_ids))
    inner = {child for named in children.values() for child in named}
    left: set[str] = set()
    for start in (*(key for key in children if key not in inner), *children):
        if start not in left:
            yield from _steps_back_below(start, children, left)


def _steps_back_below(start: str, children: dict[str, list[str]], left: set[str]) -> Iterator[tuple[str, str]]:
    """Walk down from `start`, deep before wide; `left` are the categories that were walked through to their end."""
    way, above = [(start, iter(children[start]))], {start}
    while way:
        here, others = way[-1]
        child = next(others, None)
        if child is None:
            way.pop()
            above.remove(here)
            left.add(here)
        elif child in above:
            yield here, child
        elif child in children and child not in left:
            way.append((child, iter(children[child])))
            above.add(child)
