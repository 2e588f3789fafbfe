"""What a printer says of itself while it prints: the real-time status of ESC/POS (DLE EOT n)."""

ASK = b"\x10\x04\x01\x10\x04\x02\x10\x04\x04"
"""DLE EOT 1, 2 and 4: the printer, why it is offline, the paper sensors. One byte of answer each."""

ANSWER_BYTES = 3

_FIXED_BITS, _FIXED = 0x93, 0x12
"""Bits that are the same in each answer: 0, 1, 4 and 7."""

_OFFLINE, _COVER_OPEN, _PAPER_STOP, _ERROR, _PAPER_END = 0x08, 0x04, 0x20, 0x40, 0x60


def is_status(answer: bytes) -> bool:
    """Tell whether an answer is one to ASK, and nothing else that a printer sends."""
    return len(answer) == ANSWER_BYTES and all(byte & _FIXED_BITS == _FIXED for byte in answer)


def trouble_in(answer: bytes, name: str) -> str:
    """Say for a cashier why a printer cannot print, by its answer to ASK; empty if it can."""
    state, cause, paper = answer
    if paper & _PAPER_END or cause & _PAPER_STOP:
        return f"The printer {name} is out of paper: put in a new roll."
    if cause & _COVER_OPEN:
        return f"The cover of the printer {name} is open: close it."
    if cause & _ERROR:
        return f"The printer {name} shows an error: look for a paper jam, then switch it off and on."
    if state & _OFFLINE:
        return f"The printer {name} is offline: look at its lights, and switch it off and on."
    return ""
