"""A small ext4 on a loop device whose power can be cut: what was not synced is gone after the next mount."""

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IMAGE_BYTES = 512 * 1024 * 1024
"""Room enough for the agent not to call the disk full; the file has holes and takes little."""

COMMIT_SECONDS = 120
"""ext4 writes what was not synced after this time; longer than a test takes, so that only syncs make durable."""

_SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN, linux/fs/ext4/ext4.h."""

_NO_LOG_FLUSH = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more is written, not even the file system's own journal."""

_TOOLS = ("mkfs.ext4", "mount", "umount")


class NotHere(Exception):
    """This machine cannot do that; says what is missing."""


class Ext4:
    """The file system, mounted at `path`."""

    def __init__(self, image: Path, path: Path) -> None:
        self._image = image
        self.path = path

    def mount(self) -> None:
        _run("mount", "-t", "ext4", "-o", f"loop,commit={COMMIT_SECONDS}", str(self._image), str(self.path))

    def cut_power(self) -> None:
        """From now on nothing reaches the disk any more; whoever tries is told of an error."""
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def unmount(self) -> None:
        _run("umount", str(self.path))


@contextmanager
def ext4_disk(directory: Path) -> Iterator[Ext4]:
    """Make and mount a disk for as long as the context lasts. Raises NotHere."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0 or missing:
        raise NotHere(f"{', '.join(missing)} not installed" if missing else "only root can mount file systems")
    image, path = directory / "disk.img", directory / "disk"
    with image.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    path.mkdir()
    _run("mkfs.ext4", "-q", str(image))
    disk = Ext4(image, path)
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotHere(f"{command[0]} does not work here: {done.stderr.strip()}")
