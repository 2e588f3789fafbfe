"""What the disk alone costs: append some bytes to a file and have them confirmed, again and again.

As a program (FILE COUNT BYTES) it prints the seconds of each, so that it can run under another disk.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

SYNCS: dict[str, Callable[[int], None]] = {"fsync": os.fsync, "fdatasync": os.fdatasync}


def append(path: Path, sync: Callable[[int], None], count: int, size: int) -> list[float]:
    """Append `count` times `size` bytes; gives the seconds of each."""
    block = b"x" * size
    seconds = []
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for _ in range(count):
            begin = time.perf_counter()
            os.write(descriptor, block)
            sync(descriptor)
            seconds.append(time.perf_counter() - begin)
    finally:
        os.close(descriptor)
        path.unlink()
    return seconds


if __name__ == "__main__":
    name, count, size = sys.argv[1:]
    print(json.dumps(append(Path(name), os.fsync, int(count), int(size))))
