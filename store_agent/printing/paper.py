"""The paper of a printer, and what the printer can do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paper:
    """Width in millimetres, columns of letters and dots; QR codes by modules of so many dots."""

    width_mm: int = 80
    columns: int = 42
    code_page: str = "CP437"
    dots: int = 512
    native_qr: bool = True
    cut: bool = True
    module_dots: int = 6
    error_correction: str = "M"
    quiet_zone: int = 4
