"""The keys of payments: unique within a transaction, whatever the POS calls them."""

from collections.abc import Iterable


def payment_keys(names: Iterable[str]) -> tuple[str, ...]:
    """Give the keys of a transaction's payments by their ids, in order."""
    seen: set[str] = set()
    return tuple(payment_key(name, seen) for name in names)


def payment_key(name: str, seen: set[str]) -> str:
    """Give a key that is not among those `seen`: the id, or the id with a number where it is missing or used twice."""
    number, key = 1, name
    while not key or key in seen:
        key = f"{name}#{number}"
        number += 1
    seen.add(key)
    return key
