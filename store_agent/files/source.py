"""A file as text, whatever is in it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from store_agent.errors import BadInput

_HEAD_BYTES = 4_096
_BOM = b"\xef\xbb\xbf"

UNREADABLE = "unreadable_file"
"""The code of every refusal of a file that could not be read to its end."""


def is_json(file: BinaryIO) -> bool:
    """Tell whether a file is meant as JSON by its first character; its position stays. Raises BadInput if empty."""
    start = file.tell()
    head = file.read(_HEAD_BYTES).removeprefix(_BOM).lstrip()
    file.seek(start)
    if not head:
        raise BadInput(UNREADABLE, "The file is empty.")
    return head[:1] in b"{["


@contextmanager
def opened_text(file: BinaryIO) -> Iterator[TextIO]:
    """Read a file as UTF-8 with or without a byte order mark, line ends as they are; the file stays open.

    Raises BadInput for what is not UTF-8.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield text
    except UnicodeDecodeError:
        words = "The file is not text in UTF-8. Save it as UTF-8, and a spreadsheet as CSV in UTF-8."
        raise BadInput(UNREADABLE, words) from None
    finally:
        text.detach()
