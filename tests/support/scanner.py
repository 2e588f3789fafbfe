"""What a phone would read: zxing-cpp, which shares nothing with what draws the codes."""

import io

import resvg_py
import zxingcpp
from PIL import Image

from store_agent.printing.qr import _HALVES


def scan(image: Image.Image) -> str:
    """Give the content of the one code in a picture."""
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    return str(found.text)


def level_of(image: Image.Image) -> str:
    """Give the error correction of the code in a picture."""
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    return str(found.ec_level)


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def rasterised(svg: bytes) -> Image.Image:
    """Draw an SVG as resvg does."""
    return picture(bytes(resvg_py.svg_to_bytes(svg_string=svg.decode())))


def enlarged(image: Image.Image) -> Image.Image:
    """Come closer, as a phone does with a code whose modules are single pixels."""
    return image.resize((image.width * 3, image.height * 3), Image.Resampling.NEAREST)


def from_dots(rows: list[list[bool]], scale: int = 1) -> Image.Image:
    """Make a picture of dots; True is dark."""
    image = Image.new("L", (len(rows[0]), len(rows)))
    image.putdata([0 if dot else 255 for row in rows for dot in row])
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def from_blocks(lines: list[str]) -> Image.Image:
    """Make a picture of block letters in light ink on a dark ground."""
    halves = {letter: pair for pair, letter in _HALVES.items()}
    rows = [[halves[letter][half] for letter in line] for line in lines for half in (0, 1)]
    return from_dots(rows, scale=4)


def blocks_of(text: str) -> list[str]:
    """Find the lines of a code in a text."""
    return [line.strip(" ") for line in text.splitlines() if "█" in line]
