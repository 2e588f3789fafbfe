"""Every screen and every question looks as it did when somebody last looked at it, at both sizes.

The pictures are kept as text (`Picture.text`): letters, styles, and which letters have which; as SVG they would take
ten times the room and no difference could be read. One that differs is drawn into `tests/tui/differing/`. To accept
what is seen there: `python -m pytest tests/tui/test_pictures.py --snapshot-update`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from store_agent.tui.panes.table import PANES
from tests.tui.gallery import LARGE, SHOTS, SMALL, Shot, shoot
from tests.tui.picture import Picture
from tests.tui.pictures import DIRECTORY, DRAWN
from tests.tui.sitting import elsewhere

DIFFERING = Path(__file__).parent / "differing"
KEPT = Path(__file__).parent / "__snapshots__" / "test_pictures"
MONOCHROME = ("overview-offline", "overview-full", "queue-offline", "attention-parked", "dialog-discard-parked")
BYTES_MAX = 2_500_000
"""Of all pictures together, so that they stay a small part of the repository."""


class Pictures(SingleFileSnapshotExtension):
    """One file a picture."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Pictures)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    with elsewhere():
        yield


def compare(picture: Picture, snapshot: SnapshotAssertion, name: str) -> None:
    """Compare with what is kept; what differs is drawn where it is found."""
    drawn = DIFFERING / f"{name}.svg"
    drawn.unlink(missing_ok=True)
    if picture.text != snapshot:
        DIFFERING.mkdir(exist_ok=True)
        drawn.write_text(picture.svg(name), encoding="utf-8")
        pytest.fail(
            f"{name} looks different: see {drawn}. If it is better so: "
            f"python -m pytest tests/tui/test_pictures.py --snapshot-update -k {name}\n"
            + "\n".join(snapshot.get_assert_diff())
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that is kept."""

    shot: Shot
    size: tuple[int, int]
    colours: bool = True

    @property
    def name(self) -> str:
        return f"{self.shot.name}-{self.size[0]}x{self.size[1]}{'' if self.colours else '-monochrome'}"

    @property
    def file(self) -> Path:
        return KEPT / f"test_a_screen_looks_as_it_did[{self.name}].txt"

    @property
    def seen(self) -> list[str]:
        """Give the lines of the picture that is kept."""
        return self.file.read_text(encoding="utf-8").partition("\n\nSTYLES\n")[0].split("\n")


SMALLS = [Wanted(shot, SMALL) for shot in SHOTS]
WANTED = [
    *SMALLS,
    *(Wanted(shot, LARGE) for shot in SHOTS),
    *(Wanted(shot, SMALL, colours=False) for shot in SHOTS if shot.name in MONOCHROME),
]


def name_of(wanted: Wanted) -> str:
    return wanted.name


@pytest.mark.parametrize("wanted", WANTED, ids=name_of)
async def test_a_screen_looks_as_it_did(
    wanted: Wanted, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not wanted.colours:
        monkeypatch.setenv("NO_COLOR", "1")
    compare(await shoot(wanted.shot, wanted.size), snapshot, wanted.name)


async def test_another_word_or_another_colour_would_be_noticed() -> None:
    wanted = next(one for one in WANTED if one.shot.name == "overview-offline")
    picture = await shoot(wanted.shot, wanted.size)
    kept = wanted.file.read_text(encoding="utf-8")
    assert picture.text == kept
    assert reworded(picture).text != kept
    assert recoloured(picture).text != kept


@pytest.mark.parametrize("wanted", [one for one in WANTED if not one.colours], ids=name_of)
async def test_without_colours_there_is_none(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    picture = await shoot(wanted.shot, wanted.size)
    styles = [segment.style for row in picture.rows for segment in row if segment.style]
    colours = [
        colour for style in styles for colour in (style.color, style.bgcolor) if colour and not colour.is_default
    ]
    assert all(len(set(colour.get_truecolor())) == 1 for colour in colours), "grey is all there is"


def reworded(picture: Picture) -> Picture:
    return Picture(tuple(tuple(_with(one, one.text.replace("Yes", "yes")) for one in row) for row in picture.rows))


def recoloured(picture: Picture) -> Picture:
    first, *rest = picture.rows
    return Picture((tuple(Segment(one.text, (one.style or Style()) + Style(color="red")) for one in first), *rest))


def _with(segment: Segment, text: str) -> Segment:
    return Segment(text, segment.style)


QUESTIONS = ("Are sales safe?", "How many wait?", "Since when?", "What must I do?")
LAST_LINE = 16
"""By which what is to be done must begin; the frame and a few lines of it need the rest."""


@pytest.mark.parametrize("wanted", [one for one in SMALLS if one.name.startswith("overview")], ids=name_of)
def test_the_four_answers_are_seen_without_scrolling(wanted: Wanted) -> None:
    places = [[place for place, line in enumerate(wanted.seen) if asked in line] for asked in QUESTIONS]
    assert all(len(found) == 1 for found in places), "every question is seen"
    assert all(wanted.seen[place][20:].strip() for found in places for place in found), "and has an answer"
    assert places[-1][0] <= LAST_LINE


@pytest.mark.parametrize("wanted", [one for one in SMALLS if "dialog" not in one.name], ids=name_of)
def test_no_word_is_cut_where_it_matters(wanted: Wanted) -> None:
    heading, ways, *_ = wanted.seen
    assert heading.endswith("14:32"), "the heading is whole"
    assert re.findall(r"\d (\w+)", ways) == [pane.short for pane in PANES], "so are the ways to the screens"


def test_the_pictures_are_all_in_use_and_small() -> None:
    assert {path.name for path in KEPT.iterdir()} == {one.file.name for one in WANTED}
    assert sum(path.stat().st_size for path in KEPT.iterdir()) < BYTES_MAX


def test_the_pictures_of_the_readme_are_there_and_need_nothing_from_elsewhere() -> None:
    readme = (DIRECTORY.parents[1] / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\(docs/pictures/(\S+\.svg)\)", readme))
    assert shown <= {f"{name}.svg" for name in DRAWN}
    for file in (DIRECTORY / name for name in shown):
        addresses = re.findall(r"[a-z]+://[^\"'\s<)]+", file.read_text(encoding="utf-8"))
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, file
