"""Which key opens a file, told from its pages before SQLite sees it: one that is only locked must never look damaged.

SQLite says the same of a wrong key and of a damaged beginning ("file is not a database"), and damage is mended by a
salvage, which would set a sound database aside. So nothing is done to a file that another key may open.
"""

from collections import Counter, deque
from itertools import islice
from pathlib import Path

from store_agent.errors import ConfigurationError
from store_agent.storage.cipher import MAGIC, SALT_BYTES, Cipher
from store_agent.storage.key import Keys, fingerprint
from store_agent.storage.marked import fingerprints, is_marked, salts
from store_agent.storage.salvage.pages import Image
from store_agent.storage.salvage.wal import PAGE_BYTES

LOOK_PAGES = 256
"""Pages that are tried with each key; a single one that fits is proof."""

SAME_BYTES_MAX = 64
"""How often one value may be among the 4096 bytes of a page that looks random: 16 times on average, 64 never. A page of
the agent's own has hundreds of zeros, quotes or digits."""


class Locked(ConfigurationError):
    """A file is encrypted with a key that is not at hand. Nothing is wrong with it."""


def key_of(path: Path, keys: Keys, home: Path | None = None) -> str:
    """Give the key of a file, empty for a plain one; of one that is not there the wanted key.

    `home` is the directory whose mark speaks of the file, by default its own. Raises Locked, OSError.
    """
    first = _first_page(path)
    if first.startswith(MAGIC):
        return ""
    sure = next((key for key in keys.known if first and Cipher(key).is_own(first, 1, first[:SALT_BYTES])), None)
    if sure is not None:
        return sure
    with Image(path) as image:
        if not any(True for _ in image.places()):
            return keys.wanted
        if image.page(1).startswith(MAGIC):
            return ""
        home = home or path.parent
        found = next((key for key in keys.known if _opens(key, image, salts(home))), None)
        return _judged(path, image, keys, home) if found is None else found


def is_encrypted(path: Path) -> bool:
    """Tell whether a file looks encrypted, without any key. Raises OSError."""
    if _first_page(path).startswith(MAGIC):
        return False
    with Image(path) as image:
        return _looks_random(image)


def _first_page(path: Path) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as file:
        return file.read(PAGE_BYTES)


def _opens(key: str, image: Image, noted: set[bytes]) -> bool:
    """Tell whether a key fits to any page; page 1 of the file or its journal has the salt, or it was noted."""
    cipher = Cipher(key)
    pages = [(number, image.raw(place)) for number, place in _looked_at(image)]
    possible = noted | {page[:SALT_BYTES] for number, page in pages if number == 1}
    return any(cipher.is_own(page, number, salt) for number, page in pages for salt in possible)


def _looked_at(image: Image) -> list[tuple[int, int]]:
    """Give the places of some pages, the newest in the journal among them."""
    places = image.places()
    return [*islice(places, LOOK_PAGES // 2), *deque(places, LOOK_PAGES // 2)]


def _judged(path: Path, image: Image, keys: Keys, home: Path) -> str:
    """Decide about a file that is neither plain nor opened by any key: it is damaged, or locked."""
    noted = fingerprints(home)
    fits = [key for key in keys.known if fingerprint(key) in noted]
    if fits:
        return fits[0]
    if noted or (not is_marked(home) and _looks_random(image)):
        raise Locked(
            f"{path} is encrypted, and no key fits that the agent was given. Nothing is wrong with the sales in it; "
            "nothing was changed. If it is the store's database, no sale can be taken until the key is back; a backup "
            "may need a former key, or that of the machine it was made on. Put the right key into storage.key_file (a "
            "former one below the first), or let systemd hand it over as the credential storage_key."
        )
    return ""


def _looks_random(image: Image) -> bool:
    pages = [page for _, place in _looked_at(image) if any(page := image.raw(place))]
    return bool(pages) and all(max(Counter(page).values()) <= SAME_BYTES_MAX for page in pages)
