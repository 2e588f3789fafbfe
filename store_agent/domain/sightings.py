"""How often sales named what is not known, as far back as there is room for."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from store_agent.domain.named import moment_of
from store_agent.domain.transaction import Sale

COUNTED_MAX = 10_000
"""Namings remembered so that a sale counts once, however often it is updated; about 2 MB."""


@dataclass(slots=True)
class Sighting:
    """How many sales named one thing. Times are milliseconds since 1970; `moment` is what the last sale says itself."""

    key: str
    first_at: int
    last_at: int
    moment: str | None = None
    sales: int = 0


class Sightings:
    """What sales named last, up to `keys_max` things."""

    def __init__(self, keys_max: int) -> None:
        self._keys_max = keys_max
        self._seen: OrderedDict[str, Sighting] = OrderedDict()
        self._counted: OrderedDict[tuple[str, str], None] = OrderedDict()

    def note(self, key: str, sale: Sale, now: int) -> None:
        """Count a sale; later states of the same sale count no more."""
        seen = self._seen.setdefault(key, Sighting(key, now, now))
        seen.last_at, seen.moment = now, moment_of(sale)
        naming = (key, sale.transaction_id)
        seen.sales += naming not in self._counted
        self._counted[naming] = None
        _keep_last(self._seen, key, self._keys_max)
        _keep_last(self._counted, naming, COUNTED_MAX)

    def forget(self, keys: Iterable[str]) -> None:
        """Take off the list what is known by now; what is not known again later counts anew."""
        gone = {key for key in keys if self._seen.pop(key, None)}
        if gone:
            self._counted = OrderedDict.fromkeys(naming for naming in self._counted if naming[0] not in gone)

    def all(self) -> list[Sighting]:
        """List them, those of the most sales first."""
        return sorted(self._seen.values(), key=lambda seen: (-seen.sales, seen.key))


def _keep_last(entries: OrderedDict[Any, Any], newest: Any, size: int) -> None:
    entries.move_to_end(newest)
    if len(entries) > size:
        entries.popitem(last=False)
