"""Texts as they lie in a database, for tests that change them there as a disk would."""

from store_agent.storage import sqlite
from store_agent.storage.packing import pack, unpack


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
