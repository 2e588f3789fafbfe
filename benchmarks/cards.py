"""What it costs to look for card data in each sale, and how often an identifier is taken for a card.

The cost is processor time of the agent's own code, beside that of reading and storing the same sale without a look.
"""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import uvloop

from benchmarks import table
from benchmarks.load import CLOSED_AT, SALE_BYTES
from benchmarks.part import Ground, Part, at_most
from store_agent.clock import SystemClock
from store_agent.domain.card_data import CardRules, screen
from store_agent.domain.card_names import IDENTIFICATION, exempt
from store_agent.domain.container import Identity, read_container
from store_agent.domain.transaction import read_sale
from store_agent.errors import BadInput
from store_agent.sandbox.sales import SaleMaker, sale_text
from store_agent.storage.database import open_database
from store_agent.storage.intake import Arrival, Intake

SMALL_BYTES = 1_000
SHARE_MAX = 0.1
"""What a look may add to a sale that holds nothing like a card."""

FALSE_MAX = 0.035
"""Of random numbers of 16 digits: 31 % begin like a card, and one in ten of them has the right check digit."""

TIMES_MAX = 0.001
"""A time with nothing but dots and blanks, on the 30th of a month, begins like a card of Diners Club."""

_IDENTITY = Identity("1234x", "retailer-1")
_RULES = CardRules(exempt(IDENTIFICATION))
_CARD = "4111111111111111"

Carts = list[bytes]


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    costs = {size: _costs(ground, size) for size in (SMALL_BYTES, SALE_BYTES)}
    _show_costs(costs)
    count = ground.pick(100_000, 5_000)
    taken = {name: _taken(make, count) for name, make in _IDS.items()}
    _show_taken(taken, count)
    random_ids = taken["16 random digits"][0] / count
    verdicts = [
        at_most(
            f"look for card data, {size:,} bytes, nothing like it", of["nothing like it"][1], SHARE_MAX, table.ratio
        )
        for size, of in costs.items()
    ]
    verdicts.append(at_most("16 random digits in free text taken for a card", random_ids, FALSE_MAX, table.ratio))
    verdicts += [
        at_most(f"{name} in free text taken for a card", taken[name][0] / count, most, "{:.2%}".format)
        for name, most in (("UUIDs", 0.0), ("EAN-13", 0.0), ("times", TIMES_MAX))
    ]
    return Part({"cost": costs, "taken_for_a_card": taken, "ids": count}, verdicts)


def _costs(ground: Ground, size: int) -> dict[str, tuple[float, float]]:
    """Give seconds of a look, and their ratio to the seconds of everything else, by what the sales hold."""
    rounds, sales = ground.pick(9, 3), ground.pick(500, 100)
    found = {}
    for name, fields in _HELD.items():
        seconds, ratios = [], []
        for number in range(rounds):
            carts = _carts(sales, size, fields, f"{name}-{size}-{number}")
            look = _look(carts)
            rest = uvloop.run(_intake(ground, carts))
            seconds.append(look / sales)
            ratios.append(look / rest)
        found[name] = (median(seconds), median(ratios))
    return found


async def _intake(ground: Ground, carts: Carts) -> float:
    """Read and store sales, eight at a time, without a look; gives seconds of processor time."""
    async with open_database(ground.directory / f"cards-{uuid.uuid4().hex}", SystemClock()) as database:
        intake = Intake(database, SystemClock(), lambda: str(uuid.uuid4()))
        begin = time.process_time()
        for first in range(0, len(carts), 8):
            await intake.accept([_arrival(cart) for cart in carts[first : first + 8]])
        return time.process_time() - begin


def _arrival(cart: bytes) -> Arrival:
    container = read_container(cart, _IDENTITY)
    sale = read_sale(container.payload, "request_payload.", user_known=container.user_known)
    return Arrival("lane-1", sale, container.forwarded, container.alone, live=False, at="", warnings=sale.warnings)


def _look(carts: Carts) -> float:
    """Look for card data in sales; gives seconds of processor time."""
    begin = time.process_time()
    for cart in carts:
        screen(cart, _RULES)
    return time.process_time() - begin


def _carts(count: int, size: int, fields: Callable[[int], dict[str, Any]], lane: str) -> Carts:
    """Make requests of about a size, with something more in each line."""
    maker = SaleMaker(5, lane)
    carts = []
    for number in range(count):
        sale = maker.make(CLOSED_AT)
        line = sale["items"][0]
        lines = [{**line, "line_id": str(place), **fields(number)} for place in range(1, max(2, size // 190) + 1)]
        sale["items"] = lines
        carts.append(f'{{"request_payload": {sale_text(sale)}}}'.encode())
    return carts


_HELD: dict[str, Callable[[int], dict[str, Any]]] = {
    "nothing like it": lambda _: {},
    "EANs as item ids": lambda number: {"item_id": f"400638{number:07}"},
    "loyalty numbers of 16 digits": lambda number: {"note": f"98263{number:011}"},
    "escaped letters": lambda _: {"note": "Käse"},
    "identifiers like cards": lambda _: {"item_id": _CARD},
    "a card number in each line": lambda _: {"note": _CARD},
}
"""What stands in every line of a sale."""


def _show_costs(costs: dict[int, dict[str, tuple[float, float]]]) -> None:
    header = ("sales hold", *(f"{size:,} bytes: {what}" for size in costs for what in ("look", "to the rest")))
    rows = [
        [name, *(cell for of in costs.values() for cell in (f"{of[name][0] * 1e6:,.1f} µs", table.ratio(of[name][1])))]
        for name in _HELD
    ]
    note = "Processor time; the rest is reading the sale and storing it, without HTTP. Medians of the rounds."
    table.show("Card data: what a look costs", header, rows, note)


def _taken(make: Callable[[random.Random, int], str], count: int) -> tuple[int, int, int]:
    """Count ids that are taken for a card: in free text, under a name that says card, and as an identifier."""
    chance = random.Random(11)
    ids = [make(chance, number) for number in range(count)]
    return tuple(sum(_is_taken(name, one) for one in ids) for name in ("note", "card_no", "transaction_id"))  # type: ignore[return-value]


def _is_taken(name: str, value: str) -> bool:
    try:
        return bool(screen(json.dumps({"request_payload": {name: value}}).encode(), _RULES).masked)
    except BadInput:
        return True


def _digits(count: int) -> Callable[[random.Random, int], str]:
    return lambda chance, _: "".join(chance.choices("0123456789", k=count))


def _checked(prefix: str, length: int) -> Callable[[random.Random, int], str]:
    """Make loyalty numbers, which have the check digit of a card."""

    def make(chance: random.Random, _: int) -> str:
        digits = prefix + "".join(chance.choices("0123456789", k=length - 1 - len(prefix)))
        total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
        return f"{digits}{-total % 10}"

    return make


def _barcode(length: int) -> Callable[[random.Random, int], str]:
    """Make GTINs (GS1 General Specifications: the check digit weighs 3 and 1 in turn)."""

    def make(chance: random.Random, _: int) -> str:
        digits = "".join(chance.choices("0123456789", k=length - 1))
        total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
        return f"{digits}{-total % 10}"

    return make


def _moment(chance: random.Random, number: int) -> str:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.random() * 3e7)
    forms: Iterable[str] = (
        at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S.%f}0", f"{at:%Y%m%d%H%M%S}", f"{at:%d.%m.%Y %H.%M.%S}",
        str(int(at.timestamp() * 1e3)), str(int(at.timestamp() * 1e6)), str(int(at.timestamp() * 1e9)),
    )  # fmt: skip
    return list(forms)[number % 7]


_IDS: dict[str, Callable[[random.Random, int], str]] = {
    "UUIDs": lambda chance, _: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    "UUIDs without dashes": lambda chance, _: f"{chance.getrandbits(128):032x}",
    "SHA-256 digests": lambda chance, _: f"{chance.getrandbits(256):064x}",
    "16 random digits": _digits(16),
    "loyalty numbers, 16 digits from 9": _checked("9", 16),
    "loyalty numbers, 16 digits from 6": _checked("6", 16),
    "loyalty numbers, 18 digits from 634": _checked("634", 18),
    "order numbers": lambda chance, number: f"2026-{chance.randrange(10**4):04}-{number:08}",
    "order numbers with a store": lambda chance, number: (
        f"S{chance.randrange(9999):04}/{number:010}-{chance.randrange(10)}"
    ),
    "times": _moment,
    "EAN-13": _barcode(13),
    "UPC-A": _barcode(12),
    "GTIN-14": _barcode(14),
    "telephone numbers": lambda chance, _: (
        f"+{chance.randrange(1, 99)} {chance.randrange(10**3):03} {chance.randrange(10**8):08}"
    ),
    "ids of 64 bits": lambda chance, _: str(chance.getrandbits(63)),
}


def _show_taken(taken: dict[str, tuple[int, int, int]], count: int) -> None:
    header = (f"of {count:,}", "in free text", "share", "under card_no", "as transaction_id")
    rows = [
        [name, f"{text:,}", f"{text / count:.3%}", f"{declared:,}", f"{identifier:,}"]
        for name, (text, declared, identifier) in taken.items()
    ]
    note = (
        "In free text it is masked with a warning, under a name that says card it is refused, as an identifier neither."
    )
    table.show("Card data: random ids that are taken for a card", header, rows, note)
