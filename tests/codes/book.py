"""What tills were told of receipt codes, and whether it fits together: each code once, each the same for ever."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

VIOLATIONS_MAX = 100
"""What is wrong is told so often; one would be enough."""

Owner = tuple[str, str | None]
"""The transaction and the payment, None for the whole, that a code was first answered for."""


class Book:
    """Hears of every answer, from many threads. `violations` says what does not fit together."""

    def __init__(self) -> None:
        self.codes: dict[Owner, str] = {}
        self.owners: dict[str, Owner] = {}
        self.violations: list[str] = []
        self.counts: Counter[str] = Counter()
        self.changed = threading.Condition()

    def answered(self, kind: str, transaction_id: str, receipts: Iterable[Mapping[str, Any]]) -> None:
        """Note the codes of an answer, and hold them against all answers before."""
        with self.changed:
            self.counts[kind] += 1
            for receipt in receipts:
                self._note((transaction_id, receipt["payment_id"]), receipt["code"])
            self.changed.notify_all()

    def differs(self, what: str) -> None:
        """Note an answer that is not the one given before."""
        with self.changed:
            self._violated(what)

    @property
    def answers(self) -> int:
        """How many there were."""
        return self.counts.total()

    def _note(self, owner: Owner, code: str) -> None:
        if (before := self.codes.setdefault(owner, code)) != code:
            self._violated(f"{owner} had {before} and now has {code}")
        if (first := self.owners.setdefault(code, owner)) != owner:
            self._violated(f"{code} belongs to {first} and to {owner}")

    def _violated(self, what: str) -> None:
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(what)
