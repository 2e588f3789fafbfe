"""A made-up catalog of any size, as a large shop's may be: names in several languages, categories, modifiers."""

import random

from store_agent.domain.catalog import Catalog, Category, Item

_MAKERS = (
    "Nordström Mølle", "Käserei Grünwald", "Crème d'Or", "Bodega Peña", "Señorío del Río", "Öko-Hof", "Harvest Lane",
    "Fresh & Co", "Maison Lefèvre", "Łąka", "Jardín Azul", "Vinařství Hora", "Stone Ridge", "Blue Harbour", "Tři Duby",
)  # fmt: skip
_KINDS = (
    "Riesling", "Ice Wine", "Chardonnay", "Brötchen", "Käse", "Café crème", "Crème brûlée", "Jalapeños", "Knäckebröd",
    "Smørrebrød", "Jus d'orange", "Apfelsaft", "Żurek", "Queso añejo", "Pão de queijo", "T-shirt", "Chaussettes",
    "Kindergröße Jacke", "Toothpaste", "Paper towels", "Olive oil", "Müsli", "Bière blonde", "Mineralwasser",
)  # fmt: skip
_FLAVOURS = ("classic", "doux", "herb", "ligero", "extra", "bio", "frisch", "rôti", "fumé", "sin azúcar", "mild")
_SIZES = ("0.75 l", "1 l", "500 g", "250 g", "6-pack", "12 ct", "XL", "Größe M", "single")
_PLACES = ("Drinks", "Vins", "Bäckerei", "Fromages", "Household", "Ropa", "Deli", "Frische")
_EXTRAS = 100
"""One item in so many is a modifier of some others."""


def catalog(count: int, edition: int = 0) -> Catalog:
    """Make a catalog of so many items; another edition has another name for one item in a hundred."""
    chance = random.Random(7)
    items = tuple(_item(chance, number, edition) for number in range(count))
    return Catalog(_categories(items), items)


def _item(chance: random.Random, number: int, edition: int) -> Item:
    maker, kind, flavour, size = (chance.choice(words) for words in (_MAKERS, _KINDS, _FLAVOURS, _SIZES))
    is_modifier = number % _EXTRAS == _EXTRAS - 1
    return Item(
        item_id=f"{400_000 + number}",
        name=f"{maker} {kind} {size}" + (f" ({edition})" if edition and number % 100 == 0 else ""),
        sku=f"{kind[:3].upper()}-{number % 97:02d}-{number:06d}",
        description=f"{kind}, {flavour}, from {maker}; batch {number % 4_001}" if number % 3 else None,
        barcodes=(f"{4_000_000_000_000 + number * 7}",),
        is_modifier=is_modifier,
        modifies_item_ids=tuple(f"{400_000 + number - step}" for step in range(1, 6)) if is_modifier else (),
    )


def _categories(items: tuple[Item, ...]) -> tuple[Category, ...]:
    """Put the items on shelves of 50, the shelves into aisles, and the aisles into the places of the shop."""
    shelves = [
        Category(
            f"S{start}", f"Shelf {start // 50}", item_ids=tuple(item.item_id for item in items[start : start + 50])
        )
        for start in range(0, len(items), 50)
    ]
    aisles = [
        Category(
            f"A{start}", f"{_KINDS[start // 20 % len(_KINDS)]} {start // 20}", category_ids=_ids(shelves, start, 20)
        )
        for start in range(0, len(shelves), 20)
    ]
    places = [
        Category(f"P{number}", name, category_ids=tuple(aisle.category_id for aisle in aisles[number :: len(_PLACES)]))
        for number, name in enumerate(_PLACES)
    ]
    return (*places, *aisles, *shelves)


def _ids(categories: list[Category], start: int, count: int) -> tuple[str, ...]:
    return tuple(category.category_id for category in categories[start : start + count])
