"""Numbers of payment cards, and what stands on their magnetic stripes, found in any text and masked (G16).

A number is one if its length and its first digits are those of a scheme and its check digit is right (ISO/IEC 7812-1,
annex B: Luhn). Ranges are those the schemes publish. Digits of every script count, and blanks, dashes, dots and
characters that are not seen may stand between them. What a number is masked to, the first 6 and the last 4 digits, is
what PCI DSS lets anybody keep (requirement 3.5.1, truncation).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

DIGITS_MIN = 12
DIGITS_MAX = 19
"""Digits of a card number (ISO/IEC 7812-1)."""

FIRST = 6
LAST = 4
"""Digits at either end that stay when a number is masked."""

MASK = "*"

_TELLING = 4
"""First digits that tell which lengths a number can have."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """First digits from and to, and lengths. `seldom` are lengths that hardly a card has, and every barcode.

    They count only where a name says card: one in ten barcodes that begin like a card has the right check digit.
    """

    name: str
    ranges: tuple[tuple[str, str], ...]
    lengths: frozenset[int]
    seldom: frozenset[int] = frozenset()

    def firsts(self) -> Iterator[str]:
        """Give all that its numbers can begin with, at the length that tells schemes apart."""
        for low, high in self.ranges:
            for first in range(int(low.ljust(_TELLING, "0")), int(high.ljust(_TELLING, "9")) + 1):
                yield str(first)


def _each(*prefixes: str) -> tuple[tuple[str, str], ...]:
    return tuple((prefix, prefix) for prefix in prefixes)


_SIXTEEN_UP = frozenset(range(16, 20))

SCHEMES = (
    Scheme("Visa", _each("4"), frozenset({16, 18, 19}), frozenset({13})),
    Scheme("Mastercard", (("51", "55"), ("2221", "2720")), frozenset({16})),
    Scheme("American Express", _each("34", "37"), frozenset({15})),
    Scheme("Discover", (*_each("6011", "65"), ("644", "649")), _SIXTEEN_UP),  # those from 622126 are UnionPay's, too
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


def _lengths(*, declared: bool) -> dict[str, tuple[int, ...]]:
    """Give the lengths that card numbers can have, the longest first, by their first digits."""
    found: dict[str, set[int]] = {}
    for scheme in SCHEMES:
        for first in scheme.firsts():
            found.setdefault(first, set()).update(scheme.lengths, scheme.seldom if declared else ())
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}


_LENGTHS = {declared: _lengths(declared=declared) for declared in (False, True)}

_DOUBLED = str.maketrans("0123456789", "0246813579")
"""Twice a digit, with the two digits of the product added."""

_ZERO = ord("0")

_UNSEEN = "\\x00-\\x1f\\x7f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_BETWEEN = f"\\s._{_UNSEEN}\u2010-\u2015\u2212\ufe58\ufe63\uff0d-"
_RUN = re.compile(rf"\d[\d{_BETWEEN}]{{{DIGITS_MIN - 1},}}+")
_GROUP = re.compile(r"\d+")
_TRACK = re.compile(r"(?<=\d)(?:[\^\uff3e][^\^\uff3e\r\n]{0,40}[\^\uff3e][\d ]{0,60}|[=\uff1ddD]\d{4,60})\??")
"""What is behind the number, on track 1: name, expiry and the rest; on track 2: expiry and the rest (ISO/IEC 7813). D
stands for the separator where a track is written in hexadecimal digits (EMV, tag 57)."""

_BEFORE = re.compile(r"\d(?: ?\d)*\Z")
_BEFORE_LETTERS_MAX = 2 * DIGITS_MAX
"""A number before it, with what else is written before that: a blank may stand between any digits."""

_SENTINEL = frozenset(";\uff1b")
_TRACK_2_REST = re.compile(r".\d\d(?:0[1-9]|1[0-2])\d{3}")
"""Separator, expiry as year and month, service code: what makes a track of an equation if it has no sentinel."""

_IDENTIFIER = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=(?:[0-9df]*[abce]){3})[0-9a-f]{32,})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
"""UUIDs and digests: what looks like a card in one of them is chance. D and F are in tracks, too."""

_MORE = re.compile("[0-9A-Fa-f-]")
"""What stands before or behind a number if it is part of an identifier, which is longer."""

_AROUND = 128
"""Letters on each side that are looked at for an identifier that a number is part of: SHA-512 has 128."""


class Span(NamedTuple):
    """Where something stands in a text, half open."""

    start: int
    end: int


def is_card_number(digits: str, *, declared: bool = False) -> bool:
    """Tell whether digits (0 to 9 only) are a card number; `declared` tells that a name says so."""
    return len(digits) in _LENGTHS[declared].get(digits[:_TELLING], ()) and _luhn(digits)


def find_numbers(text: str, *, declared: bool = False) -> list[Span]:
    """Find card numbers that begin and end with groups of digits, the longest first where several begin together.

    Two may share the last digits of one and the first of the other.
    """
    return list(_each_number(text, declared=declared))


def has_number(text: str, *, declared: bool = False) -> bool:
    """Tell whether there is any."""
    return any(_each_number(text, declared=declared))


def find_tracks(text: str) -> list[Span]:
    """Find data of magnetic stripes, from the card's number to the end."""
    found = ((rest, _before(text, rest.start())) for rest in _TRACK.finditer(text))
    return [Span(start, rest.end()) for rest, start in found if start is not None and _is_track(text, start, rest)]


def mask_text(text: str) -> str:
    """Return a text in which all that was found is masked; what is on a track behind the number goes altogether."""
    tracks = find_tracks(text)
    if tracks:
        text = _mask_tracks(text, tracks)
    numbers = find_numbers(text)
    return mask_numbers(text, numbers) if numbers else text


def mask_numbers(text: str, spans: list[Span]) -> str:
    """Return a text with numbers masked to their first and last digits."""
    letters = list(text)
    for start, end in spans:
        for place in digit_places(text, start, end)[FIRST:-LAST]:
            letters[place] = MASK
    return "".join(letters)


def digit_places(text: str, start: int, end: int) -> list[int]:
    """Return where the digits between two places of a text stand."""
    return [place for place in range(start, end) if text[place].isdecimal()]


def _mask_tracks(text: str, tracks: list[Span]) -> str:
    """Leave of each track only the first digits of its number."""
    letters = list(text)
    for start, end in tracks:
        keep = digit_places(text, start, end)[FIRST]
        letters[keep:end] = MASK * (end - keep)
    return "".join(letters)


def _each_number(text: str, *, declared: bool) -> Iterator[Span]:
    return (
        span
        for run in _RUN.finditer(text)
        for span in _in_run(text, *run.span(), declared=declared)
        if not _is_part_of_identifier(text, span)
    )


def _in_run(text: str, start: int, end: int, *, declared: bool) -> Iterator[Span]:
    groups = [found.span() for found in _GROUP.finditer(text, start, end)]
    if len(groups) > 1:
        yield from _among(text, groups, declared=declared)
    elif is_card_number(_plain(text[slice(*groups[0])]), declared=declared):
        yield Span(*groups[0])


def _among(text: str, groups: list[tuple[int, int]], *, declared: bool) -> Iterator[Span]:
    """Find numbers that are written in several groups, or stand beside others."""
    digits = _plain("".join(text[begin:end] for begin, end in groups))
    lasts = list(accumulate(end - begin for begin, end in groups))
    ends = dict(zip(lasts, (end for _, end in groups), strict=True))
    lengths, sums = _LENGTHS[declared], _sums(digits)
    free = 0
    for first, (begin, _) in zip([0, *lasts], groups, strict=False):
        if first < free:
            continue
        for length in lengths.get(digits[first : first + _TELLING], ()):
            last = first + length
            if last in ends and (sums[last % 2][last] - sums[last % 2][first]) % 10 == 0:
                free = last - LAST
                yield Span(begin, ends[last])
                break


def _before(text: str, end: int) -> int | None:
    """Find where a card number begins that ends here; the longest, if there are several."""
    written = _BEFORE.search(text, max(0, end - _BEFORE_LETTERS_MAX), end)
    if written is None or end - written.start() < DIGITS_MIN:
        return None
    starts = (found.start() for found in _GROUP.finditer(text, written.start(), end))
    return next((start for start in starts if _is_declared(text[start:end])), None)


def _is_declared(written: str) -> bool:
    return is_card_number(_plain(written.replace(" ", "")), declared=True)


def _is_track(text: str, start: int, rest: re.Match[str]) -> bool:
    """Tell a track from an equation."""
    is_first = text[rest.start()] in "^\uff3e"
    return is_first or text[start - 1 : start] in _SENTINEL or _TRACK_2_REST.match(text, rest.start()) is not None


def _is_part_of_identifier(text: str, span: Span) -> bool:
    if not _MORE.match(text, span.end) and not _MORE.match(text, span.start - 1):
        return False
    origin = max(0, span.start - _AROUND)
    around = text[origin : span.end + _AROUND]
    return any(
        found.start() + origin <= span.start and span.end <= found.end() + origin
        for found in _IDENTIFIER.finditer(around)
    )


def _plain(digits: str) -> str:
    """Write digits of any script as 0 to 9."""
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _sums(digits: str) -> tuple[list[int], list[int]]:
    """Add up digits for Luhn's check, those at even places doubled and those at odd places, up to each of them.

    So any part of many digits is checked by two of the sums: by the first two if it ends before an even place.
    """
    once, twice = digits.encode(), digits.translate(_DOUBLED).encode()
    even, odd = bytearray(once), bytearray(once)
    even[::2], odd[1::2] = twice[::2], twice[1::2]
    return _running(even), _running(odd)


def _running(codes: bytearray) -> list[int]:
    return list(accumulate((code - _ZERO for code in codes), initial=0))


def _luhn(digits: str) -> bool:
    doubled = digits[-2::-2].translate(_DOUBLED)
    codes = digits[-1::-2].encode() + doubled.encode()
    return (sum(codes) - _ZERO * len(digits)) % 10 == 0
