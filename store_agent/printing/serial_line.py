"""How a serial line is set up before something is printed over it (termios(3)).

What the settings do not name stays as the system has it (`stty`).
"""

import os
import termios

from store_agent.printing.printer import DeviceWay

_INPUT, _OUTPUT, _CONTROL, _LOCAL, _INPUT_SPEED, _OUTPUT_SPEED = range(6)
"""Where `termios.tcgetattr` keeps what."""


def set_up(handle: int, way: DeviceWay) -> None:
    """Set up a device that is a serial line; another one has nothing to set. Raises OSError and termios.error."""
    if not os.isatty(handle):
        return
    line = termios.tcgetattr(handle)
    # What draws a picture may look like the end of a line, and what the printer answers must not come back to it.
    line[_OUTPUT] &= ~termios.OPOST
    line[_LOCAL] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
    if way.baud is not None:
        line[_INPUT_SPEED] = line[_OUTPUT_SPEED] = getattr(termios, f"B{way.baud}")
    if way.flow_control is not None:
        line[_CONTROL] = _with(line[_CONTROL], termios.CRTSCTS, wanted=way.flow_control == "rtscts")
        line[_INPUT] = _with(line[_INPUT], termios.IXON, wanted=way.flow_control == "xonxoff")
    termios.tcsetattr(handle, termios.TCSANOW, line)


def _with(flags: int, flag: int, *, wanted: bool) -> int:
    return flags | flag if wanted else flags & ~flag
