"""Cells and records as they stand in pages (sqlite.org/fileformat2, sections 1.6 and 2.1)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

Value = int | str | bytes | None

LEAF_TABLE, LEAF_INDEX, INNER_TABLE, INNER_INDEX = 0x0D, 0x0A, 0x05, 0x02
KINDS = (LEAF_TABLE, LEAF_INDEX, INNER_TABLE, INNER_INDEX)

RECORD_BYTES_MAX = 64 * 1_048_576
"""No record of the agent is as large; a length beyond is damage."""

COLUMNS_MAX = 200

_HEADER_BYTES = {LEAF_TABLE: 8, LEAF_INDEX: 8, INNER_INDEX: 12}
_LENGTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)
_CONSTANTS = {8: 0, 9: 1}
_FLOAT, _FIRST_BLOB = 7, 12


class Record(NamedTuple):
    """A row: its rowid (None in trees without) and its values."""

    rowid: int | None
    values: tuple[Value, ...]


def cells(page: bytes, number: int, kind: int) -> Iterator[int]:
    """Give where the cells of a page begin that hold records; `kind` is what the page is taken for."""
    start = 100 if number == 1 else 0
    header = _HEADER_BYTES.get(kind)
    if header is None:
        return
    first = start + header
    count = min(int.from_bytes(page[start + 3 : start + 5], "big"), (len(page) - first) // 2)
    for place in range(first, first + 2 * count, 2):
        position = int.from_bytes(page[place : place + 2], "big") + (4 if kind == INNER_INDEX else 0)
        if first <= position < len(page):
            yield position


def read_cell(page: bytes, position: int, page_of: Callable[[int], bytes], *, has_rowid: bool) -> Record | None:
    """Read the cell at a position; `page_of` gives pages where it goes on. None if there is no record.

    What stood on a page that cannot be read any more is NULL.
    """
    size, position = _varint(page, position)
    rowid = None
    if has_rowid:
        rowid, position = _varint(page, position)
    if not 0 < size <= RECORD_BYTES_MAX:
        return None
    local = _local(size, len(page), has_rowid=has_rowid)
    payload = page[position : position + local]
    if len(payload) < local:
        return None
    if local < size:
        following = int.from_bytes(page[position + local : position + local + 4], "big")
        payload += b"".join(_overflow(following, size - local, page_of))
    values = _values(payload, size)
    return None if values is None else Record(None if rowid is None else _signed(rowid), values)


def _local(size: int, usable: int, *, has_rowid: bool) -> int:
    """Give how much of a record stands in its own page, of which `usable` bytes can hold something."""
    most = usable - 35 if has_rowid else (usable - 12) * 64 // 255 - 23
    if size <= most:
        return size
    least = (usable - 12) * 32 // 255 - 23
    kept = least + (size - least) % (usable - 4)
    return kept if kept <= most else least


def _overflow(number: int, left: int, page_of: Callable[[int], bytes]) -> Iterator[bytes]:
    while left > 0 and number > 0:
        page = page_of(number)
        part = page[4 : 4 + left]
        yield part
        left -= len(part)
        number = int.from_bytes(page[:4], "big")


def _values(payload: bytes, size: int) -> tuple[Value, ...] | None:
    """Read the values; None unless header and values together are exactly as long as they should be."""
    position, place = _varint(payload, 0)
    header_size = position
    parts: list[tuple[int, int, int]] = []
    while place < header_size and len(parts) < COLUMNS_MAX:
        kind, place = _varint(payload, place)
        end = position + ((kind - _FIRST_BLOB) // 2 if kind >= _FIRST_BLOB else _LENGTHS[kind])
        parts.append((kind, position, end))
        position = end
    if place != header_size or position != size:
        return None
    return tuple(_value(*part, payload) for part in parts)


def _value(kind: int, start: int, end: int, payload: bytes) -> Value:
    if kind >= _FIRST_BLOB:
        data = payload[start:end]
        if len(data) < end - start:
            return None
        return data.decode(errors="replace") if kind % 2 else data
    if start < end <= len(payload) and kind != _FLOAT:
        return int.from_bytes(payload[start:end], "big", signed=True)
    return _CONSTANTS.get(kind)


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Read a number of 1 to 9 bytes; gives where it ends, too. Beyond the end there are zeros."""
    if position < len(data) and data[position] < 0x80:  # noqa: PLR2004 - the highest bit says that another byte follows
        return data[position], position + 1
    value = 0
    for count in range(1, 10):
        byte = data[position] if position < len(data) else 0
        position += 1
        if count == 9:  # noqa: PLR2004 - the ninth byte counts whole
            return value << 8 | byte, position
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 - as above
            break
    return value, position


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number
