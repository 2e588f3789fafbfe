"""All kinds of attack, and what has to be true after each."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.attacks import cards, headers, names, pages, paths, sizes, smuggling, stalls, texts, tokens
from tests.attacks.attempt import Attempt
from tests.attacks.store import Store

AT_ONCE_SECONDS = 2.0
"""A sale afterwards takes milliseconds; a loaded machine that runs tests takes some tenths."""

GROWTH_BYTES_MAX = 48 * 2**20
"""How far the agent's memory may grow over all attacks: 30 MB that came in, were anything of them kept, would show."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`stores`: sales of it are taken, made harmless; of all others nothing may be stored."""

    tries: Callable[[Store], Iterator[Attempt]]
    stores: bool = False


KINDS = {
    "names": Kind(names.rebinding),
    "pages": Kind(pages.pages),
    "tokens": Kind(tokens.tokens),
    "stalls": Kind(stalls.stalls, stores=True),
    "large": Kind(sizes.large),
    "lying": Kind(sizes.lying),
    "smuggling": Kind(smuggling.smuggling),
    "paths": Kind(paths.paths),
    "headers": Kind(headers.headers),
    "texts": Kind(texts.texts, stores=True),
    "cards": Kind(cards.cards, stores=True),
}


def attack(store: Store, chosen: dict[str, Kind]) -> Iterator[Attempt]:
    """Try the kinds one after the other, and look at the agent after each."""
    store.sell("before")
    start = store.memory()
    for name, kind in chosen.items():
        before = _books(store)[0]
        yield from kind.tries(store)
        yield _afterwards(store, name, None if kind.stores else before, start)


def _afterwards(store: Store, name: str, accepted: int | None, start: int) -> Attempt:
    """Hold that a till sells at once, that nothing else was stored, that the books balance and memory is flat."""
    stored, balanced = _books(store)
    began = time.monotonic()
    status = store.sell(f"after {name}")
    took = time.monotonic() - began
    grown = store.memory() - start
    bugs = "api.bug" in store.agent.log.read_text()
    held = {
        f"a sale {status} in {took * 1000:.0f} ms": status == 200 and took < AT_ONCE_SECONDS,
        "books balance" if balanced else "books DO NOT balance": balanced,
        f"memory {grown / 2**20:+.1f} MiB": grown < GROWTH_BYTES_MAX,
        "a bug in the log" if bugs else "no bug in the log": not bugs,
    }
    if accepted is not None:
        held[f"{stored - accepted} stored"] = stored == accepted
    return Attempt(f"after {name}", "what must be true afterwards", ", ".join(held), all(held.values()))


def _books(store: Store) -> tuple[int, bool]:
    outbox = store.agent.status()["outbox"]
    return int(outbox["accepted"]), bool(outbox["balanced"])
