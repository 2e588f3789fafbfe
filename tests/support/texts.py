"""Texts as they lie in a database, for tests that change them there as a disk would, or look for them."""

from contextlib import suppress

from zstandard import ZstdDecompressor, ZstdError

from store_agent.storage import packing, sqlite
from store_agent.storage.packing import pack, unpack

TEXT_BYTES_MAX = 65_536
"""A text that is looked for is shorter."""


def know_texts(raw: sqlite.Connection) -> sqlite.Connection:
    """Let SQL say packed(text) and unpacked(body) on a connection."""
    raw.create_function("packed", 1, pack)
    raw.create_function("unpacked", 1, unpack)
    return raw


def changed(table: str, old: str, new: str, where: str = "true") -> str:
    """Give the statement that changes the texts of `payload` or `batch`; it needs `know_texts`."""
    return (
        f"UPDATE {table} SET body = packed(CAST(replace(CAST(unpacked(body) AS TEXT), '{old}', '{new}') AS BLOB))"
        f" WHERE {where}"
    )


def readable(content: bytes) -> bytes:
    """Give the bytes of a file, and behind them every packed text in it, as whoever has the program can read it."""
    found, mark = [content], packing.pack(b"{}")[:5]
    start = content.find(mark)
    while start >= 0:
        unpacker = ZstdDecompressor(dict_data=packing._WORDS).decompressobj()
        with suppress(ZstdError):
            found.append(unpacker.decompress(content[start + 1 : start + TEXT_BYTES_MAX]))
        start = content.find(mark, start + 1)
    return b"\0".join(found)
