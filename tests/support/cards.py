"""Made-up card numbers: the schemes' published test numbers, and any number of others."""

from collections.abc import Sequence

from hypothesis import strategies as st

VISA = "4111111111111111"
NUMBERS = {
    "Visa": VISA,
    "Visa of 19": "4000000000000000006",
    "Mastercard": "5555555555554444",
    "Mastercard, 2-series": "2223003122003222",
    "American Express": "378282246310005",
    "Discover": "6011111111111117",
    "Diners Club": "30569309025904",
    "Diners Club, 36": "36227206271667",
    "JCB": "3530111333300000",
    "UnionPay": "6240008631401148",
    "Maestro": "6759649826438453",
}

TRACK_1 = f"%B{VISA}^DOE/JOHN^25121010000000000000?"
TRACK_2 = f";{VISA}=25121010000000000000?"

PREFIXES = ("4", "51", "55", "2221", "2720", "34", "37", "6011", "644", "65", "36", "300", "3528", "3589", "62", "5018")
LENGTHS = {"34": (15,), "37": (15,), "36": (14, 16, 19), "300": (14, 16), "4": (16, 18, 19)}


def with_check_digit(digits: str) -> str:
    """Put the digit behind that makes the sum right."""
    return next(digits + last for last in "0123456789" if passes(digits + last))


def passes(digits: str) -> bool:
    """Tell by the book whether a check digit is right: every second digit from the right counts twice."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """Make a number of a scheme."""
    prefix = draw(st.sampled_from(PREFIXES))
    length = draw(st.sampled_from(LENGTHS.get(prefix, (16,))))
    middle = draw(st.text("0123456789", min_size=length - len(prefix) - 1, max_size=length - len(prefix) - 1))
    return with_check_digit(prefix + middle)


SEPARATORS = (
    " ",
    "-",
    ".",
    "\u00a0",
    "\u2009",
    "\u2011",
    "\u2013",
    "\u200b",
    "  ",
    " - ",
    "\t",
    "\n",
    "_",
    "\u200e",
    "\u2066",
    "\ufe0f",
    "\x7f",
)


def apart(digits: str, sizes: Sequence[int], separator: str) -> str:
    """Write digits in groups."""
    parts, place = [], 0
    for size in sizes:
        parts.append(digits[place : place + size])
        place += size
    return separator.join(part for part in [*parts, digits[place:]] if part)


def in_script(digits: str, zero: str) -> str:
    """Write digits in another script, given its zero."""
    return "".join(chr(ord(zero) + int(digit)) for digit in digits)


def escaped(text: str) -> str:
    """Write every letter as an escape of JSON."""
    return "".join(f"\\u{ord(letter):04x}" for letter in text)
