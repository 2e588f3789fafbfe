"""The disks that a power cut can leave: what was synced, and of the rest what chance keeps."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from random import Random

from tests.power.recording import Names, Op, Sync, SyncNames, Truncate, Write

SECTOR_BYTES = 512
"""What a disk writes whole."""


class Fate(StrEnum):
    """What becomes of operations that no sync has covered."""

    ALL_KEPT = "all kept"
    ALL_DROPPED = "all dropped"
    HALF_DROPPED = "a random half dropped"
    TORN = "a random half dropped, the last write torn"


def images(ops: Sequence[Op], fate: Fate, chance: Random) -> dict[str, bytes]:
    """Give the files that are there after a power cut that followed `ops`."""
    synced = {op.file: place for place, op in enumerate(ops) if isinstance(op, Sync)}
    contents: dict[int, bytearray] = {}
    last = max((place for place, op in enumerate(ops) if isinstance(op, Write)), default=-1)
    for place, op in enumerate(ops):
        if not isinstance(op, Write | Truncate):
            continue
        contents.setdefault(op.file, bytearray())
        if place <= synced.get(op.file, -1):
            _apply(op, contents[op.file])
        elif fate is Fate.TORN and place == last and isinstance(op, Write):
            _apply(_torn(op, chance), contents[op.file])
        elif _keeps(fate, chance):
            _apply(op, contents[op.file])
    return {name: bytes(contents.get(file, b"")) for name, file in _names(ops, fate, chance).items()}


def put(files: dict[str, bytes], directory: Path) -> None:
    """Write an image to a directory that holds nothing else."""
    directory.mkdir(mode=0o700)
    for name, content in files.items():
        (directory / name).write_bytes(content)


def _names(ops: Sequence[Op], fate: Fate, chance: Random) -> dict[str, int]:
    """Give the names; changes become durable in order, so that chance keeps the first so many of the unsynced ones."""
    durable = max((place for place, op in enumerate(ops) if isinstance(op, SyncNames)), default=-1)
    changes = [(place, op) for place, op in enumerate(ops) if isinstance(op, Names)]
    certain = sum(place < durable for place, _ in changes)
    open_ = len(changes) - certain
    kept = {Fate.ALL_KEPT: open_, Fate.ALL_DROPPED: 0}.get(fate, chance.randint(0, open_))
    names: dict[str, int] = {}
    for _, op in changes[: certain + kept]:
        for name, file in op.changes.items():
            if file is None:
                names.pop(name, None)
            else:
                names[name] = file
    return names


def _keeps(fate: Fate, chance: Random) -> bool:
    return fate is Fate.ALL_KEPT or (fate is not Fate.ALL_DROPPED and chance.random() < 0.5)


def _torn(write: Write, chance: Random) -> Write:
    sectors = chance.randint(0, len(write.data) // SECTOR_BYTES)
    return write._replace(data=write.data[: sectors * SECTOR_BYTES])


def _apply(op: Write | Truncate, content: bytearray) -> None:
    if isinstance(op, Truncate):
        del content[op.size :]
        content.extend(bytes(op.size - len(content)))
        return
    content.extend(bytes(max(0, op.offset + len(op.data) - len(content))))
    content[op.offset : op.offset + len(op.data)] = op.data
