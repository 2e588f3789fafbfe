"""Printers, and how long what cannot be printed is kept."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from store_agent.config.section import Seconds, Section, Text
from store_agent.printing.printer import Baud, FlowControl

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(
            "its name must be 1 to 64 letters, digits, dots, dashes or underscores, and begin with a letter or digit"
        )
    return name


Name = Annotated[str, AfterValidator(_plain)]
"""How printers may be called; terminals likewise."""


class Printer(Section):
    """A receipt printer that speaks ESC/POS.

    `terminals` are those whose receipts come out here unless they name another printer. Without it, it is the printer
    of all others; with none in it, the printer of nobody, who must be named. `baud` (bits a second) and `flow_control`
    are set on a serial line; without them, it stays as the system has it.
    """

    kind: Literal["network", "device", "file"]
    host: Text | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] = 9100
    path: Path | None = None
    baud: Baud | None = None
    flow_control: FlowControl | None = None
    width_mm: Literal[80, 58] = 80
    code_page: Text = "CP437"
    native_qr: bool = True
    cut: bool = True
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    terminals: tuple[Name, ...] | None = None

    @model_validator(mode="after")
    def _kind_has_its_address(self) -> "Printer":
        if self.kind == "network":
            if self.host is None or self.path is not None:
                raise ValueError('a printer of the kind "network" needs a host, and no path')
        elif self.path is None or self.host is not None:
            raise ValueError(f'a printer of the kind "{self.kind}" needs a path, and no host')
        elif not self.path.is_absolute():
            raise ValueError("path must begin with /")
        if self.kind != "device" and (self.baud is not None or self.flow_control is not None):
            raise ValueError('baud and flow_control are for a printer of the kind "device" on a serial line')
        return self


class Printing(Section):
    """The queue of what is to be printed."""

    retry_seconds: Seconds = 10.0
    keep_jobs_max: Annotated[int, Field(ge=1, le=10_000)] = 200
    keep_hours: Annotated[float, Field(gt=0, le=720)] = 1.0


def ambiguous(printers: Mapping[str, Printer]) -> str:
    """Say why it is not clear where a terminal's receipts come out; empty if it is."""
    others = [name for name, printer in printers.items() if printer.terminals is None]
    if len(others) > 1:
        return (
            f"printers {' and '.join(others)} have no terminals, and only one can be the printer of all others; name "
            "the terminals of each, or set terminals = [] for a printer that is only used by its name"
        )
    named = Counter(terminal for printer in printers.values() for terminal in printer.terminals or ())
    twice = [terminal for terminal, times in named.items() if times > 1]
    return f"{twice[0]} is among the terminals twice; its receipts come out of one printer" if twice else ""
