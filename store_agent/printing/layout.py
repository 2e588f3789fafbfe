"""What stands on a printed receipt stub."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slip:
    """Plain lines, the address in the QR code, the words below it, and a mark on top such as REPRINT."""

    lines: tuple[str, ...]
    url: str
    caption: str
    mark: str = ""
