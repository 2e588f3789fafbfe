"""Keeps card data out: what a caller sends is screened before anything reads it as what it is (G16)."""

import asyncio
import json
import re
from urllib.parse import parse_qs, unquote

from store_agent.domain.card_data import CODE, CardRules, Screened, screen
from store_agent.domain.card_names import exempt
from store_agent.domain.events import Event, Tell
from store_agent.domain.jsontext import read_text
from store_agent.errors import BadInput

TOLD_MAX = 100
"""Fields that are told of once each, in one run: with more of them, the POS is wrong altogether."""

AT_ONCE_BYTES_MAX = 16_384
"""A sale's body is looked at within a millisecond. Larger ones go to a thread: 256 KiB that are full of digits take
some tenths of a second, and nobody else has to wait for that."""

_PATH = CardRules(exempt(["path"]))
"""The parts of a path are identifiers, of which only tracks are no good."""

_CURE = "Whoever looks after the POS has to make it leave that out."
_POSITION = re.compile(r"(?<=\.)\d+(?=\.|$)")


class CardGuard:
    """Screens bodies and queries by rules; tells once of each field that held card data, never what it held."""

    def __init__(self, rules: CardRules, tell: Tell) -> None:
        self._rules = rules
        self._strict = CardRules(rules.exempt, strict=True)
        self._tell = tell
        self._told: set[tuple[str, str]] = set()

    async def screen(self, body: bytes) -> Screened:
        """Return a body as it may be kept, with numbers masked. Raises BadInput `card_data` or `invalid_json`."""
        try:
            screened = await _looked(body, self._rules)
        except BadInput as problem:
            self._say_refused(problem)
            raise
        for where in map(_everywhere, screened.masked):
            words = f"{where}: what looked like a card number was masked before anything was stored or sent. {_CURE}"
            self._tell_once(Event("card_data.masked", words, {"path": where}))
        return screened

    async def refuse(self, body: bytes) -> None:
        """Refuse a body with any card data. Raises BadInput `card_data` or `invalid_json`.

        This is for what people type and programs manage: no sale is lost, and a name or a reason that was changed
        in silence would mislead.
        """
        await self._refuse(body, self._strict)

    async def refuse_path(self, path: bytes) -> None:
        """Refuse a path with the data of a track, which a swiped card puts there. Raises BadInput `card_data`."""
        await self._refuse(json.dumps({"path": unquote(path)}).encode(), _PATH)

    async def refuse_query(self, query: bytes) -> None:
        """Refuse a query with any card data: an address cannot be masked. Raises BadInput `card_data`."""
        if query:
            asked = parse_qs(query.decode("latin-1"), keep_blank_values=True)
            await self.refuse(json.dumps({name: " ".join(values) for name, values in asked.items()}).encode())

    async def _refuse(self, body: bytes, rules: CardRules) -> None:
        try:
            await _looked(body, rules)
        except BadInput as problem:
            self._say_refused(problem)
            raise

    def _say_refused(self, problem: BadInput) -> None:
        for field in problem.fields if problem.code == CODE else ():
            where = _everywhere(field.path)
            words = f"{where}: a request was refused, since this field {field.message}. {_CURE}"
            self._tell_once(Event("card_data.refused", words, {"path": where}))

    def _tell_once(self, event: Event) -> None:
        key = (event.name, event.details["path"])
        if key not in self._told and len(self._told) < TOLD_MAX:
            self._told.add(key)
            self._tell(event)


async def _looked(body: bytes, rules: CardRules) -> Screened:
    if len(body) <= AT_ONCE_BYTES_MAX:
        return _screen(body, rules)
    return await asyncio.to_thread(_screen, body, rules)


def _screen(body: bytes, rules: CardRules) -> Screened:
    """Screen what is UTF-8, as JSON must be (RFC 8259, section 8.1): some readers take other encodings, too."""
    if b"\0" in body:
        raise BadInput("invalid_json", "The body is not JSON in UTF-8.")
    read_text(body)
    return screen(body, rules)


def _everywhere(path: str) -> str:
    """Write a path for all positions in its lists."""
    return _POSITION.sub("*", path)
