"""A receipt printer as far as stubs need one: reads ESC/POS byte by byte, and knows no other command.

Source: Epson's ESC/POS command reference. Whatever is not expected raises, so that a byte of somebody else's text that
acts as a command is found.
"""

from dataclasses import dataclass, field


class NotOurs(AssertionError):
    """A byte that no stub has a reason to send."""


@dataclass
class Printed:
    """What came out: lines of text as bytes, QR codes the printer drew, pictures as rows of dots, and the commands."""

    lines: list[bytes] = field(default_factory=list)
    drawn: list[dict[str, object]] = field(default_factory=list)
    pictures: list[list[list[bool]]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    page: int | None = None
    cut: bool = False


class ReceiptPrinter:
    """Reads the bytes of one job."""

    def __init__(self, job: bytes) -> None:
        self._job = job
        self._at = 0
        self._line = b""
        self._code: dict[str, object] = {}
        self._printed = Printed()

    def run(self) -> Printed:
        while self._at < len(self._job):
            byte = self._take(1)[0]
            if byte == 0x0A:
                self._printed.lines.append(self._line)
                self._line = b""
            elif byte in (0x1B, 0x1C, 0x1D):
                self._command(byte)
            elif byte < 0x20 or byte == 0x7F:
                raise NotOurs(f"{byte:#04x} at {self._at - 1}")
            else:
                self._line += bytes([byte])
        assert not self._line
        return self._printed

    def _take(self, count: int) -> bytes:
        taken = self._job[self._at : self._at + count]
        if len(taken) != count:
            raise NotOurs("a command without its end")
        self._at += count
        return taken

    def _command(self, lead: int) -> None:
        name = bytes([lead]) + self._take(1)
        shown = {0x1B: "ESC", 0x1C: "FS", 0x1D: "GS"}[lead] + " " + name[1:].decode("latin-1")
        self._printed.commands.append(shown)
        match name:
            case b"\x1b@" | b"\x1c.":
                pass
            case b"\x1bt":
                self._printed.page = self._take(1)[0]
            case b"\x1ba" | b"\x1bE" | b"\x1bd":
                self._take(1)
            case b"\x1dV":
                assert self._take(1) in (b"\x00", b"\x01")
                self._printed.cut = True
            case b"\x1d(":
                self._two_dimensional()
            case b"\x1dv":
                self._picture()
            case _:
                raise NotOurs(shown)

    def _two_dimensional(self) -> None:
        if self._take(1) != b"k":
            raise NotOurs("GS ( of another kind")
        low, high = self._take(2)
        kind, function, *rest = self._take(low + 256 * high)
        assert kind == ord("1")
        values = bytes(rest)
        match function:
            case 65:
                self._code = {"model": values[0] - 48}
            case 67:
                self._code["dots"] = values[0]
            case 69:
                self._code["level"] = "LMQH"[values[0] - 48]
            case 80:
                assert values[:1] == b"0"
                self._code["data"] = values[1:]
            case 81:
                assert values == b"0"
                self._printed.drawn.append(self._code)
            case _:
                raise NotOurs(f"GS ( k {function}")

    def _picture(self) -> None:
        assert self._take(2) == b"0\x00"
        width, height = (int.from_bytes(self._take(2), "little") for _ in range(2))
        rows = [self._take(width) for _ in range(height)]
        dots = [[bool(byte >> bit & 1) for byte in row for bit in range(7, -1, -1)] for row in rows]
        self._printed.pictures.append(dots)


def printed(job: bytes) -> Printed:
    return ReceiptPrinter(job).run()
