"""What a receipt printer has to print on, and what it can do."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper of a printer: millimetres wide, letters and dots a line, code page of its text.

    `native_qr`: the printer draws QR codes itself, in a few hundred bytes instead of some 10 kB. `module_dots` bounds
    the size of a module; with 8 dots a millimetre, as most printers have, 6 are 0.75 mm. `quiet_zone` is in modules.
    """

    width_mm: int = 80
    columns: int = 42
    code_page: str = "CP437"
    dots: int = 512
    native_qr: bool = True
    cut: bool = True
    module_dots: int = 6
    error_correction: Literal["L", "M", "Q", "H"] = "M"
    quiet_zone: int = 4


PAPERS = {58: Paper(width_mm=58, columns=32, dots=384), 80: Paper()}
"""The two common widths in millimetres, with what every printer for them has room for."""
