"""Room on the disk, what kind of disk it is, and whether it keeps what it is given."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from store_agent.agent.doctor.finding import Finding, not_checked, ok, problem, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.config.settings import Storage
from store_agent.domain.space import Levels, Room, plan
from store_agent.storage.reserve import Reserve

SLOW_SECONDS = 1.0
"""A sync that takes longer is felt at the till; a store's disk needs a few thousandths of a second."""

MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "virtiofs"}
_MEMORY = {"tmpfs", "ramfs"}


def check(subject: Subject) -> Iterator[Finding]:
    """Look at the disk below the storage directory."""
    storage = subject.settings.storage
    there = next(path for path in (storage.directory, *storage.directory.absolute().parents) if path.exists())
    yield _room(storage, there)
    yield _kind(there)
    yield _sync(there) if there == storage.directory else not_checked("disk.sync", "The directory does not exist yet.")


def _room(storage: Storage, there: Path) -> Finding:
    name = "disk.room"
    found = os.statvfs(there)
    free = found.f_bavail * found.f_frsize
    held = Reserve(storage.directory, storage.reserve_bytes).held
    levels = Levels(storage.free_min_bytes, storage.free_warn_bytes, storage.reserve_bytes)
    room = plan(Room.PLENTY, free, levels, reserve=held).room
    words = f"{_mb(free)} are free on the disk of {there}"
    reserve = f"{_mb(storage.reserve_bytes)} of reserve are {'kept' if held else 'not kept yet'}"
    cure = "Delete what is not needed on this machine, or give it a larger disk."
    if room is Room.FULL:
        meaning = "New sales are refused until there is room; sales taken before go on being sent."
        return problem(name, f"{words}; {_mb(levels.refuse)} are needed, and {reserve}.", meaning, cure)
    if room is Room.LOW:
        meaning = f"Sales go on, and are refused below {_mb(levels.refuse)}."
        return warning(name, f"{words}; below {_mb(levels.warn)} it is getting full.", meaning, cure)
    return ok(name, f"{words}; {reserve}.")


def _kind(there: Path) -> Finding:
    name = "disk.kind"
    kind = file_system(there.resolve(), MOUNTS.read_text(encoding="utf-8"))
    cure = "Put storage.directory on a disk of this machine."
    if kind in _NETWORK:
        meaning = "Sales may be damaged or lost: locks and syncs are not reliable over a network."
        return warning(name, f"{there} lies on a network file system ({kind}).", meaning, cure)
    if kind in _MEMORY:
        meaning = "Sales that are not sent yet are lost when the machine is switched off."
        return warning(name, f"{there} lies in memory and not on a disk ({kind}).", meaning, cure)
    return ok(name, f"The file system is {kind}.")


def file_system(path: Path, mounts: str) -> str:
    """Give the kind of file system of an absolute path, by the text of /proc/self/mountinfo (proc(5))."""
    kind, length = "unknown", 0
    for line in mounts.splitlines():
        fields, _, source = line.partition(" - ")
        point = fields.split(" ")[4].encode().decode("unicode_escape")
        if path.is_relative_to(point) and len(point) >= length:
            kind, length = source.split(" ")[0], len(point)
    return kind


def _sync(directory: Path) -> Finding:
    name = "disk.sync"
    began = time.monotonic()
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"store-agent doctor")
            file.flush()
            os.fsync(file.fileno())
    except PermissionError:
        return not_checked(name, "Only the agent's user can write there; run this as that user.")
    except OSError as error:
        meaning = "Sales cannot be kept, and are refused."
        cure = "Look at the machine's log (journalctl -k) for errors of the disk."
        return problem(name, f"The disk does not take a small file ({error.strerror}).", meaning, cure)
    took = time.monotonic() - began
    if took > SLOW_SECONDS:
        meaning = "Each sale waits for the disk; the tills feel slow."
        return warning(name, f"The disk took {took:.1f} seconds for a small file.", meaning, "Look what else uses it.")
    return ok(name, f"A small file was on the disk after {took * 1000:.1f} ms.")


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
