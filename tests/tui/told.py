"""What a machine is told for a scene: its time, the room on its disk, how fast it sells, and whether it may start.

Scenes must come out alike whenever and wherever they are recorded. So the agent of a scene is the real one, on a
machine that takes its clock, its disk and its chance from a file (`told_agent`).
"""

import hashlib
import struct
import uuid
from pathlib import Path

FORM = struct.Struct("4d")
"""Wall time in seconds since 1970, free bytes, sales a second, and 0 while the database must not be opened."""


class Told:
    """The file, as whoever records a scene writes it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.wall = 0.0
        self.free = 3.4e9
        self.sales_per_second = 0.05
        self.may_open = True
        self.tell()

    def tell(self) -> None:
        """Have the machine take what stands here."""
        if not self.file.exists():
            self.file.write_bytes(bytes(FORM.size))
        with self.file.open("r+b") as file:
            file.write(FORM.pack(self.wall, self.free, self.sales_per_second, float(self.may_open)))


def told_id(kind: str, wall: float, number: int) -> str:
    """Give the id that is made then, as the one with this number since the agent started; it looks like any other."""
    digest = hashlib.sha256(f"{kind} {wall} {number}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
