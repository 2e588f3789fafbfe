"""Numbers of payment cards, and what stands on their magnetic stripes, found in any text and masked (G16).

A number is one if its length and its first digits are those of a scheme and its check digit is right (ISO/IEC 7812-1,
annex B: Luhn). Ranges are those the schemes publish. Digits of every script count, and blanks, dashes, dots and
characters that are not seen may stand between them. What a number is masked to, the first 6 and the last 4 digits, is
what PCI DSS lets anybody keep (requirement 3.5.1, truncation).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

DIGITS_MIN = 12
DIGITS_MAX = 19
"""Digits of a card number (ISO/IEC 7812-1)."""

FIRST = 6
LAST = 4
"""Digits at either end that stay when a number is masked."""

MASK = "*"


@dataclass(frozen=True, slots=True)
class Scheme:
    """First digits from and to, and lengths. `seldom` are lengths that hardly a card has, and every barcode.

    They count only where a name says card: one in ten barcodes that begin like a card has the right check digit.
    """

    name: str
    ranges: tuple[tuple[str, str], ...]
    lengths: frozenset[int]
    seldom: frozenset[int] = frozenset()

    def lengths_of(self, first: str, *, declared: bool) -> frozenset[int]:
        """Give the lengths that a number beginning with these digits can have."""
        if not any(low <= first[: len(low)] <= high for low, high in self.ranges):
            return frozenset()
        return self.lengths | self.seldom if declared else self.lengths


def _each(*prefixes: str) -> tuple[tuple[str, str], ...]:
    return tuple((prefix, prefix) for prefix in prefixes)


_SIXTEEN_UP = frozenset(range(16, 20))

SCHEMES = (
    Scheme("Visa", _each("4"), frozenset({16, 18, 19}), frozenset({13})),
    Scheme("Mastercard", (("51", "55"), ("2221", "2720")), frozenset({16})),
    Scheme("American Express", _each("34", "37"), frozenset({15})),
    Scheme("Discover", (*_each("6011", "65"), ("622126", "622925"), ("644", "649")), _SIXTEEN_UP),
    Scheme("Diners Club", (*_each("3095", "36"), ("300", "305"), ("38", "39")), frozenset(range(14, 20))),
    Scheme("JCB", (("3528", "3589"),), _SIXTEEN_UP),
    Scheme("UnionPay", (*_each("62"), ("8100", "8171")), _SIXTEEN_UP),
    Scheme(
        "Maestro",
        (*_each("5018", "5020", "5038", "6304", "6390", "6759"), ("56", "58"), ("6761", "6763")),
        _SIXTEEN_UP,
        frozenset(range(12, 16)),
    ),
)

_DOUBLED = str.maketrans("0123456789", "0246813579")
"""Twice a digit, with the two digits of the product added."""

_ZERO = ord("0")

_BETWEEN = "\\s._\u00ad\u2010-\u2015\u2212\u200b-\u200d\u2060\ufe58\ufe63\uff0d\ufeff-"
_RUN = re.compile(rf"\d[\d{_BETWEEN}]{{{DIGITS_MIN - 1},}}+")
_GROUP = re.compile(r"\d+")
_TRACK = re.compile(
    rf"(?<!\d)(?P<number>\d(?:[ ]?\d){{{DIGITS_MIN - 1},{DIGITS_MAX - 1}}})"
    rf"(?:[\^\uff3e][^\^\uff3e\r\n]{{0,40}}[\^\uff3e][\d ]{{0,60}}|[=\uff1ddD]\d{{4,60}})\??"
)
"""Track 1: number, name, expiry and the rest. Track 2: number, expiry and the rest (ISO/IEC 7813); D stands for the
separator where a track is written in hexadecimal digits (EMV, tag 57)."""

_SENTINEL = frozenset(";\uff1b")
_TRACK_2_REST = re.compile(r".\d\d(?:0[1-9]|1[0-2])\d{3}")
"""Separator, expiry as year and month, service code: what makes a track of an equation if it has no sentinel."""

_IDENTIFIER = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=(?:[0-9df]*[abce]){3})[0-9a-f]{32,})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
"""UUIDs and digests: what looks like a card in one of them is chance. D and F are in tracks, too."""

_AROUND = 128
"""Letters on each side that are looked at for an identifier that a number is part of: SHA-512 has 128."""


class Span(NamedTuple):
    """Where something stands in a text, half open."""

    start: int
    end: int


def is_card_number(digits: str, *, declared: bool = False) -> bool:
    """Tell whether digits (0 to 9 only) are a card number; `declared` tells that a name says so."""
    return len(digits) in _lengths(digits[:FIRST], declared) and _luhn(digits)


def find_numbers(text: str, *, declared: bool = False) -> list[Span]:
    """Find card numbers that begin and end with groups of digits, the longest first where several begin together.

    Two may share the last digits of one and the first of the other.
    """
    return [
        span
        for run in _RUN.finditer(text)
        for span in _in_run(text, *run.span(), declared=declared)
        if not _is_part_of_identifier(text, span)
    ]


def find_tracks(text: str) -> list[Span]:
    """Find data of magnetic stripes, from the card's number to the end."""
    return [Span(*found.span()) for found in _TRACK.finditer(text) if _is_track(text, found)]


def mask_text(text: str) -> str:
    """Return a text in which all that was found is masked; what is on a track behind the number goes altogether."""
    tracks = find_tracks(text)
    for start, end in tracks:
        text = mask_track(text, start, end)
    numbers = find_numbers(text)
    return mask_numbers(text, numbers) if numbers else text


def mask_numbers(text: str, spans: list[Span]) -> str:
    """Return a text with numbers masked to their first and last digits."""
    letters = list(text)
    for start, end in spans:
        for place in digit_places(text, start, end)[FIRST:-LAST]:
            letters[place] = MASK
    return "".join(letters)


def mask_track(text: str, start: int, end: int) -> str:
    """Return a text in which of a track only the first digits of its number are left."""
    keep = digit_places(text, start, end)[FIRST]
    return text[:keep] + MASK * (end - keep) + text[end:]


def digit_places(text: str, start: int, end: int) -> list[int]:
    """Return where the digits between two places of a text stand."""
    return [place for place in range(start, end) if text[place].isdecimal()]


def _in_run(text: str, start: int, end: int, *, declared: bool) -> Iterator[Span]:
    groups = [found.span() for found in _GROUP.finditer(text, start, end)]
    if len(groups) > 1:
        yield from _among(text, groups, declared=declared)
    elif is_card_number(_plain(text[slice(*groups[0])]), declared=declared):
        yield Span(*groups[0])


def _among(text: str, groups: list[tuple[int, int]], *, declared: bool) -> Iterator[Span]:
    """Find numbers that are written in several groups, or stand beside others."""
    places = [place for begin, end in groups for place in range(begin, end)]
    digits = _plain("".join(text[begin:end] for begin, end in groups))
    begins, ends = {begin for begin, _ in groups}, {end for _, end in groups}
    free = 0
    for first, place in enumerate(places):
        if place not in begins or first < free:
            continue
        for length in _lengths(digits[first : first + FIRST], declared):
            last = first + length
            if last <= len(places) and places[last - 1] + 1 in ends and _luhn(digits[first:last]):
                free = last - LAST
                yield Span(place, places[last - 1] + 1)
                break


def _is_track(text: str, found: re.Match[str]) -> bool:
    number = _plain(found["number"].replace(" ", ""))
    if not is_card_number(number, declared=True):
        return False
    rest = found.end("number")
    before = text[found.start() - 1 : found.start()]
    return text[rest] in "^\uff3e" or before in _SENTINEL or _TRACK_2_REST.match(text, rest) is not None


def _is_part_of_identifier(text: str, span: Span) -> bool:
    origin = max(0, span.start - _AROUND)
    around = text[origin : span.end + _AROUND]
    return any(
        found.start() + origin <= span.start and span.end <= found.end() + origin
        for found in _IDENTIFIER.finditer(around)
    )


@lru_cache(maxsize=1_024)
def _lengths(first: str, declared: bool) -> tuple[int, ...]:  # noqa: FBT001 - a key of the cache
    """Give the lengths that card numbers beginning with these digits can have, the longest first."""
    found = {length for scheme in SCHEMES for length in scheme.lengths_of(first, declared=declared)}
    return tuple(sorted(found, reverse=True))


def _plain(digits: str) -> str:
    """Write digits of any script as 0 to 9."""
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _luhn(digits: str) -> bool:
    doubled = digits[-2::-2].translate(_DOUBLED)
    codes = digits[-1::-2].encode() + doubled.encode()
    return (sum(codes) - _ZERO * len(digits)) % 10 == 0
