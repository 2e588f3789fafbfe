"""Ways in which a disk loses its memory. Each changes the files of a directory; chance is an argument."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from store_agent.storage.database import FILE_NAME

PAGE = 4_096
FRAME = PAGE + 24
LOG = FILE_NAME + "-wal"

Damage = Callable[[Path, Random], None]


def _target(directory: Path, chance: Random) -> Path:
    files = [file for file in (directory / FILE_NAME, directory / LOG) if file.exists() and file.stat().st_size]
    return chance.choices(files, [file.stat().st_size for file in files])[0]


def _pages(file: Path) -> tuple[int, int]:
    """Give the first page's offset and the distance of pages."""
    return (32 + 24, FRAME) if file.name == LOG else (0, PAGE)


def _write(file: Path, offset: int, content: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(offset)
        opened.write(content)


def _any_page(file: Path, chance: Random) -> int:
    first, step = _pages(file)
    return first + step * chance.randrange(max(1, (file.stat().st_size - first) // step))


def flip_bytes(directory: Path, chance: Random, most: int = 1) -> None:
    for _ in range(chance.randint(1, most)):
        file = _target(directory, chance)
        offset = chance.randrange(file.stat().st_size)
        was = file.read_bytes()[offset]
        _write(file, offset, bytes([was ^ chance.randint(1, 255)]))


def flip_a_bit(directory: Path, chance: Random) -> None:
    file = _target(directory, chance)
    offset = chance.randrange(file.stat().st_size)
    _write(file, offset, bytes([file.read_bytes()[offset] ^ 1 << chance.randrange(8)]))


def flip_several(directory: Path, chance: Random) -> None:
    flip_bytes(directory, chance, most=20)


def flip_in_the_file(directory: Path, chance: Random) -> None:
    file = directory / FILE_NAME
    offset = chance.randrange(file.stat().st_size)
    _write(file, offset, bytes([file.read_bytes()[offset] ^ chance.randint(1, 255)]))


def zero_a_page(directory: Path, chance: Random) -> None:
    file = _target(directory, chance)
    _write(file, _any_page(file, chance), bytes(PAGE))


def garble_a_page(directory: Path, chance: Random) -> None:
    file = _target(directory, chance)
    _write(file, _any_page(file, chance), chance.randbytes(PAGE))


def garble_a_sector(directory: Path, chance: Random) -> None:
    file = _target(directory, chance)
    _write(file, chance.randrange(file.stat().st_size // 512) * 512, chance.randbytes(512))


def swap_pages(directory: Path, chance: Random) -> None:
    file = directory / FILE_NAME
    content = file.read_bytes()
    one, other = (PAGE * chance.randrange(len(content) // PAGE) for _ in range(2))
    _write(file, one, content[other : other + PAGE])
    _write(file, other, content[one : one + PAGE])


def cut_the_file(directory: Path, chance: Random) -> None:
    file = directory / FILE_NAME
    with file.open("r+b") as opened:
        opened.truncate(chance.randrange(file.stat().st_size))


def lose_the_file(directory: Path, chance: Random) -> None:
    (directory / FILE_NAME).unlink()


SMALL = (flip_bytes, flip_a_bit, flip_in_the_file)
"""Changes of one byte: found wherever they matter."""

DAMAGES: dict[str, Damage] = {
    "a byte": flip_bytes,
    "a bit": flip_a_bit,
    "a byte of the file": flip_in_the_file,
    "up to 20 bytes": flip_several,
    "a page of zeros": zero_a_page,
    "a page of garbage": garble_a_page,
    "a sector of garbage": garble_a_sector,
    "two pages swapped": swap_pages,
    "the file cut": cut_the_file,
    "the file gone": lose_the_file,
}
