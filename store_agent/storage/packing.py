"""Texts of sales and of requests as they lie on the disk: packed by zstd with the words that sales are made of.

A sale of 3 KB takes 500 to 800 bytes so, which saves pages to write, encrypt and sync at each commit. The words
(`words_of_sales.txt`) are part of the form: what is packed can only be read with the same ones, so they never change;
better ones would get a mark of their own. A text that is not packed is a JSON object and read as it is, as older
versions stored it.
"""

import threading
from importlib.resources import files

from zstandard import (
    DICT_TYPE_RAWCONTENT,
    ZstdCompressionDict,
    ZstdCompressor,
    ZstdDecompressor,
    ZstdError,
    frame_content_size,
)

TEXT_BYTES_MAX = 268_435_456
"""More than any text has; a packed one that claims more is damaged, and no memory is taken for it."""

_MARK = b"\x01"
_LEVEL = 1

_WORDS = ZstdCompressionDict(
    files(__package__).joinpath("words_of_sales.txt").read_bytes(), dict_type=DICT_TYPE_RAWCONTENT
)
_WORDS.precompute_compress(level=_LEVEL)


class _Tools(threading.local):
    """A thread's own: they keep what they work on."""

    def __init__(self) -> None:
        self.pack = ZstdCompressor(level=_LEVEL, dict_data=_WORDS).compress
        self.unpack = ZstdDecompressor(dict_data=_WORDS).decompress


_tools = _Tools()


def pack(text: bytes) -> bytes:
    """Give what is stored of a text."""
    return _MARK + _tools.pack(text)


def unpack(stored: bytes) -> bytes | None:
    """Give the text of what is stored; None for what is damaged so far that none can be read.

    Whether it is the text that was stored is told by its seal.
    """
    if not stored.startswith(_MARK):
        return stored
    frame = stored[len(_MARK) :]
    try:
        known = 0 <= frame_content_size(frame) <= TEXT_BYTES_MAX
        return _tools.unpack(frame) if known else None
    except ZstdError:
        return None


def packed_size(head: bytes, stored: int) -> int:
    """Give how many bytes a text has by the first 32 of what is stored and their number; 0 if that cannot be read."""
    if not head.startswith(_MARK):
        return stored
    try:
        return max(0, frame_content_size(head[len(_MARK) :]))
    except ZstdError:
        return 0
