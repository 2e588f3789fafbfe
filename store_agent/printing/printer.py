"""A printer as it is set up, whatever way leads to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from store_agent.printing.paper import Paper

Baud = Literal[4_800, 9_600, 19_200, 38_400, 57_600, 115_200]
FlowControl = Literal["none", "rtscts", "xonxoff"]


@dataclass(frozen=True, slots=True)
class NetworkWay:
    """A printer that listens for raw bytes, mostly on port 9100."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DeviceWay:
    """A printer behind a device file of USB or of a serial line.

    `baud` (bits a second) and `flow_control` are set on a serial line at each job; None leaves what the system has.
    """

    path: Path
    baud: Baud | None = None
    flow_control: FlowControl | None = None

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class FileWay:
    """A file that everything is put behind."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


Way = NetworkWay | DeviceWay | FileWay


@dataclass(frozen=True, slots=True)
class Printer:
    """`timeout` is the time for each step of printing, in seconds.

    `terminals` are those whose receipts come out here unless they name another one; None: those of no other printer.
    """

    name: str
    way: Way
    paper: Paper
    timeout: float = 5.0
    terminals: tuple[str, ...] | None = None

    @property
    def kind(self) -> str:
        """Name the way as the configuration does."""
        return {NetworkWay: "network", DeviceWay: "device", FileWay: "file"}[type(self.way)]
