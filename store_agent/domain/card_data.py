"""Card data in a request: refused where it can be nothing else, masked where it may be a false alarm (G16).

Refused are tracks wherever they stand, security codes, and numbers under a name that says card. Any other number is
masked to its first 6 and last 4 digits in the text as it was sent, before anything else reads it: no other byte
changes (G7), and the same request again gives the same text again (G9). Nothing is derived from the whole number. A
digest of it beside the masked text would give it away, since only six digits or so are to be guessed.

Nearly every request holds nothing like it and costs one pass over its bytes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum

from store_agent.domain.card_names import Exempt, Path, says_card, says_security_code
from store_agent.domain.card_numbers import (
    DIGITS_MAX,
    DIGITS_MIN,
    FIRST,
    LAST,
    MASK,
    find_numbers,
    find_tracks,
    has_number,
    is_card_number,
    mask_numbers,
    mask_text,
)
from store_agent.domain.card_text import LONG, Token, tokens
from store_agent.domain.jsontext import clip
from store_agent.domain.plain import plain
from store_agent.domain.transaction import SaleWarning
from store_agent.errors import BadInput, FieldError

FIELDS_MAX = 20
"""Fields that an answer names: one cause often repeats in every line."""

WARNED_MAX = 1_000
"""Fields of a call that are warned of, since each warning is longer than a number: all of them are masked."""

CODE = "card_data"

SALES = "request_payload.transactions."
"""Where the sales of a batch call stand."""

_MASKED = (
    "This looks like the number of a payment card; it was stored and is sent with its first 6 and last 4 digits only. "
    "If it is none, card_data.exempt can name the field."
)

_FLAT = bytes.maketrans(b"123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"000000000abcdefghijklmnopqrstuvwxyz")
_BETWEEN = b" \t\r\n\x7f._-"
"""What may stand between digits, and between the words of a name."""

_BEYOND = _BETWEEN + bytes(range(0x80, 0x100))
"""The same where there are letters beyond ASCII: blanks, dashes and what is not seen are among them."""

_ANYWHERE = b"0" * 14
_DECLARED = b"0" * DIGITS_MIN
"""The fewest digits of a number without a name that says card, and with one."""

_CARD_NAMES = tuple(
    re.compile(word + rb'[a-z0]{0,32}":')
    for word in (b"card", b"pan", b"cc", b"account", b"track", b"stripe", b"swipe")
)
_TRACKS = tuple(_DECLARED + sign for sign in (b"=", b"d0", b"^"))
_EXPONENTS = (b"0" * LONG + b"e0", b"0" * LONG + b"e+")
_CODE_NAMES = (b"cv", b"cav", b'csc"', b"cid", b"security", b"verification", b"validation")
_ESCAPE = re.compile(
    rb"\\(?:(?:(?<=[0-9]\\)|(?<=[0-9][ .-]\\)|(?<=[0-9][ .-]{2}\\))[bfnrt]"
    rb"|u(?:00(?:[01]|2[0dDeE]|3[0-9bBdD]|[4-7]|85|[aA][0dD])|0[6-9a-fA-F]|[1-9a-fA-F]))"
)
"""What may hide a digit, a letter of a name or what stands between digits: no digit has a code from 80 to 65F.

It looks at backslashes only, of which there are few; a pattern that begins with a digit looks at every price.
"""

_OTHER_SCRIPT = re.compile(rb"[\xd9-\xf4]")
"""Begins letters from U+0640 on; the first digits of other scripts are among them."""

_SECURITY_CODE = re.compile(r"\s*\d{3,4}\s*")
_DIGITS = re.compile(rf"\d(?:\D*\d){{{DIGITS_MIN - 1}}}")
_SECURITY_NUMBER = re.compile(r"\d{2,4}")
"""A number has lost the zeros that its code began with."""


class Kind(Enum):
    """What was found, in the words of an answer."""

    TRACK = "holds the data of a card's magnetic stripe"
    SECURITY_CODE = "holds the security code of a payment card"
    DECLARED = "holds the number of a payment card"
    NUMBER = "holds what looks like the number of a payment card"


@dataclass(frozen=True, slots=True)
class Found:
    """Card data from start to end of a text, and what is put there instead."""

    kind: Kind
    path: Path
    start: int
    end: int
    masked: str


@dataclass(frozen=True, slots=True)
class CardRules:
    """Which fields hold identifiers, and whether what would be masked is refused."""

    exempt: Exempt
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Screened:
    """A request without card data, and the fields in which a number was masked."""

    body: bytes
    masked: tuple[str, ...] = ()


def screen(body: bytes, rules: CardRules) -> Screened:
    """Return a request as it may be kept. Raises BadInput `card_data`, which names fields and repeats no value."""
    found, text = _search(body, rules.exempt)
    refused = [one for one in found if rules.strict or one.kind is not Kind.NUMBER]
    if refused:
        raise refusal(refused)
    if not found:
        return Screened(body)
    paths = dict.fromkeys(_shown(one.path) for one in found[:WARNED_MAX])
    return Screened(_replaced(text, found).encode(), tuple(paths))


def mask_warnings(paths: Iterable[str], at: str) -> list[SaleWarning]:
    """Warn of what was masked in one sale of a request, or beside its sales; `at` is its path with a trailing dot."""
    return [
        SaleWarning("card_number_masked", _MASKED, path)
        for path in paths
        if path.startswith(at) or not path.startswith(SALES)
    ]


def masked(body: bytes, exempt: Exempt) -> bytes:
    """Return JSON in which everything that was found is masked: for what must not be refused."""
    found, text = _search(body, exempt)
    return _replaced(text, found).encode() if found else body


def refusal(found: list[Found]) -> BadInput:
    """Give what to raise."""
    kinds = list(dict.fromkeys((one.path, one.kind) for one in found))[:FIELDS_MAX]
    fields = tuple(FieldError(_shown(path), kind.value) for path, kind in kinds)
    first = fields[0]
    message = (
        f"{first.path} {first.message}; nothing was stored. Card data must not leave the payment terminal: the POS has "
        "to send no more than the first 6 and the last 4 digits, or a token."
    )
    return BadInput(CODE, message, fields=fields)


def _shown(path: Path) -> str:
    """Write a path with dots; a name may be a card number itself."""
    return ".".join(clip(plain(mask_text(part))) if isinstance(part, str) else str(part) for part in path) or "body"


def find_card_data(text: str, exempt: Exempt) -> Iterator[Found]:
    """Find card data in JSON, with every text and number looked at."""
    for token in tokens(text):
        found = _look_at_text(text, token, exempt) if token.is_text else _look_at_number(text, token, exempt)
        if found is not None:
            yield found


def _search(body: bytes, exempt: Exempt) -> tuple[list[Found], str]:
    """Find card data; what is not UTF-8 is no JSON and is refused by whoever reads it."""
    if not _is_suspect(body):
        return [], ""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return [], ""
    return list(find_card_data(text, exempt)), text


def _is_suspect(body: bytes) -> bool:
    """Tell whether a request is worth reading token by token."""
    flat = body.translate(_FLAT, _BETWEEN if body.isascii() else _BEYOND)
    if _has_any(flat, _CODE_NAMES) or (b"\\" in body and _ESCAPE.search(body)):
        return True
    if not body.isascii() and _OTHER_SCRIPT.search(body) and _has_other_digits(body):
        return True
    if _DECLARED not in flat:
        return False
    declared = any(name.search(flat) for name in _CARD_NAMES)
    if _has_any(flat, _TRACKS) or _has_any(flat, _EXPONENTS):
        return True
    return (declared or _ANYWHERE in flat) and has_number(body.decode(errors="replace"), declared=declared)


def _has_other_digits(body: bytes) -> bool:
    """Tell whether there are digits of other scripts."""
    return any(letter.isdecimal() for letter in set(body.decode(errors="replace")) if not letter.isascii())


def _has_any(flat: bytes, signs: tuple[bytes, ...]) -> bool:
    return any(sign in flat for sign in signs)


def _replaced(text: str, found: list[Found]) -> str:
    parts, end = [], 0
    for one in found:
        parts += [text[end : one.start], one.masked]
        end = one.end
    return "".join([*parts, text[end:]])


def _look_at_text(text: str, token: Token, exempt: Exempt) -> Found | None:
    value = token.read(text)
    if not token.is_name and _SECURITY_CODE.fullmatch(value) and says_security_code(token.names):
        return _found(text, token, Kind.SECURITY_CODE, MASK * len(value))
    if len(value) < DIGITS_MIN or not _DIGITS.search(value):
        return None
    if find_tracks(value):
        return _found(text, token, Kind.TRACK, mask_text(value))
    if exempt.has(token.path):
        return None
    declared = not token.is_name and says_card(token.names)
    numbers = find_numbers(value, declared=declared)
    kind = Kind.DECLARED if declared else Kind.NUMBER
    return _found(text, token, kind, mask_numbers(value, numbers)) if numbers else None


def _look_at_number(text: str, token: Token, exempt: Exempt) -> Found | None:
    written = text[token.start : token.end]
    if _SECURITY_NUMBER.fullmatch(written) and says_security_code(token.names):
        return _found(text, token, Kind.SECURITY_CODE, "0")
    if len(written) < LONG:
        return None
    digits = _whole_digits(written)
    declared = says_card(token.names)
    if not is_card_number(digits, declared=declared) or exempt.has(token.path):
        return None
    return _found(text, token, Kind.DECLARED if declared else Kind.NUMBER, _masked_number(written, digits))


def _found(text: str, token: Token, kind: Kind, masked: str) -> Found:
    instead = token.replaced(text, masked) if token.is_text else masked
    return Found(kind, token.path, token.start, token.end, instead)


def _whole_digits(written: str) -> str:
    """Return the digits of a number's whole part, however it is written; empty if they are too many or few."""
    try:
        number = Decimal(written).copy_abs()
    except InvalidOperation:
        return ""
    if not number.is_finite() or not DIGITS_MIN <= number.adjusted() + 1 <= DIGITS_MAX:
        return ""
    return str(int(number))


def _masked_number(written: str, digits: str) -> str:
    """Write a number with zeros between its first and last digits: it stays a number, and becomes no other card's."""
    middle = len(digits) - FIRST - LAST
    fill = "0" * middle
    if is_card_number(f"{digits[:FIRST]}{fill}{digits[-LAST:]}", declared=True):
        fill = "1" + fill[1:]
    letters, seen = list(written), 0
    for place, letter in enumerate(written):
        if letter in "eE":
            break
        if letter.isdecimal() and (seen or letter != "0"):
            if FIRST <= seen < FIRST + middle:
                letters[place] = fill[seen - FIRST]
            seen += 1
    return "".join(letters)
