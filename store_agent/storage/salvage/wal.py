"""The write-ahead log, read frame by frame (sqlite.org/fileformat2, section 4).

SQLite stops at the first frame whose checksum is wrong and forgets all commits behind it without a word. That is right
for the torn tail that a power cut leaves, and a silent loss if a byte of a synced commit has changed. The two are told
apart by what follows: every commit is synced before the next one is written (`synchronous=FULL`), so that only the
last one can be torn. A change of a single byte is recognised, and undone, by the checksum itself, which no half-written
frame fits; so damage is found in the last commit too.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

PAGE_BYTES = 4_096
"""SQLite's default, which every database of the agent has."""

_MAGIC = 0x377F0682
_BEGINNINGS = {(_MAGIC, 3_007_000, PAGE_BYTES), (_MAGIC + 1, 3_007_000, PAGE_BYTES)}
_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_FRAME_BYTES = _FRAME_HEADER_BYTES + PAGE_BYTES
_MASK = 0xFFFFFFFF

_DAMAGED = "The journal of the database is damaged; SQLite would drop the commits behind that without a word."

Sums = tuple[int, int]


class Frame(NamedTuple):
    """A page as it was written. `content` is set where a changed byte was put right, else it is in the file.

    `size` is the number of pages of the database if the frame ends a commit, else 0. `sound` tells that its content
    is known to be what was written, `changed` that one byte of the frame has changed since.
    """

    number: int
    size: int
    offset: int
    sound: bool = True
    changed: bool = False
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Wal:
    """What was committed, in order, and what is wrong with it (empty if nothing is).

    `blind` tells that a frame is lost of which not even the page number can be read.
    """

    frames: tuple[Frame, ...] = ()
    damage: str = ""
    blind: bool = False

    @property
    def pages(self) -> int | None:
        """The number of pages of the database after the last commit, as far as that can be read."""
        if not self.frames:
            return None
        place, size = next(
            ((place, frame.size) for place, frame in reversed([*enumerate(self.frames)]) if frame.size and frame.sound),
            (0, 0),
        )
        return max(size, *(frame.number for frame in self.frames[place:] if frame.sound), 1)


def read_wal(path: Path) -> Wal:
    """Read the log at `path`; one that is missing or empty has no frames. Raises OSError."""
    if not path.exists() or path.stat().st_size < _HEADER_BYTES + _FRAME_BYTES:
        return Wal()
    with path.open("rb") as file:
        reader = _Reader(file)
        return _judged(list(reader.frames()), reader)


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Read bytes, fewer at the end of the file; zeros where the disk cannot read."""
    try:
        return os.pread(file.fileno(), size, offset)
    except OSError:
        return bytes(size)


class _Slot(NamedTuple):
    """A place for a frame: `own` if it is of this log's generation; `foreign` is what an older one left."""

    frame: Frame
    own: bool


class _Reader:
    """Reads a log front to back; what comes before a frame decides what its checksum must be.

    `sound` tells that the header is as it was written, `known` that it is, or could be put right.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        header = read_at(file, 0, _HEADER_BYTES)
        right = _right_header(header)
        self.sound, self.known = right == header, right is not None
        # Without a header the first frame tells what generation this is.
        self._salts = right[16:24] if right else read_at(file, _HEADER_BYTES, _FRAME_HEADER_BYTES)[8:16]
        self._order = _order(right or header)
        self._sums: tuple[Sums, ...] = (_checksum(right[:24], (0, 0), self._order),) if right else ()

    def frames(self) -> Iterator[_Slot]:
        """Give what stands in every place for a frame."""
        offset = _HEADER_BYTES
        proven = self.known
        while len(raw := read_at(self._file, offset, _FRAME_BYTES)) == _FRAME_BYTES:
            yield self._slot(raw, offset + _FRAME_HEADER_BYTES, proven=proven)
            proven = True
            offset += _FRAME_BYTES

    def _slot(self, raw: bytes, offset: int, *, proven: bool) -> _Slot:
        """Judge a frame; it was summed on from what the one before should have, or has, as its checksum."""
        stored: Sums = struct.unpack_from(">2I", raw, 16)
        summed = raw[:8] + raw[_FRAME_HEADER_BYTES:]
        number, size = struct.unpack_from(">2I", raw)
        frame = Frame(number, size, offset)
        salts_off = _differing(raw[8:16], self._salts)
        sums = [_checksum(summed, before, self._order) for before in (self._sums if proven else ())]
        self._sums = (stored,)
        if stored in sums and salts_off <= 1:
            return _Slot(frame._replace(changed=salts_off > 0), own=True)
        for actual in sums if salts_off == 0 else ():
            if changed := self._changed(frame, summed, actual, stored):
                return _Slot(changed, own=True)
        return _Slot(frame._replace(sound=False), own=salts_off == 0)

    def _changed(self, frame: Frame, summed: bytes, actual: Sums, stored: Sums) -> Frame | None:
        """Give the frame if the change of one byte explains its checksum; sound only if it is known which byte."""
        mended = _mended(summed, actual, stored, self._order)
        if _differing(struct.pack(">2I", *stored), struct.pack(">2I", *actual)) == 1:
            self._sums = (stored, actual)
            return frame._replace(sound=not mended, changed=True)
        if len(mended) != 1:
            return frame._replace(sound=False, changed=True) if mended else None
        number, size = struct.unpack_from(">2I", mended[0])
        return Frame(number, size, frame.offset, changed=True, content=mended[0][8:])


def _right_header(header: bytes) -> bytes | None:
    """Give the header as it was written, a single changed byte undone; None if it cannot be told."""
    stored: Sums = struct.unpack_from(">2I", header, 24)
    candidates = set()
    for order in "<>":
        actual = _checksum(header[:24], (0, 0), order)
        candidates |= {one for one in _mended(header[:24], actual, stored, order) if _order(one) == order}
        if _differing(header[24:], struct.pack(">2I", *actual)) <= 1 and _order(header) == order:
            candidates.add(header[:24])
    possible = [one for one in candidates if struct.unpack_from(">3I", one) in _BEGINNINGS]
    if len(possible) != 1:
        return None
    return possible[0] + struct.pack(">2I", *_checksum(possible[0], (0, 0), _order(possible[0])))


def _order(header: bytes) -> str:
    """Give the order of bytes that checksums are made with; the machine that wrote the log had its own."""
    return ">" if int.from_bytes(header[:4], "big") == _MAGIC + 1 else "<"


def _judged(slots: list[_Slot], reader: _Reader) -> Wal:
    """Tell a torn tail from damage, and keep what was committed."""
    kept = slots[: _last_synced(slots, header_known=reader.known) + 1]
    if not kept:
        return Wal()
    frames = tuple(slot.frame for slot in kept)
    if reader.sound and all(frame.sound and not frame.changed for frame in frames):
        return Wal(frames)
    return Wal(frames, _DAMAGED, blind=any(not slot.own for slot in kept))


def _last_synced(slots: list[_Slot], *, header_known: bool) -> int:
    """Give the place of the end of the last commit that was synced for certain, -1 if there is none.

    A commit with a broken frame was synced only if something was written behind it; the header is synced before all.
    Where a broken frame cannot be told to have ended a commit, two commits look like one.
    """
    written = [slot.own and (slot.frame.sound or slot.frame.changed) for slot in slots]
    ends = [place for place, slot in enumerate(slots) if slot.own and slot.frame.size]
    newest = max((place for place, whole in enumerate(written) if whole), default=-1)
    start, last = 0, -1
    for end in ends:
        whole = all(written[start : end + 1]) or (start == 0 and not header_known)
        if whole or newest > end:
            last = end
        start = end + 1
    return last


def _checksum(data: bytes, sums: Sums, order: str) -> Sums:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second


def _mended(data: bytes, actual: Sums, stored: Sums, order: str) -> list[bytes]:
    """Give what the data can have been if the change of one byte explains the checksum.

    The checksum is linear: going back from the end, the difference of the sums is undone pair by pair, until it is
    what a change of one word makes there. Changes of the highest byte of a word look alike in several places.
    """
    first, second = (stored[0] - actual[0]) & _MASK, (stored[1] - actual[1]) & _MASK
    found = []
    for place in range(len(data) - 8, -8, -8):
        for start, change, fits in ((place, first, first == second), (place + 4, second, first == 0)):
            if fits and change:
                (word,) = struct.unpack_from(f"{order}I", data, start)
                right = struct.pack(f"{order}I", (word + change) & _MASK)
                if _differing(right, data[start : start + 4]) == 1:
                    found.append(data[:start] + right + data[start + 4 :])
        first, second = (2 * first - second) & _MASK, (second - first) & _MASK
    return found


def _differing(one: bytes, other: bytes) -> int:
    return sum(left != right for left, right in zip(one, other, strict=True))
