"""What must be on the disk before anything else is done."""

import os
from pathlib import Path


def write_through(path: Path) -> None:
    """Have a file, or the names in a directory, on the disk before anything else is done. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
